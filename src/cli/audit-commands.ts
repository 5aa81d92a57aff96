import type { Command } from "commander";
import type { AuditLogEntry, AuditLogPage } from "../account-functions/audit-log.js";
import type { EventName } from "../events.js";
import { plain } from "./account-text.js";
import { type AccountOptions, withAuth } from "./open-accounts.js";

interface AuditOptions extends AccountOptions {
  readonly account?: string;
  readonly event: readonly EventName[];
  readonly from?: string;
  readonly to?: string;
  readonly limit: string;
  readonly after?: string;
}

/** Adds `keyturn audit list`. `configOptions`: the options of every command that reads a configuration. */
export function addAuditCommands(program: Command, configOptions: (command: Command) => Command): void {
  const group = program.command("audit").description("read the audit log (auditLog: true)");
  configOptions(group.command("list").description("list what happened, the newest first, page by page"))
    .option("-m, --model <name>", "what happened to this kind of account")
    .option("-a, --account <account>", "what happened to this account: its id, or its e-mail address")
    .option("-e, --event <name>", "only events of this name; may be given several times", collect, [])
    .option("--from <time>", 'from this moment on, such as "2026-01-31" or "2026-01-31T12:00:00Z"')
    .option("--to <time>", "before this moment")
    .option("--limit <number>", "entries on a page, 1 to 1000", "50")
    .option("--after <id>", "the last entry of the page before")
    .option("--json", "print JSON")
    .action((options: AuditOptions) => listEntries(options));
}

async function listEntries({ account, event, from, to, limit, after, ...options }: AuditOptions) {
  const page = await withAuth(options, { mails: false }, async (opened) => {
    const { auth } = opened;
    // An id is enough, also of an account that was deleted.
    const model = account === undefined ? options.model : opened.needModel();
    const accountId = account?.includes("@") ? (await opened.find(account)).id : account;
    return auth.auditLog.list({
      model,
      accountId,
      from,
      to,
      after,
      names: event.length > 0 ? event : undefined,
      limit: Number(limit),
    });
  });
  console.log(options.json ? JSON.stringify(page, null, 2) : sayPage(page));
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** A line for each entry, with what the next page takes. */
function sayPage({ entries, next }: AuditLogPage): string {
  const more = next === undefined ? "" : ` The next page: --after ${next}`;
  return [
    ...entries.map(sayEntry),
    `${entries.length} ${entries.length === 1 ? "entry" : "entries"}.${more}`,
  ].join("\n");
}

function sayEntry({ at, name, times, model, accountId, actor, address, reason }: AuditLogEntry): string {
  const parts = [
    at,
    times > 1 ? `${name} × ${times}` : name,
    [model, accountId].filter((part) => part !== undefined).join(" "),
    address ?? "",
    reason ?? "",
    actor === undefined ? "" : `by ${actor.kind}${actor.name === undefined ? "" : ` ${actor.name}`}`,
  ];
  return plain(parts.filter((part) => part !== "").join("  "));
}

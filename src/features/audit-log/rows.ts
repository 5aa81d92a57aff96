import type { AuditRow, AuditTerm } from "../../database/audit-port.js";
import { randomBytes } from "../../engine/random.js";
import type { AuthEvent } from "../../events.js";
import { oneLine } from "../../texts/one-line.js";
import { addressKey } from "../address-key.js";
import { auditKinds } from "./kinds.js";

/** Milliseconds in which what is alike shares a row. */
const hour = 60 * 60_000;
/** Whoever has one address of IPv6 has as many as this leaves open. */
const ipv6Prefix = 64;

/** Makes ids that begin with a time; those of one moment stand in the order in which they were made (RFC 9562 §6.2, method 1). */
export function createAuditIds(): (at: number) => string {
  let [latest, made] = [0, 0];
  return (at) => {
    made = at === latest ? made + 1 : 0;
    latest = at;
    const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
    return `${hex(at, 12)}${hex(made & 0xffff, 4)}${randomBytes(8).toString("hex")}`;
  };
}

/** The row that an event becomes. */
export function rowOf(event: AuthEvent, newId: (at: number) => string): AuditRow {
  const at = Date.parse(event.at);
  return {
    id: newId(at),
    term: termOf(event),
    at,
    times: 1,
    lastAt: at,
    name: event.name,
    owasp: event.owasp,
    model: textOf(event.model, 64),
    accountId: textOf(event.accountId, 64),
    client: textOf(event.client, 64),
    address: textOf(event.address, 64),
    userAgent: textOf(event.userAgent, 512),
    reason: textOf(event.reason, 255),
    actorKind: textOf(event.actor?.kind, 8),
    actorName: textOf(event.actor?.name, 255),
  };
}

/** What all have in common that share a row; `undefined` for an event that has a row of its own. The user agent is not in it: it is free to choose. */
export function foldOf({ name, actor }: AuthEvent, row: AuditRow): string | undefined {
  if (auditKinds[name] !== "refusal" || isOperators(actor)) return undefined;
  const { model, accountId, client, address, reason } = row;
  const from = address === null ? null : addressKey(address, ipv6Prefix);
  return JSON.stringify([Math.floor(row.at / hour), name, model, accountId, client, from, reason]);
}

function termOf({ name, actor }: AuthEvent): AuditTerm {
  if (name === "account.deleted") return "deletion";
  return auditKinds[name] === "change" || isOperators(actor) ? "change" : "attempt";
}

/** Whether an event is the work of the app's own code, or of somebody at the command line. */
function isOperators(actor: AuthEvent["actor"]): boolean {
  return actor !== undefined && actor.kind !== "owner";
}

/** As its column can hold it: one line that ends between two characters. */
function textOf(value: string | undefined, longest: number): string | null {
  return value === undefined
    ? null
    : oneLine(value)
        .slice(0, longest)
        .replace(/[\ud800-\udbff]$/, "");
}

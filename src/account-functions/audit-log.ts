import type { ModelsConfig } from "../accounts/models.js";
import type { AuditRow } from "../database/audit-port.js";
import { type Actor, type AuthEvent, type EventName, eventTable } from "../events.js";
import { needObject } from "./arguments.js";
import { idOf, type OpenRuntime } from "./find.js";

/** What your own code can read of the audit log (`auditLog: true`). */
export interface AuditLogFunctions<M extends ModelsConfig> {
  /**
   * A page of the audit log, the newest entries first. A page goes on behind an entry, so that none is left out or shown twice while others are
   * written. An event is there a second after it happened. Throws a TypeError for what cannot be asked, and where `auditLog` is off.
   *
   * @example
   * const { entries, next } = await auth.auditLog.list({ model: "user", accountId: 7, names: ["sign_in.failed"] });
   */
  list(query?: AuditLogQuery<M>): Promise<AuditLogPage>;
}

export interface AuditLogQuery<M extends ModelsConfig> {
  /** Entries that name this model. */
  readonly model?: (keyof M & string) | undefined;
  /** Entries of one account: needs `model`. Of an account that was deleted too. */
  readonly accountId?: number | bigint | string | undefined;
  /** Entries of these events. */
  readonly names?: readonly EventName[] | undefined;
  /** Entries from this moment on, and before that one: a Date, or a text in ISO 8601 such as `"2026-01-31"` or `"2026-01-31T12:00:00Z"`. */
  readonly from?: Date | string | undefined;
  readonly to?: Date | string | undefined;
  /** The last entry of the page before: what it says as `next`. */
  readonly after?: string | undefined;
  /** Entries on a page, 1 to 1000. Default `50`. */
  readonly limit?: number | undefined;
}

/** An event as the audit log keeps it. */
export interface AuditLogEntry extends AuthEvent {
  readonly id: string;
  /** How often the same happened within an hour: since `at`, and for the last time at `lastAt`. */
  readonly times: number;
  readonly lastAt: string;
}

export interface AuditLogPage {
  readonly entries: readonly AuditLogEntry[];
  /** What the next page takes as `after`; `undefined`: this is the last. */
  readonly next: string | undefined;
}

const mostOfAPage = 1000;
const known = ["model", "accountId", "names", "from", "to", "after", "limit"];

export function createAuditLogFunctions<M extends ModelsConfig>(open: OpenRuntime): AuditLogFunctions<M> {
  return {
    async list(query = {}) {
      const { services, registry, settings } = await open();
      if (settings.auditLog === false) throw new TypeError("The configuration needs auditLog: true for this");
      needObject("query", query);
      // A misspelt name would show what nobody asked for.
      for (const name of Object.keys(query))
        if (!known.includes(name)) throw new TypeError(`"${name}" is none of ${known.join(", ")}`);
      const { model, accountId, names, from, to, after, limit = 50 } = query;
      if (model !== undefined) registry.model(model);
      if (accountId !== undefined && model === undefined)
        throw new TypeError('"accountId" needs "model": accounts of two models may have the same id');
      if (names !== undefined) checkNames(names);
      if (after !== undefined && !/^[0-9a-f]{32}$/.test(String(after)))
        throw new TypeError('"after" must be what a page says as its "next"');
      if (!Number.isInteger(limit) || limit < 1 || limit > mostOfAPage)
        throw new TypeError(`"limit" must be a whole number from 1 to ${mostOfAPage}`);
      const id = accountId === undefined ? null : idOf(accountId);
      const filter = {
        model: model ?? null,
        accountId: id,
        names: names ?? null,
        from: moment("from", from),
        to: moment("to", to),
        after: after ?? null,
        limit: limit + 1,
      };
      // No text of a database has a zero byte, and PostgreSQL fails over one.
      const rows = id?.includes("\0") ? [] : await services.store.audit.list(filter);
      const entries = rows.slice(0, limit).map(entryOf);
      return { entries, next: rows.length > limit ? entries.at(-1)?.id : undefined };
    },
  };
}

function checkNames(names: unknown): void {
  if (!Array.isArray(names) || names.length === 0)
    throw new TypeError('"names" must be a list of names of events');
  for (const name of names)
    if (!Object.hasOwn(eventTable, name)) throw new TypeError(`There is no event "${String(name)}"`);
}

function moment(name: string, value: unknown): number | null {
  if (value === undefined) return null;
  const isText = typeof value === "string" && /^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:\d\d))?$/.test(value);
  const ms = value instanceof Date ? value.getTime() : isText ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms))
    throw new TypeError(`"${name}" must be a Date, or a text such as "2026-01-31" or "2026-01-31T12:00:00Z"`);
  return ms;
}

function entryOf(row: AuditRow): AuditLogEntry {
  const { id, times, model, accountId, client, address, userAgent, reason, actorKind, actorName } = row;
  const name = row.name as EventName;
  const actor: Actor | undefined =
    actorKind === null
      ? undefined
      : { kind: actorKind as Actor["kind"], ...(actorName === null ? {} : { name: actorName }) };
  return {
    id,
    name,
    owasp: row.owasp as AuthEvent["owasp"],
    at: new Date(row.at).toISOString(),
    times,
    lastAt: new Date(row.lastAt).toISOString(),
    ...(model === null ? {} : { model }),
    ...(accountId === null ? {} : { accountId }),
    ...(client === null ? {} : { client }),
    ...(address === null ? {} : { address }),
    ...(userAgent === null ? {} : { userAgent }),
    ...(reason === null ? {} : { reason }),
    ...(actor ? { actor } : {}),
  };
}

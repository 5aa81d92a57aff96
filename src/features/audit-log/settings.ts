import { z } from "zod";
import { type Duration, duration, setting } from "../../config/setting.js";
import type { AuditTerms } from "../../database/audit-port.js";

export interface AuditLogSettings {
  /** How long sign-ins, sessions and refusals are kept. Default `"90d"`. */
  readonly attemptsFor?: Duration;
  /** How long changes of accounts are kept, and whatever your code or an operator did. Default `"365d"`. */
  readonly changesFor?: Duration;
  /** After how long rows say nothing of the caller any more: neither address nor user agent. Default `"90d"`. */
  readonly addressesFor?: Duration;
  /** How many rows there are at most. Past it the oldest attempts go first, then the oldest changes. Default `5_000_000`. */
  readonly maximumRows?: number;
}

const day = 24 * 60 * 60 * 1000;
const term = (byDefault: string) =>
  duration(byDefault).schema.refine(
    (value) => value >= day,
    'must be at least a day, such as "90d": a log that is gone by the time that somebody looks is none',
  );
const fields = z.strictObject({
  attemptsFor: term("90d"),
  changesFor: term("365d"),
  addressesFor: term("90d"),
  maximumRows: z.int().min(1000, "must be at least 1000").default(5_000_000),
});

/** Names of what `auditLog` may say. */
export const auditLogKeys: readonly string[] = Object.keys(fields.shape);

/** No union of both: its message would not name the field that is wrong. */
const schema = z
  .unknown()
  .transform((value, context): AuditTerms | false => {
    if (value === false) return false;
    const parsed = fields.safeParse(value === true ? {} : value, { reportInput: true });
    if (parsed.success) return parsed.data;
    context.issues.push(...parsed.error.issues.map((issue) => ({ ...issue }) as z.core.$ZodRawIssue));
    return z.NEVER;
  })
  .prefault(false);

export const auditLogSettings = {
  /**
   * Whether every event is kept in a table of the database, for `auth.auditLog.list`. `{ attemptsFor: "90d", changesFor: "365d", addressesFor: "90d", maximumRows: 5_000_000 }` says for how long. Default `false`.
   */
  auditLog: setting<boolean | AuditLogSettings, AuditTerms | false>(schema),
};

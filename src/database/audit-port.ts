/**
 * How long a row of the audit log is kept: as an attempt or as a change. `"deletion"`: the change by which an account was deleted, until
 * the sweeper has blanked what the account's rows say of its owner.
 */
export type AuditTerm = "attempt" | "change" | "deletion";

/** One row of the audit log. Times in unix milliseconds. */
export interface AuditRow {
  /** 32 hexadecimal digits, of which the first twelve are the time: rows stand in the order of their ids. */
  readonly id: string;
  readonly term: AuditTerm;
  readonly at: number;
  /** How often the same has happened since, and when for the last time. */
  readonly times: number;
  readonly lastAt: number;
  readonly name: string;
  readonly owasp: string;
  readonly model: string | null;
  readonly accountId: string | null;
  readonly client: string | null;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly reason: string | null;
  readonly actorKind: string | null;
  readonly actorName: string | null;
}

/** A row that stands for all that have the same `fold`. */
export interface FoldedAuditRow extends AuditRow {
  readonly fold: string;
}

/** Which rows a page shows. `null`: whatever it is. */
export interface AuditFilter {
  readonly model: string | null;
  readonly accountId: string | null;
  readonly names: readonly string[] | null;
  /** Milliseconds: the first moment, and the first one behind. */
  readonly from: number | null;
  readonly to: number | null;
  /** Rows older than this one. */
  readonly after: string | null;
  readonly limit: number;
}

/** What the sweeper leaves. Durations in milliseconds. */
export interface AuditTerms {
  readonly attemptsFor: number;
  readonly changesFor: number;
  readonly addressesFor: number;
  readonly maximumRows: number;
}

export interface AuditStore {
  /** Adds rows. One that is there already stays as it is, so that rows may be added again where nobody knows whether they were. */
  add(rows: readonly AuditRow[]): Promise<void>;
  /** Adds rows, or their times to the row that has the same fold. No fold may come twice. */
  addTimes(rows: readonly FoldedAuditRow[]): Promise<void>;
  /** The newest rows first. */
  list(filter: AuditFilter): Promise<readonly AuditRow[]>;
  /**
   * Deletes and blanks what is past its term, in small steps and for a moment only; the next call goes on from there. Returns how many rows it
   * deleted: none if any server has done it within `interval` milliseconds.
   */
  sweep(terms: AuditTerms, interval: number): Promise<number>;
}

/** The first id that a row of this moment can have. */
export function firstAuditId(ms: number): string {
  return Math.max(0, ms).toString(16).padStart(12, "0").padEnd(32, "0");
}

/** Comes behind every id. */
export const lastAuditId = "g";

/** What is counted and measured, and how it is told apart. `docs/observability.md` has the same table. */

interface Instrument {
  /** What one of it is: of the Unified Code for Units of Measure, or a word in braces. */
  readonly unit: string;
  readonly description: string;
  /** Names of its attributes. */
  readonly attributes: readonly string[];
}

export const counterTable = {
  "keyturn.rotations": {
    unit: "{rotation}",
    description: "Tokens that were replaced by a request",
    attributes: ["keyturn.model"],
  },
  "keyturn.batches": {
    unit: "{request}",
    description: "Requests that were let in without a rotation, because another one in the window has it",
    attributes: ["keyturn.model", "keyturn.token"],
  },
  "keyturn.refusals": {
    unit: "{request}",
    description: "Requests with a token that was refused",
    attributes: ["keyturn.model", "keyturn.reason"],
  },
  "keyturn.sign_ins": {
    unit: "{attempt}",
    description: "Sign-ins that succeeded or failed",
    attributes: ["keyturn.model", "keyturn.outcome"],
  },
  "keyturn.registrations": {
    unit: "{account}",
    description: "Accounts that were made",
    attributes: ["keyturn.model"],
  },
  "keyturn.mails": {
    unit: "{mail}",
    description: "Mails that were handed over, or could not be",
    attributes: ["keyturn.mail", "keyturn.outcome"],
  },
  "keyturn.limits.met": {
    unit: "{request}",
    description: "Requests that a rate limit refused",
    attributes: ["keyturn.limit"],
  },
  "keyturn.events": {
    unit: "{event}",
    description: "Events that onEvent was told",
    attributes: ["keyturn.event"],
  },
  "keyturn.rows.swept": {
    unit: "{row}",
    description: "Expired rows that this process deleted",
    attributes: [],
  },
} as const satisfies Readonly<Record<string, Instrument>>;

export const histogramTable = {
  "keyturn.authenticate.duration": {
    unit: "s",
    description: "How long it took to find out whose token a request shows",
    attributes: ["keyturn.outcome"],
  },
  "keyturn.request.duration": {
    unit: "s",
    description: "How long an auth route took to respond",
    attributes: ["keyturn.model", "keyturn.action", "keyturn.outcome", "error.type"],
  },
  "keyturn.database.duration": {
    unit: "s",
    description: "How long one step at the database took, with waiting for a connection",
    attributes: ["keyturn.operation", "keyturn.outcome"],
  },
  "keyturn.password.duration": {
    unit: "s",
    description: "How long it took to hash or verify a password, without waiting",
    attributes: ["keyturn.operation"],
  },
  "keyturn.password.wait": {
    unit: "s",
    description: "How long a password waited to be hashed or verified",
    attributes: ["keyturn.operation", "keyturn.outcome"],
  },
} as const satisfies Readonly<Record<string, Instrument>>;

export const gaugeTable = {
  "keyturn.password.waiting": {
    unit: "{password}",
    description: "Passwords that wait to be hashed or verified",
    attributes: [],
  },
} as const satisfies Readonly<Record<string, Instrument>>;

export type CounterName = keyof typeof counterTable;
export type HistogramName = keyof typeof histogramTable;
export type GaugeName = keyof typeof gaugeTable;

/** Spans, by what they are called until more is known. `keyturn.request` becomes the method and the route's template. */
export const spanTable = {
  "keyturn.request": "A request to an auth route.",
  "keyturn.authenticate": "Finding out whose token a request shows.",
  "keyturn.database": "One step at the database: one statement, or those of one transaction.",
  "keyturn.password": "Hashing or verifying a password, with waiting for it.",
  "keyturn.mail": "Rendering a mail and handing it over.",
} as const;

export type SpanName = keyof typeof spanTable;

/** Upper bounds of a histogram's buckets, seconds. From a look-up in SQLite to a mail server that is slow. */
export const buckets: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** What was found out, and by what: "pnpm: pnpm-lock.yaml in ../..". */
export interface Found<T> {
  readonly value: T;
  readonly reason: string;
}

/** What has to be asked, because nothing tells it or several things disagree. */
export interface Question<T> {
  readonly question: string;
  /** The option that answers it without a question. */
  readonly flag: string;
  readonly choices: readonly { readonly value: T; readonly label: string }[];
}

export type Detected<T> = Found<T> | Question<T>;

export function isQuestion<T>(detected: Detected<T>): detected is Question<T> {
  return "question" in detected;
}

/** The answer that the command line gives. */
export function byFlag<T>(value: T, flag: string): Found<T> {
  return { value, reason: flag };
}

/** The bot check of a request, as the features ask it. */
export interface Bots {
  /** Whether the action that is asked for has one. */
  readonly isGuarding: boolean;
  /**
   * Throws AuthError `bot_check_required`, `bot_check_failed` or `bot_check_unavailable`. Of one request the token is looked at once,
   * however often this is called: a token is good once.
   */
  check(): Promise<void>;
  /** A secret was wrong, for actions whose failures are counted. */
  failed(): Promise<void>;
}

/** For actions without a check, and for the app's own code: there is nobody to ask. */
export const noBots: Bots = {
  isGuarding: false,
  check: async () => undefined,
  failed: async () => undefined,
};

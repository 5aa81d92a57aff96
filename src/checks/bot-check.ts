/** What a bot check is told of a request. */
export interface BotCheckRequest {
  /** Name of the action that is asked for: `"register"`. */
  readonly action: string;
  /** Name of the model. */
  readonly model: string;
  /** The address of the caller itself; `null` where a proxy that is not among the `trustedProxies` hides it. */
  readonly address: string | null;
  /** A parameter of the request as text; `undefined` where it is absent or blank. */
  parameter(name: string): string | undefined;
  /** A header by its name in any case. */
  header(name: string): string | undefined;
}

/** `"missing"`: the request has no token. `{ failed }` says why, for the event. */
export type BotVerdict = "passed" | "missing" | "failed" | { readonly failed: string };

/**
 * Tells people from programs: `turnstile()` and `hCaptcha()` of `keyturn/checks`, or a function of your own. It rejects where it cannot
 * tell, because whoever it asks is away.
 */
export interface BotCheck {
  (request: BotCheckRequest): BotVerdict | Promise<BotVerdict>;
  /** Names of the parameters that it reads, for the API's description. */
  readonly parameters?: readonly string[];
  /** The name of a variable that has to hold its secret, where it has none. Told at start. */
  readonly missingSecret?: string | undefined;
}

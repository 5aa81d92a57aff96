import type { BotCheck } from "./bot-check.js";
import { type TokenCheckOptions, tokenCheck } from "./token-check.js";

export interface TurnstileOptions extends TokenCheckOptions {
  /** The secret key of your widget. Default: the variable `TURNSTILE_SECRET_KEY`. */
  readonly secretKey?: string | undefined;
  /** The `action` that the widget has to have been made with: one for all, or by Keyturn's actions. Default: not compared. */
  readonly action?: string | Readonly<Record<string, string>>;
}

/**
 * A check for `botCheck` that asks Cloudflare Turnstile. The token stands in the parameter `cf-turnstile-response`, as the widget puts it
 * into a form. A question that got no answer in time is asked once more, with the same idempotency key.
 *
 * Source: Cloudflare's documentation, "Validate the token" (siteverify).
 *
 * @example
 * createAuth({ botCheck: { check: turnstile(), for: ["register", "requestPasswordReset"] }, … })
 */
export function turnstile(options: TurnstileOptions = {}): BotCheck {
  const { action: wanted } = options;
  const service = {
    label: "Turnstile",
    endpoint: "https://challenges.cloudflare.com/turnstile/v0/siteverify",
    secretVariable: "TURNSTILE_SECRET_KEY",
    parameter: "cf-turnstile-response",
    longestToken: 2048,
    takesIdempotencyKey: true,
  };
  return tokenCheck(service, options, ({ action }, request) => {
    const expected = typeof wanted === "string" ? wanted : ownValue(wanted, request.action);
    return expected === undefined || expected === action ? undefined : "action-mismatch";
  });
}

function ownValue(values: Readonly<Record<string, string>> | undefined, name: string): string | undefined {
  return values && Object.hasOwn(values, name) ? values[name] : undefined;
}

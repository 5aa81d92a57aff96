import type { BotCheck } from "./bot-check.js";
import { type TokenCheckOptions, tokenCheck } from "./token-check.js";

export interface HCaptchaOptions extends TokenCheckOptions {
  /** The secret key of your account. Default: the variable `HCAPTCHA_SECRET_KEY`. */
  readonly secretKey?: string | undefined;
}

/**
 * A check for `botCheck` that asks hCaptcha. The token stands in the parameter `h-captcha-response`. It is asked once: a second question
 * with the same token is refused, so a person whose first one got lost would be taken for a program.
 *
 * Source: hCaptcha's documentation, "Verify the User Response Server Side".
 */
export function hCaptcha(options: HCaptchaOptions = {}): BotCheck {
  const service = {
    label: "hCaptcha",
    endpoint: "https://api.hcaptcha.com/siteverify",
    secretVariable: "HCAPTCHA_SECRET_KEY",
    parameter: "h-captcha-response",
    longestToken: 16_384,
    takesIdempotencyKey: false,
  };
  return tokenCheck(service, options, () => undefined);
}

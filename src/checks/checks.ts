export type { BotCheck, BotCheckRequest, BotVerdict } from "./bot-check.js";
export { type HCaptchaOptions, hCaptcha } from "./h-captcha.js";
export { type HaveIBeenPwnedOptions, haveIBeenPwned } from "./have-i-been-pwned.js";
export type { TokenCheckOptions } from "./token-check.js";
export { type TurnstileOptions, turnstile } from "./turnstile.js";

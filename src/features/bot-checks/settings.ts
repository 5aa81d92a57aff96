import { z } from "zod";
import type { ActionName } from "../../accounts/actions.js";
import type { BotCheck } from "../../checks/bot-check.js";
import { setting } from "../../config/setting.js";

/**
 * The actions that a bot check can stand before, and what `afterFirst` counts of them. Those with a current password are checked where
 * one is sent.
 */
export const checkableActions = {
  register: "requests",
  signIn: "failures",
  resendConfirmation: "requests",
  requestPasswordReset: "requests",
  requestUnlock: "requests",
  signInWithProvider: "requests",
  askNonce: "requests",
  exchangeNativeSignIn: "requests",
  setPassword: "failures",
  updateAccount: "failures",
  addIdentity: "failures",
  removeIdentity: "failures",
} as const satisfies { readonly [Action in ActionName]?: "requests" | "failures" };

export type CheckableAction = keyof typeof checkableActions;

export interface BotCheckSettings {
  /** Tells people from programs: `turnstile()` or `hCaptcha()` of `keyturn/checks`, or a function of your own. */
  readonly check: BotCheck;
  /** The actions that it stands before. `setPassword`, `updateAccount`, `addIdentity` and `removeIdentity` are checked where they are sent a current password. */
  readonly for: readonly CheckableAction[];
  /** How many requests of one address pass in an hour before the check is needed; of sign-in, and of checks of a current password, how many failures. Default: none. */
  readonly afterFirst?: { readonly [Action in CheckableAction]?: number };
  /** Actions that go on without the check while it is away; the others respond with 503. Default: sign-in, and what asks for a current password. */
  readonly openWhileAway?: readonly CheckableAction[];
}

/** The same with its defaults. */
export type CheckedBotCheck = Required<BotCheckSettings>;

const actions = Object.keys(checkableActions) as [CheckableAction, ...CheckableAction[]];
const byFailures = actions.filter((action) => checkableActions[action] === "failures");
const action = z.enum(actions);
const times = z.int().min(1, "must be at least 1").optional();

const schema = z.strictObject({
  check: z.custom<BotCheck>(
    (value) => typeof value === "function",
    "must be a check, such as turnstile() from keyturn/checks, or a function",
  ),
  for: z.array(action).min(1, "must name at least one action"),
  afterFirst: z
    .strictObject(
      Object.fromEntries(actions.map((name) => [name, times])) as Record<CheckableAction, typeof times>,
    )
    .default({}),
  openWhileAway: z.array(action).default(byFailures),
});

/** Names of what `botCheck` may say. */
export const botCheckKeys: readonly string[] = Object.keys(schema.shape);

export const botCheckSettings = {
  /**
   * A check that tells people from programs, and the actions that it stands before. Default: none.
   *
   * @example { check: turnstile(), for: ["register", "requestPasswordReset", "signIn"], afterFirst: { register: 5, signIn: 3 } }
   */
  botCheck: setting<BotCheckSettings, CheckedBotCheck | undefined>(
    schema.optional() as z.ZodType<CheckedBotCheck | undefined>,
    undefined,
  ),
};

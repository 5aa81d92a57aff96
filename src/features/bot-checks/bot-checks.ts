import { hash } from "node:crypto";
import type { ActionName } from "../../accounts/actions.js";
import type { Model } from "../../accounts/models.js";
import type { BotVerdict } from "../../checks/bot-check.js";
import type { CounterRule } from "../../database/counter-port.js";
import { AuthError } from "../../errors.js";
import { addressOf, type Emit } from "../../events.js";
import { type Bots, noBots } from "../bots.js";
import type { Caller } from "../caller.js";
import type { Counting } from "../counting.js";
import { guardCheck } from "./guarded-check.js";
import { type CheckableAction, type CheckedBotCheck, checkableActions } from "./settings.js";

/** A request that may have to show that a person sent it. */
export interface BotSuspect {
  readonly model: Model;
  readonly action: ActionName;
  readonly caller: Caller;
  text(name: string): string | undefined;
  header(name: string): string | undefined;
}

/** The time over which `afterFirst` counts, milliseconds. */
const anHour = 3_600_000;

/** The bot check of each request, as the setting has it. `warn`: is told when the check goes away. */
export function createBotChecks(
  { check, for: guarded, afterFirst, openWhileAway }: CheckedBotCheck,
  { counting, emit, warn }: BotChecksOptions,
): (suspect: BotSuspect) => Bots {
  const ask = guardCheck(check, (isAway, error) => {
    emit(isAway ? "bot_check.unavailable" : "bot_check.available", {});
    if (isAway) warn(error);
  });
  const isCheckable = (action: ActionName): action is CheckableAction =>
    (guarded as readonly ActionName[]).includes(action);

  return (suspect) => {
    const { action, model, caller } = suspect;
    if (!isCheckable(action)) return noBots;
    const counts = checkableActions[action];
    const free = counterOf(action, suspect, afterFirst[action], counting);
    const isFree = async (): Promise<boolean> => {
      if (!free) return false;
      const { counters } = counting;
      const counted = await counters[counts === "failures" ? "look" : "count"](free.name, free.rule);
      return !counted.isMet;
    };
    const refused = (code: "bot_check_required" | "bot_check_failed", reason: string): AuthError => {
      emit("bot_check.failed", { model: model.name, ...addressOf(caller), reason });
      return new AuthError(code);
    };
    const decide = async (): Promise<void> => {
      if (await isFree()) return;
      const verdict = await ask({
        action,
        model: model.name,
        address: counting.keyOf(caller) === undefined ? null : caller.address,
        parameter: (name) => suspect.text(name),
        header: (name) => suspect.header(name.toLowerCase()),
      });
      if (verdict === "passed") return;
      if (verdict === "missing") throw refused("bot_check_required", "missing");
      if (verdict !== "away") throw refused("bot_check_failed", reasonOf(verdict));
      if (!openWhileAway.includes(action)) throw new AuthError("bot_check_unavailable");
    };
    let decided: Promise<void> | undefined;
    return {
      isGuarding: true,
      check() {
        decided ??= decide();
        return decided;
      },
      async failed() {
        if (free && counts === "failures") await counting.counters.count(free.name, free.rule);
      },
    };
  };
}

export interface BotChecksOptions {
  readonly counting: Counting;
  readonly emit: Emit;
  readonly warn: (error: unknown) => void;
}

/** Counts what passes without the check. Without an address of its own nobody passes: everybody would share the number. */
function counterOf(
  action: CheckableAction,
  { model, caller }: BotSuspect,
  limit: number | undefined,
  counting: Counting,
): { readonly name: string; readonly rule: CounterRule } | undefined {
  const key = limit === undefined ? undefined : counting.keyOf(caller);
  if (limit === undefined || key === undefined) return undefined;
  return {
    name: hash("sha256", `botCheck ${action} ${limit} ${model.name} ${key}`, "base64url"),
    rule: { limit, window: anHour },
  };
}

function reasonOf(verdict: Exclude<BotVerdict, "passed" | "missing">): string {
  return typeof verdict === "object" ? verdict.failed : verdict;
}

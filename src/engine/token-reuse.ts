import type { Model } from "../accounts/models.js";
import type { FoundSession, Store } from "../database/port.js";
import { type AuthEvent, accountIds, callerDetails, type Emit, userAgentOf } from "../events.js";
import { tooLate, within } from "../time-limit.js";
import type { AuthenticateOptions } from "./authentication.js";
import type { RejectionReason } from "./verdict.js";

/** What to do about a token that was replaced long ago: somebody kept a copy. */
export type ReuseReaction = "reject" | "revoke-session" | "revoke-account";

export interface ReuseSettings {
  readonly onTokenReuse:
    | ReuseReaction
    | ((event: AuthEvent) => ReuseReaction | undefined | Promise<ReuseReaction | undefined>);
}

interface RejectionOptions {
  readonly store: Store;
  readonly settings: ReuseSettings;
  readonly emit: Emit;
  readonly now: () => number;
}

/** Milliseconds that the app's own function may take to decide. */
const reactionTimeout = 3000;

/** Makes what follows from a refused token whose tag was right: a report, and what the settings want done about a replayed one. */
export function createRejectionHandler({ store, settings, emit, now }: RejectionOptions) {
  const reactionTo = async (details: Omit<AuthEvent, "name" | "owasp" | "at">): Promise<ReuseReaction> => {
    if (typeof settings.onTokenReuse !== "function") return settings.onTokenReuse;
    const event: AuthEvent = {
      name: "token.reused",
      owasp: "authn_token_reuse",
      at: new Date(now()).toISOString(),
      ...details,
    };
    // The app's own function may fail, or never return; the token is refused and reported all the same.
    const reaction = Promise.resolve(event)
      .then(settings.onTokenReuse)
      .catch(() => undefined);
    const decided = await within(reactionTimeout, reaction);
    return decided === tooLate ? "reject" : (decided ?? "reject");
  };

  return async (
    reason: RejectionReason,
    { session, account }: FoundSession,
    model: Model,
    { address, head }: AuthenticateOptions,
  ): Promise<void> => {
    const details = {
      ...accountIds(model, account),
      client: session.client,
      ...callerDetails({ address, userAgent: userAgentOf(head?.header("user-agent")) }),
    };
    if (reason === "expired") {
      emit("session.expired", details);
      return;
    }
    const reaction = reason === "reused" ? await reactionTo(details) : "reject";
    emit(`token.${reason}`, { ...details, reason: reaction });
    if (reaction === "revoke-session") await store.sessions.revoke(model, session.accountId, session.client);
    if (reaction === "revoke-account") await store.sessions.endAll(model, session.accountId);
  };
}

import type { RotationState } from "../database/port.js";
import { isExpired, isInWindow, type LifespanSettings, lifespanOf } from "./rules.js";
import { hashSecret, nextSecret, type Secret, sameHash, type VerifiedToken } from "./token.js";

/** The rotation engine: what a presented token is worth. It reads a row and a clock and returns a verdict, and does nothing else. */

export interface RotationSettings extends LifespanSettings {
  /** `false`: tokens never change. */
  readonly changeHeadersOnEachRequest: boolean;
  /** The window `W`, milliseconds. */
  readonly batchRequestBufferThrottle: number;
  /** Whether the predecessor stays good when its window is over and its successor was never seen in use. */
  readonly lostResponses: "expire" | "recover";
}

/** Why a token was refused. `late`: the predecessor, after its window, or the one before it inside the window. `reused`: older than that. `ahead`: newer than the row. */
export type RejectionReason = "expired" | "forged" | "late" | "reused" | "ahead";

export type Verdict =
  /** Current and due: one conditional write makes the successor. */
  | { readonly kind: "rotate" }
  /** Good, nothing to write. `secret` is the current generation's. `batch`: some other response brings the new token. */
  | { readonly kind: "accept"; readonly secret: Secret; readonly batch: boolean }
  | { readonly kind: "refuse"; readonly reason: RejectionReason };

const refuse = (reason: RejectionReason): Verdict => ({ kind: "refuse", reason });

/** Judges a token whose tag is right against the row as it stands at `now` (unix milliseconds, the database's clock). */
export function judge(
  token: VerifiedToken,
  state: RotationState,
  now: number,
  settings: RotationSettings,
): Verdict {
  if (isExpired(state, now, lifespanOf(settings))) return refuse("expired");
  const inWindow = isInWindow(state, now, settings.batchRequestBufferThrottle);
  const recovers = settings.lostResponses === "recover";
  const behind = state.generation - token.generation;
  if (behind < 0) return refuse("ahead");

  if (behind === 0) {
    if (!sameHash(hashSecret(token.secret), state.tokenHash)) return refuse("forged");
    if (!settings.changeHeadersOnEachRequest) return { kind: "accept", secret: token.secret, batch: false };
    return inWindow ? { kind: "accept", secret: token.secret, batch: true } : { kind: "rotate" };
  }

  // An old token proves itself by producing the current one.
  const current = successorOf(token.secret, behind, state);
  if (behind === 1) {
    // The server's own code gave the session a new token, which does not follow from this one.
    if (state.nonce === null) return refuse("late");
    if (!current) return refuse("forged");
    if (inWindow || now < state.windowExtendedUntil) return { kind: "accept", secret: current, batch: true };
    // Its successor was never confirmed by use, or the row would be further on: the response that carried it was lost.
    return recovers ? { kind: "accept", secret: current, batch: false } : refuse("late");
  }
  if (behind === 2 && inWindow) {
    // Good until a moment ago, so it may still be under way.
    if (recovers && current) return { kind: "accept", secret: current, batch: true };
    // The same, where it is not accepted: jitter does this to honest clients. From before a renewal it cannot prove itself.
    if (current || state.nonce === null || state.previousNonce === null) return refuse("late");
  }
  return refuse("reused");
}

/** 16 bytes in base64url. */
const nonceLength = 22;

/** The current secret, computed from one that is one or two generations old; `undefined` when it does not lead there. */
function successorOf(secret: Secret, behind: number, state: RotationState): Secret | undefined {
  const nonces = behind === 1 ? [state.nonce] : behind === 2 ? [state.previousNonce, state.nonce] : [null];
  let current = secret;
  for (const nonce of nonces) {
    // A nonce of another length is not ours: no secret is derived with it.
    if (nonce?.length !== nonceLength) return undefined;
    current = nextSecret(current, nonce);
  }
  return sameHash(hashSecret(current), state.tokenHash) ? current : undefined;
}

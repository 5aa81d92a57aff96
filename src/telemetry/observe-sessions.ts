import type { Model } from "../accounts/models.js";
import type { Session } from "../database/port.js";
import type { Authentication } from "../engine/authentication.js";
import type { Sessions } from "../engine/sessions.js";
import type { RejectionReason } from "../engine/verdict.js";
import type { OpenSpan, Telemetry } from "./telemetry.js";
import { errorType, secondsSince } from "./timed.js";

interface SessionWatch {
  readonly telemetry: Telemetry;
  /** Whether tokens change at all. */
  readonly rotates: boolean;
  /** Whether the session was returned by a rotation. */
  readonly isRotated: (session: Session) => boolean;
}

/** Sessions whose every authentication is a span, a figure, and one of the counters. */
export function observeSessions(sessions: Sessions, watch: SessionWatch): Sessions {
  const { telemetry } = watch;
  return {
    ...sessions,
    authenticate(models, credentials, options) {
      const began = performance.now();
      return telemetry.span("keyturn.authenticate", "internal", {}, async (span) => {
        let outcome = "failed";
        try {
          const found = await sessions.authenticate(models, credentials, options);
          outcome = typeof found === "object" ? "accepted" : "refused";
          if (typeof found === "object") noteAccepted(watch, found, span);
          else noteRefused(watch, models, found, span);
          return found;
        } catch (error) {
          span.set({ "error.type": errorType(error) });
          throw error;
        } finally {
          span.set({ "keyturn.outcome": outcome });
          telemetry.record("keyturn.authenticate.duration", secondsSince(began), {
            "keyturn.outcome": outcome,
          });
        }
      });
    },
  };
}

function noteAccepted(
  { telemetry, rotates, isRotated }: SessionWatch,
  { model, session, presentedGeneration }: Authentication,
  span: OpenSpan,
): void {
  const ofModel = { "keyturn.model": model.name };
  if (isRotated(session)) {
    telemetry.count("keyturn.rotations", ofModel);
    span.set({ ...ofModel, "keyturn.token": "rotated" });
    return;
  }
  const token = presentedGeneration === session.generation ? "current" : "previous";
  // The session of a reset link keeps its one token, as all do where none changes.
  if (rotates && session.limitedTo === null)
    telemetry.count("keyturn.batches", { ...ofModel, "keyturn.token": token });
  span.set({ ...ofModel, "keyturn.token": token });
}

function noteRefused(
  { telemetry }: SessionWatch,
  models: readonly Model[],
  found: RejectionReason | undefined,
  span: OpenSpan,
): void {
  const [only, ...others] = models;
  const labels = {
    // The token of a group's member does not say whose it is until it is let in.
    "keyturn.model": only === undefined || others.length > 0 ? "several" : only.name,
    // Of a session that is not there, not ours, or of another uid.
    "keyturn.reason": found ?? "unknown",
  };
  telemetry.count("keyturn.refusals", labels);
  span.set(labels);
}

import type { HashingObserver } from "../accounts/password-hasher.js";
import { errorTable } from "../errors.js";
import type { Emit } from "../events.js";
import type { Mailer } from "../features/services.js";
import type { Telemetry } from "./telemetry.js";
import { errorType, secondsSince } from "./timed.js";

/** Counts what is reported, before it is. `models`: the names of all models. */
export function observeEvents(emit: Emit, telemetry: Telemetry, models: readonly string[]): Emit {
  return (name, details) => {
    const { model = "", reason = "" } = details;
    // A flow that began before a restart may name a model that is not there any more.
    const ofModel = { "keyturn.model": models.includes(model) ? model : "none" };
    telemetry.count("keyturn.events", { "keyturn.event": name });
    if (name === "account.registered") telemetry.count("keyturn.registrations", ofModel);
    if (name === "limit.met") telemetry.count("keyturn.limits.met", { "keyturn.limit": reason });
    if (name === "sign_in.succeeded" || name === "sign_in.failed") {
      const failure = Object.hasOwn(errorTable, reason) ? reason : "failed";
      const outcome = name === "sign_in.succeeded" ? "succeeded" : failure;
      telemetry.count("keyturn.sign_ins", { ...ofModel, "keyturn.outcome": outcome });
    }
    emit(name, details);
  };
}

/** Counts mails, and makes each a span. */
export function observeMails(mail: Mailer, telemetry: Telemetry): Mailer {
  return (kind, model, account, contents) => {
    const ofKind = { "keyturn.mail": kind.name };
    return telemetry.span(
      "keyturn.mail",
      "internal",
      { ...ofKind, "keyturn.model": model.name },
      async (span) => {
        let outcome = "failed";
        try {
          await mail(kind, model, account, contents);
          outcome = "sent";
        } catch (error) {
          span.set({ "error.type": errorType(error) });
          throw error;
        } finally {
          telemetry.count("keyturn.mails", { ...ofKind, "keyturn.outcome": outcome });
        }
      },
    );
  };
}

/** Measures how long passwords wait and how long their hashes take. */
export function observeHashing(telemetry: Telemetry): {
  readonly observer: HashingObserver;
  readonly waiting: () => number;
} {
  let waiting = 0;
  return {
    waiting: () => waiting,
    observer(operation, run) {
      const labels = { "keyturn.operation": operation };
      return telemetry.span("keyturn.password", "internal", labels, async (span) => {
        const came = performance.now();
        let began: number | undefined;
        waiting += 1;
        const stopWaiting = (outcome: "done" | "given up"): void => {
          waiting -= 1;
          telemetry.record("keyturn.password.wait", secondsSince(came), {
            ...labels,
            "keyturn.outcome": outcome,
          });
        };
        try {
          return await run(() => {
            stopWaiting("done");
            began = performance.now();
          });
        } catch (error) {
          span.set({ "error.type": errorType(error) });
          throw error;
        } finally {
          // Too many waited, or the client went away: its turn never came.
          if (began === undefined) stopWaiting("given up");
          else telemetry.record("keyturn.password.duration", secondsSince(began), labels);
        }
      });
    },
  };
}

import type { HashingObserver } from "../accounts/password-hasher.js";
import type { Session, Store } from "../database/port.js";
import type { Sessions } from "../engine/sessions.js";
import type { Emit } from "../events.js";
import type { Mailer } from "../features/services.js";
import { observeEvents, observeHashing, observeMails } from "./observe-services.js";
import { observeSessions } from "./observe-sessions.js";
import { observeStore } from "./observe-store.js";
import type { Telemetry } from "./telemetry.js";

/** Puts what watches the parts of a runtime around them, once, when it is opened. */
export interface Observed {
  store(store: Store): Store;
  sessions(sessions: Sessions): Sessions;
  emit(emit: Emit): Emit;
  mail(mail: Mailer): Mailer;
  readonly hashing: HashingObserver | undefined;
  /** Ends what is read whenever somebody asks. */
  stop(): void;
}

const itself = <T>(part: T): T => part;
// Without a telemetry every part stays as it is, so a request has nothing to ask.
const unobserved: Observed = {
  store: itself,
  sessions: itself,
  emit: itself,
  mail: itself,
  hashing: undefined,
  stop: () => undefined,
};

export function observedBy(
  telemetry: Telemetry | undefined,
  { models, rotates }: { readonly models: readonly string[]; readonly rotates: boolean },
): Observed {
  if (!telemetry) return unobserved;
  // By the very object that the database returned: requests that only shared a rotation have read another.
  const rotated = new WeakSet<Session>();
  const { observer, waiting } = observeHashing(telemetry);
  const stop = telemetry.watch("keyturn.password.waiting", waiting);
  return {
    store: (store) => observeStore(store, telemetry, ({ session }) => void rotated.add(session)),
    sessions: (sessions) =>
      observeSessions(sessions, { telemetry, rotates, isRotated: (session) => rotated.has(session) }),
    emit: (emit) => observeEvents(emit, telemetry, models),
    mail: (mail) => observeMails(mail, telemetry),
    hashing: observer,
    stop,
  };
}

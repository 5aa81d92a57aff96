import type { SessionSettings } from "../core/sessions.js";
import type { Held } from "./engine-fixture.js";

/** `docs/rotation.md` §4 once more, in plain numbers and without any cryptography: what the engine has to say to each token. */

export interface ModelSession {
  readonly account: number;
  alive: boolean;
  n: number;
  rotated: number;
  held: number;
  /** Whole seconds. */
  expiry: number;
  readonly end: number;
  /** When each generation began. */
  readonly began: number[];
  /** One token of each generation, as the first answer said it. */
  readonly issued: Held[];
}

export interface Model {
  readonly settings: SessionSettings;
  now: number;
  readonly sessions: ModelSession[];
}

export interface Answer {
  readonly accepted: boolean;
  /** Generation of the token in the answer. */
  readonly carries?: number;
  readonly event?: string;
  readonly writes: number;
}

const refused = (event?: string): Answer => ({ accepted: false, writes: 0, ...(event ? { event } : {}) });

/** `tied`: a rotation of this very millisecond may have come between, as far as an engine of one statement can tell. */
export function predict(model: Model, session: ModelSession, m: number, tied: boolean): Answer {
  const { settings, now } = model;
  const { batchRequestBufferThrottle: w, lostResponses, batchResponses } = settings;
  if (!session.alive) return refused();
  if (now >= session.expiry * 1000) return refused("session.expired");
  const batch: Answer =
    batchResponses === "omit"
      ? { accepted: true, writes: 0 }
      : { accepted: true, carries: session.n, writes: 0 };
  const inside = now - session.rotated < w;
  switch (session.n - m) {
    case 0: {
      if (!settings.changeHeadersOnEachRequest) return { accepted: true, carries: m, writes: 0 };
      if (inside) return batch;
      rotate(model, session);
      return { accepted: true, carries: session.n, writes: 1 };
    }
    case 1:
      if (inside || now < session.held || tied) return batch;
      return lostResponses === "recover"
        ? { accepted: true, carries: session.n, writes: 0 }
        : refused("token.late");
    case 2:
      return inside && lostResponses === "recover" ? batch : reused(model, session);
    default:
      return reused(model, session);
  }
}

function rotate({ settings, now }: Model, session: ModelSession): void {
  session.n++;
  session.rotated = now;
  session.began.push(now);
  session.held = 0;
  const slid = Math.max(Math.floor((now + lifespan(settings)) / 1000), session.expiry + 1);
  session.expiry = Math.min(slid, Math.floor(session.end / 1000));
}

function reused({ settings, sessions }: Model, session: ModelSession): Answer {
  const ended = sessions.filter((other) => {
    if (!other.alive || settings.onTokenReuse === "reject") return false;
    return (
      other === session || (settings.onTokenReuse === "revoke-account" && other.account === session.account)
    );
  });
  for (const other of ended) other.alive = false;
  return { ...refused("token.reused"), writes: ended.length };
}

export const lifespan = (settings: SessionSettings): number =>
  Math.min(settings.tokenLifespan, settings.idleTimeout ?? Infinity);

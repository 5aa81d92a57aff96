import type { Model } from "../accounts/models.js";
import { lifespanOf, settingsFor } from "./rules.js";
import type { RotationSettings } from "./verdict.js";

/** The settings that say when sessions end and tokens change. */
interface EndSettings extends RotationSettings {
  readonly sessionLifetime: number | null;
}

/** What the settings come to for the sessions of one model. */
export interface ModelRules {
  readonly settings: EndSettings;
  /** For a session from a reset link, which keeps its one token until the password is set. */
  readonly limited: EndSettings;
  /** Milliseconds that a session lives after its last rotation, and one from a reset link. */
  readonly lifespan: number;
  readonly resetLifespan: number;
  /** What the announced expiry is made of. */
  readonly announced: {
    readonly window: number;
    readonly lifespan: number;
    readonly sessionLifetime: number | null;
  };
}

/** Of a reset link's session, which can only set the password. */
export const resetSessionLifetime = 15 * 60 * 1000;

/** Returns the rules of each model: those of the settings, but for what the model says itself. */
export function createModelRules(settings: EndSettings): (model: Model) => ModelRules {
  const common = rulesFrom(settings);
  const own = new Map<Model, ModelRules>();
  return (model) => {
    // The path of each request: most models say nothing of their own.
    if (model.timeoutIn === undefined && model.sessionsEndAfter === undefined) return common;
    const known = own.get(model);
    if (known) return known;
    const rules = rulesFrom(settingsFor(settings, model));
    own.set(model, rules);
    return rules;
  };
}

function rulesFrom(settings: EndSettings): ModelRules {
  const { sessionLifetime } = settings;
  const lifespan = lifespanOf(settings);
  return {
    settings,
    limited: { ...settings, changeHeadersOnEachRequest: false },
    lifespan,
    resetLifespan: Math.min(resetSessionLifetime, lifespan, sessionLifetime ?? lifespan),
    announced: { window: settings.batchRequestBufferThrottle, lifespan, sessionLifetime },
  };
}

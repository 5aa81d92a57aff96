import type { Registry } from "../accounts/models.js";
import type { CheckedOverrides } from "../accounts/overrides.js";
import type { Languages } from "../config/languages.js";
import type { ResolvedSettings } from "../config/resolve.js";
import type { SlowRequests } from "../engine/slow-requests.js";
import type { Bots } from "../features/bots.js";
import type { Call, Steps } from "../features/call.js";
import type { Route } from "../features/feature.js";
import type { Services } from "../features/services.js";
import type { RequestHead } from "./credentials.js";
import type { NoteDropped } from "./dropped-parameters.js";
import type { Origins } from "./origins.js";

/** The opened parts that requests are served with (`src/runtime.ts` puts them together). */
export interface Runtime {
  readonly services: Services;
  readonly routes: readonly Route[];
  readonly steps: Steps;
  /** Actions of the app's own, by model. */
  readonly overrides: CheckedOverrides;
  /** Notes parameters that an action does not take; `undefined` where nobody is told. */
  readonly noteDropped: NoteDropped | undefined;
  /** The bot check of a request; `undefined`: the app has none. */
  readonly bots: ((call: Pick<Call, "model" | "action" | "caller" | "text" | "header">) => Bots) | undefined;
  readonly settings: ResolvedSettings;
  readonly registry: Registry;
  readonly origins: Origins;
  readonly languages: Languages;
  readonly slow: SlowRequests;
  /** Logs what was thrown, unless it is the client's own fault. */
  readonly logFailure: (thrown: unknown) => void;
  /** The address of the client itself, behind whichever proxies are trusted. */
  addressOf(head: RequestHead): string | null;
  /** Whether a trusted proxy is connected to us. */
  isProxied(head: RequestHead): boolean;
}

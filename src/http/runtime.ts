import type { Registry } from "../accounts/models.js";
import type { SlowRequests } from "../engine/slow-requests.js";
import type { Steps } from "../features/call.js";
import type { Route } from "../features/feature.js";
import type { ServiceSettings, Services } from "../features/services.js";
import type { Logger } from "../logger.js";
import type { CookieSettings } from "./cookie.js";
import type { CredentialSettings, RequestHead } from "./credentials.js";
import type { OriginSettings, Origins } from "./origins.js";

/** The settings that responses depend on, with their defaults filled in. */
export interface HttpSettings extends ServiceSettings, CredentialSettings, CookieSettings, OriginSettings {
  readonly acceptTokensInQuery: boolean;
  readonly logger: Logger;
}

/** The opened parts that requests are served with (`src/runtime.ts` puts them together). */
export interface Runtime {
  readonly services: Services;
  readonly routes: readonly Route[];
  readonly steps: Steps;
  readonly settings: HttpSettings;
  readonly registry: Registry;
  readonly origins: Origins;
  readonly slow: SlowRequests;
  /** The address of the client itself, behind whichever proxies are trusted. */
  addressOf(head: RequestHead): string | null;
}

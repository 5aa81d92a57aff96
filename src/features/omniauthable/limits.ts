import type { ResolvedSettings } from "../../config/resolve.js";
import type { RequestLimits } from "./provider-fetch.js";

/** The limits of the requests of one sign-in, from now on. */
export function requestLimits({ providerRequestTimeout, providerTimeout }: ResolvedSettings): RequestLimits {
  return { request: providerRequestTimeout, signal: AbortSignal.timeout(providerTimeout) };
}

import type { Authentication } from "../engine/authentication.js";
import { deviceMarkHeader } from "../protocol.js";
import { type CookieSettings, credentialCookie } from "./cookie.js";
import { type CredentialSource, credentialHeaders } from "./credentials.js";
import { deviceCookie } from "./device-mark.js";

export interface CredentialHeaderSettings extends CookieSettings {
  readonly cookieEnabled: boolean;
}

const noStore: readonly [string, string] = ["cache-control", "no-store"];

/**
 * The headers by which a response hands over the next credentials. To whom showed a cookie, in the cookie only: scripts are not to
 * see it. To whom showed a parameter, in headers only: the link of another site must not sign a browser in. `"new"`: a session that
 * this response opens.
 */
export function credentialHeadersFor(
  authentication: Authentication,
  from: CredentialSource | "new",
  settings: CredentialHeaderSettings,
): [name: string, value: string][] {
  const headers =
    from === "cookie"
      ? [[...noStore] as [string, string]]
      : credentialHeaders(authentication, settings.headersNames);
  if (settings.cookieEnabled && from !== "param" && authentication.token !== undefined) {
    headers.push(["set-cookie", credentialCookie(authentication, settings)]);
    for (const cookie of deviceCookie(authentication, settings)) headers.push(["set-cookie", cookie]);
  }
  if (from !== "cookie" && authentication.deviceMark !== undefined)
    headers.push([deviceMarkHeader, authentication.deviceMark]);
  return headers;
}

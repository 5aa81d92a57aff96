import { type Credentials, headerText } from "./credentials.js";
import type { Arrival } from "./types.js";

/** What an address brought, and the address without it. */
export interface ReadAddress {
  readonly arrival: Arrival;
  readonly credentials: Credentials | undefined;
  readonly resetToken: string | undefined;
  readonly cleanUrl: string;
}

const ofSession = "client_id|config|expiry|uid";

/**
 * Reads what a redirect of the server put into an address, before the fragment and in it, where routers that live there look for it.
 * Returns undefined for an address that brings nothing, or something for another configuration. Takes out only names that stand there
 * because of us: an app may have a `client` or a `token` of its own.
 */
export function readAddress(url: string, ownConfig: string): ReadAddress | undefined {
  const params: Params = Object.fromEntries(new URLSearchParams(url.replace(/^[^?#]*|[?#]/g, "&")));
  const {
    account_confirmation_success: confirmed,
    reset_password: reset,
    reset_password_token: resetToken,
    auth_token: token,
    client_id: client,
    uid,
    expiry,
    error,
    blank,
    config,
    oauth_registration,
  } = params;
  if (config && config !== ownConfig) return undefined;
  const isSession = token && client && uid && expiry;
  const credentials = isSession ? { token, client, expiry: +expiry, uid: headerText(uid) } : undefined;
  const [names, arrival]: [string?, Arrival?] = confirmed
    ? ["account_confirmation_success", { kind: "confirmed", ok: confirmed === "true" }]
    : resetToken || reset
      ? [
          `reset_password(_token)?${client ? `|(access-)?token|client|${ofSession}` : ""}`,
          { kind: "password-reset-ready", ok: Boolean(resetToken) },
        ]
      : credentials
        ? [
            `auth_token|blank|oauth_registration|${ofSession}`,
            { kind: "signed-in", registered: oauth_registration === "true" },
          ]
        : error && blank
          ? ["error|message|blank|config", { kind: "oauth-failed", error }]
          : [];
  const cleanUrl = url
    .replace(new RegExp(`([?#&])(${names})=[^&#]*`, "g"), "$1")
    .replace(/([?#&])&+/g, "$1")
    .replace(/[?&]+(?=#|$)|#$/g, "");
  return arrival && { arrival, credentials, resetToken, cleanUrl };
}

type Params = Readonly<Record<string, string | undefined>>;

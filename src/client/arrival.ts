import { type Credentials, headerText } from "./credentials.js";
import type { Arrival } from "./types.js";

/** What an address brought, and the address without it. */
export interface ReadAddress {
  readonly arrival: Arrival;
  readonly credentials?: Credentials | undefined;
  readonly resetToken?: string | undefined;
  readonly cleanUrl: string;
}

const ofSession = "client_id|config|expiry|uid";

/**
 * Reads what a redirect of the server put into an address, before the fragment and in it, where routers that live there look for it.
 * Returns undefined for an address that brings nothing, or something for another configuration. Takes out only names that stand there
 * because of us: an app may have a `client` or a `token` of its own.
 */
export function readAddress(url: string, config = "default"): ReadAddress | undefined {
  const params = new URLSearchParams(url.split(/[?#&]/).slice(1).join("&"));
  const of = (name: string): string => params.get(name) ?? "";
  const found = (names: string, arrival: Arrival, more?: Partial<ReadAddress>): ReadAddress => ({
    arrival,
    ...more,
    cleanUrl: url
      .replace(new RegExp(`([?#&])(${names})=[^&#]*`, "g"), "$1")
      .replace(/([?#&])&+/g, "$1")
      .replace(/[?&]+(?=#|$)|#$/g, ""),
  });
  const confirmed = of("account_confirmation_success");
  const resetToken = of("reset_password_token");
  const [token, client, uid, expiry, error] = ["auth_token", "client_id", "uid", "expiry", "error"].map(of);
  if ((of("config") || config) !== config) return undefined;
  if (confirmed) return found("account_confirmation_success", { kind: "confirmed", ok: confirmed === "true" });
  if (resetToken || of("reset_password"))
    return found(
      `reset_password|reset_password_token${client && `|access-token|token|client|${ofSession}`}`,
      { kind: "password-reset", ok: resetToken !== "" },
      { resetToken },
    );
  if (token && client && uid && expiry)
    return found(
      `auth_token|blank|oauth_registration|${ofSession}`,
      { kind: "signed-in", registered: of("oauth_registration") === "true" },
      { credentials: { token, client, expiry: +expiry, uid: headerText(uid) } },
    );
  return error && of("blank") ? found("error|message|blank|config", { kind: "failed", error }) : undefined;
}

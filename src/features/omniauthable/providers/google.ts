import { fromOptions, type Provider, type ProviderOptions } from "./provider.js";
import { standardProfile } from "./values.js";

/**
 * Sign in with Google. Keys: https://console.cloud.google.com/apis/credentials.
 *
 * Sources: better-auth's and django-allauth's Google providers; Google's own metadata for scopes and client authentication.
 * ID tokens spell the issuer with and without `https://` (better-auth). Google gives a refresh token only for `access_type=offline`,
 * and reliably only with `prompt=consent`; both are sent when tokens are kept.
 */
export function google(options: ProviderOptions = {}): Provider {
  const offline = options.keepTokens ? { access_type: "offline", prompt: "consent" } : {};
  return {
    ...fromOptions(options, ["openid", "email", "profile"], offline),
    label: "Google",
    issuer: "https://accounts.google.com",
    acceptedIssuers: ["https://accounts.google.com", "accounts.google.com"],
    endpoints: {
      authorization: "https://accounts.google.com/o/oauth2/v2/auth",
      token: "https://oauth2.googleapis.com/token",
      keys: "https://www.googleapis.com/oauth2/v3/certs",
    },
    profileRequests: [],
    clientAuthentication: "post",
    pkce: "sent",
    idToken: "with nonce",
    algorithms: ["RS256"],
    profile: ({ claims }) => standardProfile(claims),
  };
}

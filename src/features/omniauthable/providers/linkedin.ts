import { fromOptions, type Provider, type ProviderOptions } from "./provider.js";
import { objectOf, standardProfile } from "./values.js";

/**
 * Sign in with LinkedIn (OpenID Connect). Keys: https://www.linkedin.com/developers/apps.
 *
 * Sources: better-auth's LinkedIn provider and logto's connector; Auth.js and supabase/auth for the issuer, which gained `/oauth` in 2024.
 * PKCE and nonce are left out: LinkedIn enables them for single apps only (directus/directus#23645); state is bound to the browser.
 * The token response lacks `token_type` (panva/openid-client#826, cmd-johnson/deno-oauth2-client#37).
 */
export function linkedin(options: ProviderOptions = {}): Provider {
  return {
    ...fromOptions(options, ["openid", "profile", "email"]),
    label: "LinkedIn",
    issuer: "https://www.linkedin.com/oauth",
    acceptedIssuers: ["https://www.linkedin.com/oauth", "https://www.linkedin.com"],
    endpoints: {
      authorization: "https://www.linkedin.com/oauth/v2/authorization",
      token: "https://www.linkedin.com/oauth/v2/accessToken",
      keys: "https://www.linkedin.com/oauth/openid/jwks",
    },
    profileRequests: [{ as: "userinfo", url: "https://api.linkedin.com/v2/userinfo" }],
    clientAuthentication: "post",
    pkce: "left out",
    idToken: "without nonce",
    algorithms: ["RS256"],
    conform: (body) => ({ token_type: "Bearer", ...body }),
    denials: ["user_cancelled_login", "user_cancelled_authorize"],
    profile: ({ claims, responses }) =>
      standardProfile({ ...objectOf(responses["userinfo"]), sub: claims["sub"] }),
  };
}

import { fromOptions, type Provider, type ProviderOptions } from "./provider.js";
import { imageOf, standardProfile, textOf } from "./values.js";

const claimsWanted = JSON.stringify({
  id_token: { email: null, email_verified: null, picture: null, preferred_username: null },
});

/**
 * Sign in with Twitch (OpenID Connect). Keys: https://dev.twitch.tv/console.
 *
 * Sources: Twitch's own docs and arctic's; Auth.js and better-auth for the claims. PKCE is left out: Twitch does not know it
 * (twitchdev/issues#1097); the nonce is sent. `scope` comes as a list (Auth.js' provider). The address was missing for some people in
 * June 2026 (twitchdev/issues#1181).
 */
export function twitch(options: ProviderOptions = {}): Provider {
  return {
    ...fromOptions(options, ["openid", "user:read:email"], { claims: claimsWanted }),
    label: "Twitch",
    issuer: "https://id.twitch.tv/oauth2",
    acceptedIssuers: ["https://id.twitch.tv/oauth2"],
    endpoints: {
      authorization: "https://id.twitch.tv/oauth2/authorize",
      token: "https://id.twitch.tv/oauth2/token",
      keys: "https://id.twitch.tv/oauth2/keys",
    },
    profileRequests: [],
    clientAuthentication: "post",
    pkce: "left out",
    idToken: "with nonce",
    algorithms: ["RS256"],
    conform: ({ scope, ...rest }) => ({
      ...rest,
      ...(Array.isArray(scope) ? { scope: scope.join(" ") } : scope === undefined ? {} : { scope }),
    }),
    profile: ({ claims }) => ({
      ...standardProfile(claims),
      name: textOf(claims["preferred_username"]),
      image: imageOf(claims["picture"]),
    }),
  };
}

import { fromOptions, type Provider, type ProviderOptions } from "./provider.js";
import { imageOf, standardProfile, textOf } from "./values.js";

/**
 * Sign in with LINE. Keys: https://developers.line.biz/console.
 *
 * Sources: better-auth's LINE provider and Auth.js'; nextauthjs/next-auth#2917 and pow-auth/assent#58 for the algorithm: web sign-ins
 * have ID tokens with HS256 over the channel secret, although the metadata say ES256. Native apps have ES256. The address stands in the
 * ID token only, needs LINE's approval, and is never said to be verified.
 */
export function line(options: ProviderOptions = {}): Provider {
  return {
    ...fromOptions(options, ["openid", "profile", "email"]),
    label: "LINE",
    issuer: "https://access.line.me",
    acceptedIssuers: ["https://access.line.me"],
    endpoints: {
      authorization: "https://access.line.me/oauth2/v2.1/authorize",
      token: "https://api.line.me/oauth2/v2.1/token",
      keys: "https://api.line.me/oauth2/v2.1/certs",
    },
    profileRequests: [],
    clientAuthentication: "post",
    pkce: "sent",
    idToken: "with nonce",
    algorithms: ["HS256", "ES256"],
    profile: ({ claims }) => ({
      ...standardProfile(claims),
      emailVerified: false,
      name: textOf(claims["name"]),
      image: imageOf(claims["picture"]),
    }),
  };
}

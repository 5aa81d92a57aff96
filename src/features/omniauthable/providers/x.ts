import { fromOptions, type Provider, type ProviderOptions } from "./provider.js";
import { idOf, imageOf, objectOf, textOf } from "./values.js";

/**
 * Sign in with X. Keys: https://developer.x.com.
 *
 * Sources: better-auth's and supabase/auth's X providers; django-allauth for HTTP Basic at the token endpoint, at refresh too
 * (better-auth/better-auth#2095). PKCE is required. `confirmed_email` is there only if the app's settings at X ask for it, and being there
 * is the proof.
 */
export function x(options: ProviderOptions = {}): Provider {
  const scopes = ["users.read", "tweet.read", "users.email"];
  return {
    ...fromOptions(options, options.keepTokens ? [...scopes, "offline.access"] : scopes),
    // It refuses a request without a challenge.
    nativeCodeProof: options.nativeCodeProof ?? "pkce",
    label: "X",
    issuer: "https://x.com",
    acceptedIssuers: ["https://x.com"],
    endpoints: {
      authorization: "https://x.com/i/oauth2/authorize",
      token: "https://api.x.com/2/oauth2/token",
    },
    profileRequests: [
      { as: "me", url: "https://api.x.com/2/users/me?user.fields=profile_image_url,confirmed_email" },
    ],
    clientAuthentication: "basic",
    pkce: "sent",
    idToken: "none",
    algorithms: [],
    profile({ responses }) {
      const data = objectOf(objectOf(responses["me"])["data"]);
      const email = textOf(data["confirmed_email"]);
      return {
        subject: idOf(data["id"]),
        email,
        emailVerified: email !== null,
        name: textOf(data["name"]),
        nickname: textOf(data["username"]),
        image: imageOf(data["profile_image_url"]),
      };
    },
  };
}

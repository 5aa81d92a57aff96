import { fromOptions, type Provider, type ProviderOptions } from "./provider.js";
import { imageOf, listOf, objectOf, textOf } from "./values.js";

/**
 * Sign in with Bitbucket. Keys: workspace settings, OAuth consumers.
 *
 * Sources: pocketbase's and supabase/auth's Bitbucket providers; Auth.js for the endpoints. PKCE is left out: neither source sends it;
 * state is bound to the browser. Scopes are fixed at the consumer. The identity is the account's uuid, with its braces (Auth.js takes
 * `account_id`). The address is the primary entry of `/2.0/user/emails`.
 */
export function bitbucket(options: ProviderOptions = {}): Provider {
  return {
    ...fromOptions(options, ["account", "email"]),
    label: "Bitbucket",
    issuer: "https://bitbucket.org",
    acceptedIssuers: ["https://bitbucket.org"],
    endpoints: {
      authorization: "https://bitbucket.org/site/oauth2/authorize",
      token: "https://bitbucket.org/site/oauth2/access_token",
    },
    profileRequests: [
      { as: "user", url: "https://api.bitbucket.org/2.0/user" },
      { as: "emails", url: "https://api.bitbucket.org/2.0/user/emails", optional: true },
    ],
    clientAuthentication: "post",
    pkce: "left out",
    idToken: "none",
    algorithms: [],
    profile({ responses }) {
      const user = objectOf(responses["user"]);
      const entries = listOf(objectOf(responses["emails"])["values"]);
      const primary = objectOf(entries.find((one) => objectOf(one)["is_primary"] === true));
      return {
        subject: textOf(user["uuid"]),
        email: textOf(primary["email"]),
        emailVerified: primary["is_confirmed"] === true,
        name: textOf(user["display_name"]),
        nickname: textOf(user["nickname"]),
        image: imageOf(objectOf(objectOf(user["links"])["avatar"])["href"]),
      };
    },
  };
}

import { fromOptions, type Provider, type ProviderOptions } from "./provider.js";
import { idOf, imageOf, listOf, objectOf, textOf } from "./values.js";

/**
 * Sign in with GitHub. Keys: https://github.com/settings/developers.
 *
 * Sources: better-auth's and pocketbase's GitHub providers; Auth.js for the issuer that callbacks carry since 2026
 * (langfuse/langfuse#13091). Not OpenID Connect: there is no ID token. Errors come with status 200 (octokit/auth-oauth-app.js#13).
 * The address and whether it is verified are those of the primary entry of `/user/emails`, never of `/user`.
 */
export function github(options: ProviderOptions = {}): Provider {
  const headers = { accept: "application/vnd.github+json", "user-agent": "keyturn" };
  return {
    ...fromOptions(options, ["read:user", "user:email"]),
    label: "GitHub",
    issuer: "https://github.com/login/oauth",
    acceptedIssuers: ["https://github.com/login/oauth"],
    endpoints: {
      authorization: "https://github.com/login/oauth/authorize",
      token: "https://github.com/login/oauth/access_token",
    },
    profileRequests: [
      { as: "user", url: "https://api.github.com/user", headers },
      { as: "emails", url: "https://api.github.com/user/emails", headers, optional: true },
    ],
    clientAuthentication: "post",
    pkce: "sent",
    idToken: "none",
    algorithms: [],
    profile({ responses }) {
      const user = objectOf(responses["user"]);
      const primary = objectOf(listOf(responses["emails"]).find((one) => objectOf(one)["primary"] === true));
      return {
        subject: idOf(user["id"]),
        email: textOf(primary["email"]),
        emailVerified: primary["verified"] === true,
        name: textOf(user["name"]) ?? textOf(user["login"]),
        nickname: textOf(user["login"]),
        image: imageOf(user["avatar_url"]),
      };
    },
  };
}

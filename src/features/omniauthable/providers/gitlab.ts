import { fromOptions, type Provider, type ProviderOptions } from "./provider.js";
import { idOf, imageOf, objectOf, textOf } from "./values.js";

export interface GitlabOptions extends ProviderOptions {
  /** Address of your own GitLab. Default `"https://gitlab.com"`. */
  readonly baseUrl?: string;
}

/**
 * Sign in with GitLab. Keys: https://gitlab.com/-/user_settings/applications.
 *
 * Sources: better-auth's and pocketbase's GitLab providers; supabase/auth for `confirmed_at` as the proof of the address. Refresh tokens
 * are good for one use (dexidp/dex#2352). Accounts of different servers are different people: the server's address is the issuer.
 */
export function gitlab(options: GitlabOptions = {}): Provider {
  const base = (options.baseUrl ?? "https://gitlab.com").replace(/\/+$/, "");
  return {
    ...fromOptions(options, ["read_user"]),
    label: "GitLab",
    problems: /^https:\/\/[^/]+/.test(base) ? [] : ['baseUrl must begin with "https://"'],
    issuer: base,
    acceptedIssuers: [base],
    endpoints: { authorization: `${base}/oauth/authorize`, token: `${base}/oauth/token` },
    profileRequests: [{ as: "user", url: `${base}/api/v4/user` }],
    clientAuthentication: "post",
    pkce: "sent",
    idToken: "none",
    algorithms: [],
    profile({ responses }) {
      const user = objectOf(responses["user"]);
      return {
        subject: idOf(user["id"]),
        email: textOf(user["email"]),
        emailVerified: textOf(user["confirmed_at"]) !== null,
        name: textOf(user["name"]) ?? textOf(user["username"]),
        nickname: textOf(user["username"]),
        image: imageOf(user["avatar_url"]),
      };
    },
  };
}

import { fromOptions, type Provider, type ProviderOptions } from "./provider.js";
import { standardProfile, textOf } from "./values.js";

/**
 * Sign in with Slack (OpenID Connect). Keys: https://api.slack.com/apps.
 *
 * Sources: better-auth's and supabase/auth's Slack providers; Auth.js for the issuer. PKCE is left out: the OpenID Connect endpoint was
 * seen refusing a secret together with PKCE (paradigmxyz/centaur#1101); the nonce is sent, and state is bound to the browser.
 * A user's id is unique only within the team, so the identity is team and user. Errors come as `ok: false` with status 200.
 */
export function slack(options: ProviderOptions = {}): Provider {
  return {
    ...fromOptions(options, ["openid", "profile", "email"]),
    label: "Slack",
    issuer: "https://slack.com",
    acceptedIssuers: ["https://slack.com"],
    endpoints: {
      authorization: "https://slack.com/openid/connect/authorize",
      token: "https://slack.com/api/openid.connect.token",
      keys: "https://slack.com/openid/connect/keys",
    },
    profileRequests: [],
    clientAuthentication: "post",
    pkce: "left out",
    idToken: "with nonce",
    algorithms: ["RS256"],
    conform: ({ ok, error, ...rest }) =>
      ok === false ? { error: textOf(error) ?? "server_error" } : { token_type: "Bearer", ...rest },
    profile({ claims }) {
      const [team, user] = [
        textOf(claims["https://slack.com/team_id"]),
        textOf(claims["https://slack.com/user_id"]),
      ];
      return {
        ...standardProfile(claims),
        subject: team === null || user === null ? null : `${team}.${user}`,
      };
    },
  };
}

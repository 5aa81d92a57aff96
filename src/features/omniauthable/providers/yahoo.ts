import { fromOptions, type Provider, type ProviderOptions } from "./provider.js";
import { objectOf, standardProfile, textOf } from "./values.js";

/**
 * Sign in with Yahoo (OpenID Connect). Keys: https://developer.yahoo.com/apps.
 *
 * Sources: django-allauth's Yahoo provider and social-core's; openiddict for the issuer. Whether PKCE is wanted: mustang-im/mustang#162
 * found it required, arctic's docs name none; we send it. Yahoo takes only https in the callback's address (jaredhanson/passport#990).
 */
export function yahoo(options: ProviderOptions = {}): Provider {
  return {
    ...fromOptions(options, ["openid", "profile", "email"]),
    label: "Yahoo",
    issuer: "https://api.login.yahoo.com",
    acceptedIssuers: ["https://api.login.yahoo.com"],
    endpoints: {
      authorization: "https://api.login.yahoo.com/oauth2/request_auth",
      token: "https://api.login.yahoo.com/oauth2/get_token",
      keys: "https://api.login.yahoo.com/openid/v1/certs",
    },
    profileRequests: [{ as: "userinfo", url: "https://api.login.yahoo.com/openid/v1/userinfo" }],
    clientAuthentication: "basic",
    pkce: "sent",
    idToken: "with nonce",
    algorithms: ["ES256", "RS256"],
    profile({ claims, responses }) {
      const userinfo = objectOf(responses["userinfo"]);
      const parts = [textOf(userinfo["given_name"]), textOf(userinfo["family_name"])].filter((part) => part);
      return {
        ...standardProfile({ ...userinfo, sub: claims["sub"] }),
        name: parts.length > 0 ? parts.join(" ") : textOf(userinfo["name"]),
      };
    },
  };
}

import { fromOptions, type Provider, type ProviderOptions } from "./provider.js";
import { idOf, imageOf, objectOf, textOf } from "./values.js";

export interface FacebookOptions extends ProviderOptions {
  /** Version of the Graph API. Default `"v23.0"`. */
  readonly version?: string;
}

/**
 * Sign in with Facebook. Keys: https://developers.facebook.com/apps.
 *
 * Sources: better-auth's Facebook provider and social-core's; django-allauth for the missing proof of the address, where supabase/auth
 * says the opposite: we take it as unverified. An account made with a phone number has no address at all (simi/omniauth-facebook#61).
 * Declining comes as `error_reason=user_denied`. Facebook adds `#_=_` to the callback's address; our redirects carry a fragment of their own.
 */
export function facebook(options: FacebookOptions = {}): Provider {
  const { version = "v23.0" } = options;
  return {
    ...fromOptions(options, ["email", "public_profile"]),
    label: "Facebook",
    problems: /^v\d+\.\d+$/.test(version) ? [] : ['version must look like "v23.0"'],
    issuer: "https://www.facebook.com",
    acceptedIssuers: ["https://www.facebook.com"],
    endpoints: {
      authorization: `https://www.facebook.com/${version}/dialog/oauth`,
      token: `https://graph.facebook.com/${version}/oauth/access_token`,
    },
    profileRequests: [
      { as: "me", url: `https://graph.facebook.com/${version}/me?fields=id,name,email,picture` },
    ],
    scopeSeparator: ",",
    clientAuthentication: "post",
    pkce: "sent",
    idToken: "none",
    algorithms: [],
    denials: ["user_denied"],
    profile({ responses }) {
      const me = objectOf(responses["me"]);
      return {
        subject: idOf(me["id"]),
        email: textOf(me["email"]),
        emailVerified: false,
        name: textOf(me["name"]),
        nickname: null,
        image: imageOf(objectOf(objectOf(me["picture"])["data"])["url"]),
      };
    },
  };
}

import { fromOptions, type Provider, type ProviderOptions } from "./provider.js";
import { idOf, objectOf, textOf } from "./values.js";

/**
 * Login with Amazon. Keys: https://developer.amazon.com/loginwithamazon/console/site/lwa/overview.html.
 *
 * Sources: django-allauth's Amazon provider and social-core's; Amazon's docs and openiddict for PKCE and client authentication.
 * Nothing says whether an address was verified, so none is.
 */
export function amazon(options: ProviderOptions = {}): Provider {
  return {
    ...fromOptions(options, ["profile"]),
    label: "Amazon",
    issuer: "https://www.amazon.com",
    acceptedIssuers: ["https://www.amazon.com"],
    endpoints: {
      authorization: "https://www.amazon.com/ap/oa",
      token: "https://api.amazon.com/auth/o2/token",
    },
    profileRequests: [{ as: "profile", url: "https://api.amazon.com/user/profile" }],
    clientAuthentication: "post",
    pkce: "sent",
    idToken: "none",
    algorithms: [],
    profile({ responses }) {
      const profile = objectOf(responses["profile"]);
      return {
        subject: idOf(profile["user_id"]),
        email: textOf(profile["email"]),
        emailVerified: false,
        name: textOf(profile["name"]),
        nickname: null,
        image: null,
      };
    },
  };
}

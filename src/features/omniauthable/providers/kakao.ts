import { fromOptions, type Provider, type ProviderOptions } from "./provider.js";
import { idOf, imageOf, objectOf, textOf } from "./values.js";

/**
 * Sign in with Kakao. Keys: https://developers.kakao.com/console/app.
 *
 * Sources: better-auth's and supabase/auth's Kakao providers; pocketbase for PKCE. Kakao refuses the whole request (KOE205) for a scope
 * that is not enabled for the app (better-auth/better-auth#591, supabase/auth#2574): name your own in `scopes`.
 */
export function kakao(options: ProviderOptions = {}): Provider {
  return {
    ...fromOptions(options, ["account_email", "profile_nickname", "profile_image"]),
    label: "Kakao",
    issuer: "https://kauth.kakao.com",
    acceptedIssuers: ["https://kauth.kakao.com"],
    endpoints: {
      authorization: "https://kauth.kakao.com/oauth/authorize",
      token: "https://kauth.kakao.com/oauth/token",
    },
    profileRequests: [{ as: "me", url: "https://kapi.kakao.com/v2/user/me" }],
    clientAuthentication: "post",
    pkce: "sent",
    idToken: "none",
    algorithms: [],
    profile({ responses }) {
      const me = objectOf(responses["me"]);
      const account = objectOf(me["kakao_account"]);
      const profile = objectOf(account["profile"]);
      return {
        subject: idOf(me["id"]),
        email: textOf(account["email"]),
        emailVerified: account["is_email_valid"] === true && account["is_email_verified"] === true,
        name: textOf(profile["nickname"]),
        nickname: textOf(profile["nickname"]),
        image: imageOf(profile["profile_image_url"]),
      };
    },
  };
}

import { fromOptions, type Provider, type ProviderOptions } from "./provider.js";
import { idOf, imageOf, objectOf, textOf } from "./values.js";

/**
 * Sign in with Dropbox. Keys: https://www.dropbox.com/developers/apps.
 *
 * Sources: better-auth's Dropbox provider and social-core's; Auth.js for the endpoints. The profile is a POST without a body
 * (n8n-io/n8n#27685). A refresh token comes only with `token_access_type=offline`, which is sent when tokens are kept.
 */
export function dropbox(options: ProviderOptions = {}): Provider {
  return {
    ...fromOptions(
      options,
      ["account_info.read"],
      options.keepTokens ? { token_access_type: "offline" } : {},
    ),
    label: "Dropbox",
    issuer: "https://www.dropbox.com",
    acceptedIssuers: ["https://www.dropbox.com"],
    endpoints: {
      authorization: "https://www.dropbox.com/oauth2/authorize",
      token: "https://api.dropboxapi.com/oauth2/token",
    },
    profileRequests: [
      { as: "account", url: "https://api.dropboxapi.com/2/users/get_current_account", method: "POST" },
    ],
    clientAuthentication: "post",
    pkce: "sent",
    idToken: "none",
    algorithms: [],
    profile({ responses }) {
      const account = objectOf(responses["account"]);
      return {
        subject: idOf(account["account_id"]),
        email: textOf(account["email"]),
        emailVerified: account["email_verified"] === true,
        name: textOf(objectOf(account["name"])["display_name"]),
        nickname: null,
        image: imageOf(account["profile_photo_url"]),
      };
    },
  };
}

import { fromOptions, type Provider, type ProviderOptions } from "./provider.js";
import { idOf, objectOf, textOf } from "./values.js";

/**
 * Sign in with Discord. Keys: https://discord.com/developers/applications.
 *
 * Sources: better-auth's and django-allauth's Discord providers; Discord's own metadata, which promise `iss` in callbacks. Whether a client
 * with a secret may send PKCE: pocketbase sends it and the metadata list S256, arctic's docs say it cannot; we send it.
 * Discord was seen sending two codes for one consent (discord/discord-api-docs#6073): the second callback changes nothing.
 */
export function discord(options: ProviderOptions = {}): Provider {
  return {
    ...fromOptions(options, ["identify", "email"]),
    label: "Discord",
    issuer: "https://discord.com",
    acceptedIssuers: ["https://discord.com"],
    promisesIss: true,
    endpoints: {
      authorization: "https://discord.com/api/oauth2/authorize",
      token: "https://discord.com/api/oauth2/token",
    },
    profileRequests: [{ as: "me", url: "https://discord.com/api/users/@me" }],
    clientAuthentication: "post",
    pkce: "sent",
    idToken: "none",
    algorithms: [],
    profile({ responses }) {
      const me = objectOf(responses["me"]);
      const [id, avatar] = [idOf(me["id"]), textOf(me["avatar"])];
      return {
        subject: id,
        email: textOf(me["email"]),
        emailVerified: me["verified"] === true,
        name: textOf(me["global_name"]) ?? textOf(me["username"]),
        nickname: textOf(me["username"]),
        image:
          id === null || avatar === null ? null : `https://cdn.discordapp.com/avatars/${id}/${avatar}.png`,
      };
    },
  };
}

import { fromOptions, type Provider, type ProviderOptions } from "./provider.js";
import { idOf, imageOf, listOf, objectOf, textOf } from "./values.js";

/**
 * Sign in with Spotify. Keys: https://developer.spotify.com/dashboard.
 *
 * Sources: better-auth's Spotify provider and Auth.js'; supabase/auth for the address, which Spotify does not verify. Whether a client with
 * a secret may send PKCE: openiddict and pocketbase send it, arctic's docs say it cannot; we send it. Spotify takes no `localhost` in
 * the callback's address: write 127.0.0.1 into baseUrl (spotipy-dev/spotipy#1186).
 */
export function spotify(options: ProviderOptions = {}): Provider {
  return {
    ...fromOptions(options, ["user-read-email"]),
    label: "Spotify",
    issuer: "https://accounts.spotify.com",
    acceptedIssuers: ["https://accounts.spotify.com"],
    endpoints: {
      authorization: "https://accounts.spotify.com/authorize",
      token: "https://accounts.spotify.com/api/token",
    },
    profileRequests: [{ as: "me", url: "https://api.spotify.com/v1/me" }],
    clientAuthentication: "basic",
    pkce: "sent",
    idToken: "none",
    algorithms: [],
    profile({ responses }) {
      const me = objectOf(responses["me"]);
      return {
        subject: idOf(me["id"]),
        email: textOf(me["email"]),
        emailVerified: false,
        name: textOf(me["display_name"]),
        nickname: null,
        image: imageOf(objectOf(listOf(me["images"])[0])["url"]),
      };
    },
  };
}

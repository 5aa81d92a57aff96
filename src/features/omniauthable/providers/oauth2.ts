import { parseUrl } from "../../../parse-url.js";
import {
  type Endpoints,
  fromOptions,
  type JsonObject,
  type Profile,
  type ProfileRequest,
  type Provider,
  type ProviderOptions,
} from "./provider.js";
import { objectOf } from "./values.js";

export interface OAuth2Options extends ProviderOptions {
  /** What people call it. */
  readonly label: string;
  /** A name for where these identities come from: half of their key, so it never changes. An https URL of the provider's is best. */
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  /** Where the profile is, which the access token opens. */
  readonly profileEndpoint: string;
  /** Reads the profile: an id that never changes, the address, and whether the provider has verified it. */
  readonly profile: (response: JsonObject) => Partial<Profile> & Pick<Profile, "subject">;
  /** Default `"post"`. */
  readonly clientAuthentication?: "post" | "basic" | "none";
  /** Default `"sent"`. Write down why, if you leave it out. */
  readonly pkce?: "sent" | "left out";
}

/** Any provider that speaks OAuth 2.0 without OpenID Connect. */
export function oauth2(options: OAuth2Options): Provider {
  const endpoints: Endpoints = { authorization: options.authorizationEndpoint, token: options.tokenEndpoint };
  const request: ProfileRequest = { as: "profile", url: options.profileEndpoint };
  const names = ["authorizationEndpoint", "tokenEndpoint", "profileEndpoint"] as const;
  return {
    ...fromOptions(options, []),
    problems: names
      .filter((name) => !parseUrl(options[name]))
      .map((name) => `${name} must be an absolute URL`),
    label: options.label,
    issuer: options.issuer,
    acceptedIssuers: [options.issuer],
    endpoints,
    profileRequests: [request],
    clientAuthentication: options.clientAuthentication ?? "post",
    pkce: options.pkce ?? "sent",
    idToken: "none",
    algorithms: [],
    profile: ({ responses }) => ({
      email: null,
      emailVerified: false,
      name: null,
      nickname: null,
      image: null,
      ...options.profile(objectOf(responses["profile"])),
    }),
  };
}

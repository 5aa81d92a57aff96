import { parseWebUrl } from "../../../parse-url.js";
import { fromOptions, type Profile, type Provider, type ProviderOptions } from "./provider.js";
import { objectOf, standardProfile } from "./values.js";

export interface OidcOptions extends ProviderOptions {
  /** Address of the provider, below which `/.well-known/openid-configuration` is. */
  readonly issuer: string;
  /** What people call it. Default: the host of `issuer`. */
  readonly label?: string;
  /** More spellings of the issuer that its tokens may have. */
  readonly acceptedIssuers?: readonly string[];
  /** Algorithms that ID tokens may be signed with. Default: RS256, PS256, ES256, EdDSA. */
  readonly algorithms?: readonly string[];
  /** Default `"post"`. */
  readonly clientAuthentication?: "post" | "basic" | "none";
  /** Default `"sent"`. */
  readonly pkce?: "sent" | "left out";
  /** Default `true`. */
  readonly nonce?: boolean;
  /** Reads the profile from the claims. Default: those of OpenID Connect; `email_verified` has to be `true`. */
  readonly profile?: (claims: Readonly<Record<string, unknown>>) => Profile;
}

/**
 * Any provider that speaks OpenID Connect, found by discovery (OpenID Connect Discovery 1.0): `oidc({ issuer: "https://id.example.com" })`.
 * Its metadata are read at the first sign-in, not at the start.
 */
export function oidc(options: OidcOptions): Provider {
  const { issuer, profile = standardProfile } = options;
  const url = parseWebUrl(issuer);
  return {
    ...fromOptions(options, ["openid", "profile", "email"]),
    problems: url ? [] : ['issuer must be an absolute URL, such as "https://id.example.com"'],
    label: options.label ?? url?.host ?? issuer,
    issuer,
    acceptedIssuers: [issuer, ...(options.acceptedIssuers ?? [])],
    endpoints: undefined,
    profileRequests: [],
    clientAuthentication: options.clientAuthentication ?? "post",
    pkce: options.pkce ?? "sent",
    idToken: options.nonce === false ? "without nonce" : "with nonce",
    algorithms: options.algorithms ?? ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"],
    profile: ({ claims, responses }) => profile({ ...objectOf(responses["userinfo"]), ...claims }),
  };
}

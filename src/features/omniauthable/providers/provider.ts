/** What Keyturn has to know of a provider, as data. Each built-in one is a file beside this one; `oidc` and `oauth2` make others. */
export interface Provider {
  /** What people call it: "GitHub". */
  readonly label: string;
  /** The app's id at the provider. `undefined`: the environment says it. */
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  /** Signs a secret for one request, where the provider wants a signed one (Apple). `now`: unix milliseconds. */
  readonly signSecret?: (clientId: string, now: number) => Promise<string>;
  /** Ids of the app's native versions, whose ID tokens are accepted too. */
  readonly audiences: readonly string[];
  /** Redirect URIs of the app's native versions, whose codes are accepted too. Empty text: an SDK that uses none. */
  readonly nativeRedirectUris: readonly string[];
  /** What binds a native app's code to its request: see `ProviderOptions`. */
  readonly nativeCodeProof: NativeCodeProof;
  /** Where identities come from, and half of their key. It never changes, however the provider spells itself. */
  readonly issuer: string;
  /** Every spelling of the issuer in ID tokens and callbacks. */
  readonly acceptedIssuers: readonly string[];
  /** In place of that list, where the issuer depends on the token. */
  readonly isIssuer?: (issuer: string, claims: Claims) => boolean;
  /** Whether each callback carries `iss` (RFC 9207): then one without it is refused. */
  readonly promisesIss?: boolean;
  /** `undefined`: they are discovered below the issuer (OpenID Connect Discovery 1.0). */
  readonly endpoints: Endpoints | undefined;
  /** Requests whose responses make up the profile. With discovery and an empty list: the ID token alone. */
  readonly profileRequests: readonly ProfileRequest[];
  readonly scopes: readonly string[];
  readonly scopeSeparator?: " " | ",";
  /** More parameters of the authorization request. */
  readonly authorizationParams?: Readonly<Record<string, string>>;
  /** Whether the callback is a form that the provider's page posts across sites. */
  readonly formPost?: boolean;
  /** How the app names itself at the token endpoint. `"none"`: it has no secret. */
  readonly clientAuthentication: "post" | "basic" | "none";
  /** PKCE with S256. `"left out"` stands with its reason in the provider's file. */
  readonly pkce: "sent" | "left out";
  /** Whether there is an ID token, and whether it repeats the nonce. */
  readonly idToken: "with nonce" | "without nonce" | "none";
  /** The only algorithms that an ID token may be signed with, whatever its header says. */
  readonly algorithms: readonly string[];
  /** Whether a native app's ID token holds the SHA-256 of the nonce (hexadecimal), as Apple's does. */
  readonly hashesNonce?: boolean;
  /** Makes a response of the token endpoint conform to RFC 6749, where the provider's does not. */
  readonly conform?: (body: JsonObject) => JsonObject;
  /** Error codes by which this provider says that the person declined, beside `access_denied`. */
  readonly denials?: readonly string[];
  /** Reads the profile. Throws nothing: a missing subject is found out by whoever calls. */
  readonly profile: (source: ProfileSource) => Profile;
  /** Whether the provider's tokens are kept, encrypted, for `auth.providerToken`. */
  readonly keepTokens: boolean;
  /** Only for development and tests. */
  readonly developmentOnly?: boolean;
  /** What is wrong with the options, for the start of the app. */
  readonly problems: readonly string[];
  /** What somebody should know at the start, although nothing is wrong. `now`: unix milliseconds. */
  readonly warnings?: (now: number) => readonly string[];
}

export type NativeCodeProof = "nonce" | "pkce";

export type JsonObject = Readonly<Record<string, unknown>>;
export type Claims = JsonObject;

export interface Endpoints {
  readonly authorization: string;
  readonly token: string;
  /** Where the keys of ID tokens are. */
  readonly keys?: string;
}

export interface ProfileRequest {
  /** Under this name `profile` finds the response. */
  readonly as: string;
  readonly url: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether a refusal of this one leaves the rest good. */
  readonly optional?: boolean;
}

export interface ProfileSource {
  /** Of the ID token, verified. */
  readonly claims: Claims;
  /** The responses to the profile requests, by their names. */
  readonly responses: JsonObject;
  /** What came with the callback itself, which nobody has signed. */
  readonly callback: Readonly<Record<string, string>>;
}

/** A person, as a provider knows them. */
export interface Profile {
  readonly subject: string | null;
  readonly email: string | null;
  /** Whether the provider says that it has verified this very address. Nothing said is no. */
  readonly emailVerified: boolean;
  readonly name: string | null;
  readonly nickname: string | null;
  /** An https URL. */
  readonly image: string | null;
}

/** What an app says of a provider. */
export interface ProviderOptions {
  /** The app's id at the provider. Default: the variable `NAME_KEY`, where `NAME` is what `providers` calls it. */
  readonly clientId?: string;
  /** Default: the variable `NAME_SECRET`. */
  readonly clientSecret?: string;
  /** Scopes in place of the usual ones. */
  readonly scopes?: readonly string[];
  /** More parameters of the request to the provider, such as `{ prompt: "select_account" }`. */
  readonly authorizationParams?: Readonly<Record<string, string>>;
  /** Ids of the app's native versions: their ID tokens are accepted by the native exchange. */
  readonly audiences?: readonly string[];
  /** Redirect URIs of the app's native versions, whose codes the native exchange accepts; `""` for codes of an SDK that uses none. Default: none. */
  readonly nativeRedirectUris?: readonly string[];
  /**
   * What binds the code of a native app to the request that the app made. `"nonce"`: a nonce of ours, which the ID token repeats. `"pkce"`:
   * the app's `code_verifier` is enough. Say that only of a provider that refuses a code whose request had no challenge, and a verifier
   * that does not fit: one that ignores PKCE accepts any verifier, and then whoever gets hold of a code can use it. Default `"nonce"`.
   */
  readonly nativeCodeProof?: NativeCodeProof;
  /** Keeps the provider's tokens, encrypted, for `auth.providerToken`. Needs `serverKeys`. Default `false`. */
  readonly keepTokens?: boolean;
}

/** The part of a provider that its options say, and the scopes it has without them. */
export function fromOptions(
  options: ProviderOptions,
  scopes: readonly string[],
  params: Readonly<Record<string, string>> = {},
) {
  return {
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    scopes: options.scopes ?? scopes,
    authorizationParams: { ...params, ...options.authorizationParams },
    audiences: options.audiences ?? [],
    nativeRedirectUris: options.nativeRedirectUris ?? [],
    nativeCodeProof: options.nativeCodeProof ?? "nonce",
    keepTokens: options.keepTokens ?? false,
    problems: [],
  } as const;
}

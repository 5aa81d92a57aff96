import type { HeaderNames, SessionJson } from "../protocol.js";
import type { ReadableHeaders } from "./credentials.js";
import type { ClientEvents } from "./events.js";
import type { AuthState, ClientAccount } from "./state.js";
import type { ClientStorage, StorageName, WithCookies } from "./storage.js";

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** An object with the wire's names, or the form that was sent. */
export type Input<T> = (T & BotTokens) | FormData;

/** What the widget of a bot check gives. A parameter of another name goes with a form. */
export interface BotTokens {
  readonly "cf-turnstile-response"?: string | undefined;
  readonly "h-captcha-response"?: string | undefined;
  readonly "g-recaptcha-response"?: string | undefined;
}

export interface NewPasswordInput {
  readonly password: string;
  /** The same as `password` if it is left out. */
  readonly password_confirmation?: string | undefined;
  readonly current_password?: string | undefined;
}

export type Registration<A extends ClientAccount> = NewPasswordInput & {
  readonly email: string;
  readonly confirm_success_url?: string | undefined;
  readonly invitation_token?: string | undefined;
} & Partial<Omit<A, keyof ClientAccount>>;

export type AccountChange<A extends ClientAccount> = Partial<NewPasswordInput> & {
  readonly email?: string | undefined;
  readonly redirect_url?: string | undefined;
} & Partial<Omit<A, keyof ClientAccount>>;

/** The address, another of the server's `authenticationKeys` by its name, or any of them as `login`; and the password. */
export type SignIn<A extends ClientAccount> = { readonly password: string } & (
  | { readonly email: string }
  | { readonly login: string }
  | NamedByField<A, Exclude<keyof A, keyof ClientAccount>>
);

type NamedByField<A, Name extends keyof A> = Name extends unknown
  ? A[Name] extends string | null
    ? { readonly [Key in Name]: string }
    : unknown extends A[Name]
      ? { readonly [Key in Name]: unknown }
      : never
  : never;

/** What a link brought back to the app. */
export type Arrival =
  | { readonly kind: "confirmed"; readonly ok: boolean }
  /** With `ok`, `resetPassword` sets the new password; without, the link was used or is too old. */
  | { readonly kind: "password-reset-ready"; readonly ok: boolean }
  /** A session from a provider. `registered`: the account is new. */
  | { readonly kind: "signed-in"; readonly registered: boolean }
  | { readonly kind: "oauth-failed"; readonly error: string };

export interface ClientOptions {
  /** Where the API is: `"https://api.example.com"`, with a path if it has one. In a browser it may begin with `/`. */
  readonly apiUrl: string;
  /** Path of the model's routes below `apiUrl`. Default `"/auth"`. */
  readonly mountAt?: string | undefined;
  /** Name of the model, as `state.model` says it. Default `"user"`. */
  readonly model?: string | undefined;
  /** Name of this configuration (`config_name`), for several of them on one origin: 1 to 64 letters, digits and any of `_ . -`. */
  readonly config?: string | undefined;
  /** Default `"localStorage"`, and the memory where there is none. */
  readonly storage?: StorageName | ClientStorage | undefined;
  /** The key of the entry, in place of one that is made of API, path and configuration. */
  readonly storageKey?: string | undefined;
  /** Where links of mails lead. Default: this page without its query. */
  readonly redirectUrl?: string | undefined;
  /** The server's `batchRequestBufferThrottle` in milliseconds. Default 5000. */
  readonly window?: number | undefined;
  /** How long to wait for a response, milliseconds. Default 30 seconds for the calls of this client, no limit for `fetch`. */
  readonly timeout?: number | undefined;
  /** Sent with every request to the API. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Language of mails and texts: `Accept-Language`. */
  readonly locale?: string | undefined;
  /** The server's `headersNames`, where it changes them. */
  readonly headersNames?: Partial<HeaderNames> | undefined;
  /** A fetch of your own. It is given a `Request`. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** `"follow"`: requests with a token follow redirects. A redirect to another origin then hands it the token. Default `"manual"`. */
  readonly redirects?: "manual" | "follow" | undefined;
  /** Ask the server at once whether a stored session is still good. Default `true`. */
  readonly validateOnLoad?: boolean | undefined;
  /** Read what a link brought from the page's address, and take it out of there. Default `true`. */
  readonly readAddress?: boolean | undefined;
}

/** For `using client = …`. Only where the compiler knows the symbol: its name would not compile with a page's usual `lib`. */
type Disposes = SymbolConstructor extends { readonly dispose: infer Name extends symbol }
  ? { readonly [Key in Name]: () => void }
  : Readonly<Record<never, never>>;

export interface Client<A extends ClientAccount = ClientAccount> extends Disposes {
  readonly state: AuthState<A>;
  /** Resolves when `state` is no longer `loading`. The same promise for ever. */
  readonly ready: Promise<void>;
  /** Where the session is kept. `"memory"` if what was asked for is forbidden here; `"none"` on a server. */
  readonly storage: StorageName | "custom" | "none";
  /** The address of the model's routes. */
  readonly authUrl: string;
  /** The name of this client's configuration, which results that come back by an address or a window carry. */
  readonly config: string;
  /**
   * The header that shows the mark of this device to routes that sign in, or nothing. What a response of theirs has of it and is put in here
   * is stored with the session that begins next.
   */
  readonly device: Record<string, string>;
  /** What the page's address brought when the client was created. */
  readonly arrival: Arrival | undefined;

  /** Calls a function at each event. Returns the function that ends it. */
  on<E extends keyof ClientEvents<A>>(event: E, listener: (event: ClientEvents<A>[E]) => void): () => void;
  /** `fetch`, with the token if the address is one of the API's. A path is taken relative to `apiUrl`. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** The headers that a request to this address has to carry: none for another origin. For transports of your own. */
  headersFor(url: string | URL): Record<string, string>;
  /** Takes the token out of a response of another transport. Returns whether it is one of this session. */
  adopt(response: { readonly headers: ReadableHeaders }): boolean;

  register(
    input: Input<Registration<A>>,
    options?: CallOptions,
  ): Promise<{ readonly account: A; readonly signedIn: boolean }>;
  resendConfirmation(
    input: Input<{ readonly email: string; readonly redirect_url?: string | undefined }>,
    options?: CallOptions,
  ): Promise<void>;
  /** `remember: false`: until the browser is closed. */
  signIn(
    input: Input<SignIn<A>>,
    options?: CallOptions & { readonly remember?: boolean | undefined },
  ): Promise<A>;
  /** Never fails. `revoked: false`: the server could not be told. */
  signOut(options?: {
    readonly scope?: "this" | "others" | "all" | undefined;
  }): Promise<{ readonly revoked: boolean }>;
  /** Asks the server. The account, or `null` if the session has ended. */
  validate(options?: CallOptions): Promise<A | null>;
  requestPasswordReset(
    input: Input<{ readonly email: string; readonly redirect_url?: string | undefined }>,
    options?: CallOptions,
  ): Promise<void>;
  /** After a reset link; signs in. The link's token is that of the address unless it is given. */
  resetPassword(
    input: Input<NewPasswordInput & { readonly reset_password_token?: string | undefined }>,
    options?: CallOptions,
  ): Promise<A>;
  changePassword(input: Input<NewPasswordInput>, options?: CallOptions): Promise<A>;
  updateAccount(input: Input<AccountChange<A>>, options?: CallOptions): Promise<A>;
  deleteAccount(options?: CallOptions): Promise<void>;
  sessions(options?: CallOptions): Promise<readonly SessionJson[]>;
  endSession(id: string, options?: CallOptions): Promise<void>;
  /** Ends all sessions but this one. Returns how many. */
  endOtherSessions(options?: CallOptions): Promise<number>;

  /** Reads what a link brought: a deep link, the address of a window. The same address a second time changes nothing. */
  handleUrl(url: string): Promise<Arrival | undefined>;
  /** On a server: a client for one incoming request, with the session of its cookies. Needs the storage of `keyturn/client/cookies`. */
  forRequest(headers: ReadableHeaders): RequestClient<A>;
  /** Reads the storage, and asks the server if the token is old: for a place that says by itself when the app comes back. */
  wake(): void;
  /** Removes every listener. */
  dispose(): void;
}

/** A client that lives as long as one request to a server. */
export type RequestClient<A extends ClientAccount = ClientAccount> = Client<A> & WithCookies;

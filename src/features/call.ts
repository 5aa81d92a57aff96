import type { ActionName } from "../accounts/actions.js";
import type { Account, Model } from "../accounts/models.js";
import type { ParamValues } from "../accounts/overrides.js";
import type { Authentication } from "../engine/authentication.js";
import type { en } from "../texts/en.js";
import type { Language } from "../texts/language.js";
import type { Caller } from "./caller.js";
import type { Services } from "./services.js";
import type { RegistrationStep, SignInStep } from "./steps.js";

/** Parameters of a request by name. Lists and objects are dropped. */
export type Params = ReadonlyMap<string, string | number | boolean | null>;

/** The steps of a sign-in and of a registration, in their order (`list.ts`). */
export interface Steps {
  readonly signIn: readonly SignInStep[];
  /** Takes back what the steps of a sign-in have counted, where nobody could look at the password. */
  readonly signInWithdrawal: readonly SignInStep[];
  readonly registrationChecks: readonly RegistrationStep[];
  /** What follows once a registration has passed its checks. */
  readonly registration: readonly RegistrationStep[];
  /** Of an account that the app's own code makes. */
  readonly appRegistration: readonly RegistrationStep[];
  /** What follows once a provider has said who somebody is, and a session is open. */
  readonly providerSignIn: readonly SignInStep[];
  /** What follows once a provider's word has made an account. */
  readonly providerRegistration: readonly RegistrationStep[];
}

/** One request to one of the auth routes, as the actions see it. */
export interface Call {
  readonly services: Services;
  readonly steps: Steps;
  readonly model: Model;
  readonly action: ActionName;
  /** Of the body and, where the route allows it, the query. */
  readonly params: Params;
  /** Path and query of the request. */
  readonly url: string;
  readonly method: string;
  /** A header by its name in lower case. */
  header(name: string): string | undefined;
  /** The segments of the path that the route names, such as `id`. */
  readonly path: Readonly<Record<string, string>>;
  readonly caller: Caller;
  /** Whom the request is about, for overrides: as soon as a session, a link or a registration has told. */
  account: Account | undefined;
  /** The language of whoever asks, or of the mail whose link was opened. */
  readonly language: Language;
  /** Whose credentials the response carries, whatever becomes of the request. */
  credentials: Authentication | undefined;
  /** A parameter as text; `undefined` when it is absent, blank, or neither text nor a number. */
  text(name: string): string | undefined;
  /** Those of the parameters that the app permits for code of its own (`permittedParameters`). */
  permitted(): ParamValues;
  /** The session whose credentials the request shows. From then on every response carries the next ones, errors too. */
  authenticate(options?: { readonly limited?: boolean }): Promise<Authentication | undefined>;
  /**
   * The redirect target that a parameter names, or else the default, if the allow-list has it.
   * Throws AuthError `redirect_refused`.
   */
  redirectTarget(name: string, byDefault: string | undefined): string | undefined;
  /** Which of the client's configurations asks; a name that is too long for a link counts as absent. */
  configName(name?: string): string | undefined;
  /** A sentence of `texts/`, in the caller's language. */
  say(message: keyof typeof en.messages, values: Readonly<Record<string, string>>): string;
  /** The session has ended: the response carries no credentials and takes the cookie away. */
  signOut(): void;
}

/** What an action responds with. */
export type Reply =
  | JsonReply
  /** To an address that has been checked against the allow-list. */
  | { readonly redirect: string }
  | PageReply
  | RawReply;

/** One of the small pages. */
export interface PageReply {
  readonly status: number;
  readonly page: keyof typeof en.pages;
  /** What the page's button sends, where it has one. */
  readonly form?: {
    readonly action: string;
    readonly fields: Readonly<Record<string, string>>;
    /** Where the response redirects to: browsers hold it to the page's policy. */
    readonly leadsTo: string | undefined;
  };
}

export interface JsonReply {
  readonly status: number;
  readonly body: object;
  /** Default: `application/json`. */
  readonly type?: string | undefined;
}

/** A response that is neither JSON nor one of the small pages: with headers of its own. */
export interface RawReply {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Default: none. */
  readonly html?: string;
  /** A session that the response opens: where cookies are enabled, one goes along. */
  readonly credentials?: Authentication;
}

/** A success. */
export function ok(body: object): Reply {
  return { status: 200, body };
}

import type { ActionName } from "../accounts/actions.js";
import type { Account, Model } from "../accounts/models.js";
import type { ParamValues } from "../accounts/overrides.js";
import type { Authentication } from "../engine/authentication.js";
import type { PendingRequest } from "../engine/slow-requests.js";
import type { RejectionReason } from "../engine/verdict.js";
import { AuthError } from "../errors.js";
import { addressOf } from "../events.js";
import type { Call, Params, Steps } from "../features/call.js";
import type { Caller } from "../features/caller.js";
import { plainName } from "../features/schemas.js";
import type { Services } from "../features/services.js";
import type { en } from "../texts/en.js";
import type { Language } from "../texts/language.js";
import { fill } from "../texts/texts.js";
import { type CredentialSource, type RequestHead, readCredentials } from "./credentials.js";
import { paramValues, textParam } from "./params.js";
import type { Runtime } from "./runtime.js";

export interface CallOptions {
  readonly runtime: Runtime;
  readonly head: RequestHead;
  readonly url: URL;
  readonly model: Model;
  readonly action: ActionName;
  /** Whether the route is that of a link, which names its language. */
  readonly isLink: boolean;
  readonly path: Readonly<Record<string, string>>;
  readonly caller: Caller;
}

/** A request to an auth route: what the actions see of it, and what the handler makes the response's headers of. */
export class RequestCall implements Call {
  readonly services: Services;
  readonly steps: Steps;
  readonly model: Model;
  readonly action: ActionName;
  /** Empty until the body has been read. */
  params: Params = new Map();
  readonly path: Readonly<Record<string, string>>;
  readonly caller: Caller;
  readonly url: string;
  readonly method: string;
  account: Account | undefined;
  credentials: Authentication | undefined;
  /** Where the caller's credentials stood. `"new"`: the request showed none. */
  credentialSource: CredentialSource | "new" = "new";
  pending: PendingRequest | undefined;
  isSignedOut = false;
  /** Whether the request showed a cookie whose session is not there any more. One that came late may have a good one behind it. */
  isCookieOver = false;
  /** Why the token was refused that the request shows, where it is one of ours. */
  rejectionReason: RejectionReason | undefined;
  readonly #runtime: Runtime;
  readonly #head: RequestHead;
  readonly #url: URL;
  readonly #isLink: boolean;
  #authenticating: Promise<Authentication | undefined> | undefined;

  constructor(options: CallOptions) {
    this.steps = options.runtime.steps;
    this.model = options.model;
    this.action = options.action;
    this.path = options.path;
    this.caller = options.caller;
    this.#runtime = options.runtime;
    this.#head = options.head;
    this.#url = options.url;
    this.#isLink = options.isLink;
    this.url = options.url.pathname + options.url.search;
    this.method = options.head.method;
    const { services, bots } = options.runtime;
    // Behind all others: the check reads who asks for what.
    this.services = bots ? { ...services, bots: bots(this) } : services;
  }

  header(name: string): string | undefined {
    return this.#head.header(name);
  }

  get language(): Language {
    const named = this.#isLink ? this.#url.searchParams.get("locale") : null;
    return this.#runtime.languages.ofLink(named ?? undefined, {
      model: this.model.name,
      account: this.credentials?.account,
      header: (name) => this.header(name),
    });
  }

  text(name: string): string | undefined {
    return textParam(this.params, name);
  }

  permitted(): ParamValues {
    const names = this.model.permittedParameters[this.action] ?? [];
    return paramValues([...this.params].filter(([name]) => names.includes(name)));
  }

  /** Once for each request: an override has asked before the action does. */
  authenticate(options: { readonly limited?: boolean } = {}): Promise<Authentication | undefined> {
    this.#authenticating ??= this.#authenticate(options);
    return this.#authenticating;
  }

  async #authenticate(options: { readonly limited?: boolean }): Promise<Authentication | undefined> {
    const { settings, origins, slow } = this.#runtime;
    const param = (name: string): string | undefined =>
      this.text(name) ?? this.#url.searchParams.get(name) ?? undefined;
    const shown = readCredentials(this.#head, param, settings);
    if (!shown) return undefined;
    if (shown.from === "cookie" && origins.isForged(this.#head)) {
      this.#report("request.cross_site");
      throw new AuthError("cross_site_refused");
    }
    const unbatch = param("unbatch") === "true";
    const { address } = this.caller;
    const outcome = await this.services.sessions.authenticate([this.model], shown, {
      address,
      head: this.#head,
      unbatch,
      ...options,
    });
    this.isCookieOver = shown.from === "cookie" && (outcome === undefined || outcome === "expired");
    if (typeof outcome === "string") {
      this.rejectionReason = outcome;
      return undefined;
    }
    if (outcome === undefined) return undefined;
    this.account = outcome.account;
    this.credentials = outcome;
    this.credentialSource = shown.from;
    this.pending = slow.begin(outcome);
    return outcome;
  }

  redirectTarget(name: string, byDefault: string | undefined): string | undefined {
    const target = this.text(name) ?? byDefault;
    if (target === undefined || this.services.redirects.allows(target)) return target;
    this.#report("redirect.refused");
    throw new AuthError("redirect_refused", { subject: target });
  }

  configName(name = "config_name"): string | undefined {
    const config = this.text(name);
    return config !== undefined && plainName.test(config) ? config : undefined;
  }

  say(message: keyof typeof en.messages, values: Readonly<Record<string, string>>): string {
    return fill(this.#runtime.languages.ofJson(this.language).texts.messages[message], values);
  }

  signOut(): void {
    this.credentials = undefined;
    this.isSignedOut = true;
  }

  #report(event: "request.cross_site" | "redirect.refused"): void {
    this.services.emit(event, { model: this.model.name, ...addressOf(this.caller) });
  }
}

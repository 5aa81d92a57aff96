import type { ActionName } from "../accounts/actions.js";
import type { Account, Model } from "../accounts/models.js";
import type { CheckedOverride, OverrideCall, OverrideResponse, ParamValues } from "../accounts/overrides.js";
import type { RedirectAllowlist } from "../config/redirect-allowlist.js";
import type { Authentication } from "../engine/authentication.js";
import { AuthError } from "../errors.js";
import type { Params, Reply } from "../features/call.js";
import type { Caller } from "../features/caller.js";
import type { Pages } from "../features/pages.js";
import type { Language } from "../texts/language.js";
import { isJsonType, isPlainObject } from "./json-type.js";
import { mergeParams, paramValues } from "./params.js";
import { pageReply } from "./respond.js";

/** A request whose action the app has replaced. */
export interface Overridable {
  readonly model: Model;
  readonly action: ActionName;
  /** `original` may be called with others. */
  params: Params;
  readonly path: Readonly<Record<string, string>>;
  readonly caller: Caller;
  readonly account: Account | undefined;
  readonly credentials: Authentication | undefined;
  header(name: string): string | undefined;
}

export interface Overridden {
  readonly reply: Reply;
  /** What the original action has set: cookies of a flow, the policy of its page. They are no override's to lose. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface OverrideOptions {
  readonly override: CheckedOverride;
  readonly call: Overridable;
  /** The action that is replaced. */
  readonly act: () => Promise<Reply>;
  readonly language: Language;
  readonly redirects: RedirectAllowlist;
  readonly pages: Pages;
}

/**
 * Runs an action of the app's own in the place of another. Throws the AuthErrors that either of them throws; whatever else comes out of
 * an override is a mistake of the server.
 */
export async function runOverride(options: OverrideOptions): Promise<Overridden> {
  const { override, call, act, language, redirects, pages } = options;
  const place = `overrides.${call.model.name}.${call.action}`;
  const failures = new Set<unknown>();
  const running: Promise<unknown>[] = [];
  let isOver = false;
  let isTaken = false;
  let headers: Overridden["headers"] = [];
  let ledTo: string | undefined;
  const runOriginal = async (params: ParamValues | undefined): Promise<OverrideResponse> => {
    // What it would open then, no response could carry.
    if (isOver) throw new TypeError(`${place} called original after it had returned`);
    // Registering twice is a mistake in any case, and of two sessions the client would hold one.
    if (isTaken) throw new TypeError(`${place} called original a second time`);
    isTaken = true;
    if (params) call.params = mergeParams(new Map(Object.entries(params)), call.params);
    const replied = await act().catch((error: unknown) => {
      failures.add(error);
      isTaken = false;
      throw error;
    });
    const shown = shownOf(replied, language, pages);
    headers = shown.headers;
    ledTo = shown.response.redirect;
    return shown.response;
  };
  const original = (params?: ParamValues): Promise<OverrideResponse> => {
    const response = runOriginal(params);
    running.push(response.catch(() => undefined));
    return response;
  };
  let given: unknown;
  try {
    given = await override(givenOf(call), original);
  } catch (error) {
    if (error instanceof AuthError || failures.has(error)) throw error;
    throw new Error(`${place} failed`, { cause: error });
  } finally {
    isOver = true;
    // One that was not awaited may still open or renew a session, whose credentials go with this response.
    await Promise.all(running);
  }
  const isAllowed = (target: string): boolean => target === ledTo || redirects.allows(target);
  return { reply: replyOf(place, given, isAllowed), headers };
}

function givenOf(call: Overridable): OverrideCall {
  const { model, action, params, path, caller } = call;
  return {
    get account() {
      const account = call.credentials?.account ?? call.account;
      return account ? { ...account } : null;
    },
    get client() {
      return call.credentials?.session.client ?? null;
    },
    model: model.name,
    action,
    params: paramValues(params),
    path: { ...path },
    caller: { address: caller.address, userAgent: caller.userAgent },
    header: (name) => call.header(name.toLowerCase()),
  };
}

/** What an override sees of the original's reply, and the headers that go with it whatever becomes of it. */
function shownOf(
  reply: Reply,
  language: Language,
  pages: Pages,
): { response: OverrideResponse; headers: Overridden["headers"] } {
  if ("redirect" in reply) return { response: { status: 302, redirect: reply.redirect }, headers: [] };
  const { status, ...rest } = "page" in reply ? pageReply(reply, language, pages) : reply;
  if ("body" in rest) return { response: { status, body: rest.body }, headers: [] };
  const redirect = rest.headers.find(([name]) => name === "location")?.[1];
  return {
    response: {
      status,
      ...(redirect === undefined ? {} : { redirect }),
      ...(rest.html === undefined ? {} : { html: rest.html }),
    },
    headers: rest.headers.filter(([name]) => name !== "location"),
  };
}

const redirects: ReadonlySet<unknown> = new Set([301, 302, 303, 307, 308]);
// RFC 9110 §15.3.5, §15.3.6, §15.4.5: these have no content.
const empty: ReadonlySet<unknown> = new Set([204, 205, 304]);
const known: ReadonlySet<string> = new Set(["status", "body", "type", "redirect", "html"]);

/** What an override returned, as a reply. Throws a TypeError for what can be none. */
function replyOf(place: string, given: unknown, isAllowed: (target: string) => boolean): Reply {
  const wrong = (what: string): TypeError => new TypeError(`${place} ${what}`);
  if (!isPlainObject(given))
    throw wrong("has to return a response, such as { body: {} } or what original returns");
  const stranger = Object.keys(given).find((key) => !known.has(key));
  if (stranger !== undefined)
    throw wrong(`returned "${stranger}": a response has ${[...known].join(", ")} and nothing else`);
  const { status, body, type, redirect, html } = given as {
    readonly [Key in keyof OverrideResponse]: unknown;
  };
  const isRedirect = redirect !== undefined;
  const code = status ?? (isRedirect ? 302 : 200);
  if (typeof code !== "number" || !Number.isInteger(code) || code < 200 || code > 599)
    throw wrong("returned a status that is none");
  if (isRedirect !== redirects.has(code))
    throw wrong(`returned the status ${code}, which belongs to redirects`);
  if ([body, redirect, html].filter((part) => part !== undefined).length !== (empty.has(code) ? 0 : 1))
    throw wrong("has to return one of body, redirect and html; with the statuses 204, 205 and 304 none");
  if (isRedirect) {
    if (typeof redirect !== "string" || !isAllowed(redirect))
      throw wrong("returned a redirect to an address that redirectAllowlist does not have");
    return { status: code, headers: [["location", redirect]] };
  }
  if (html !== undefined) {
    if (typeof html !== "string") throw wrong("returned an html that is no text");
    return { status: code, headers: [], html };
  }
  if (body === undefined) return { status: code, headers: [] };
  if (typeof body !== "object" || body === null) throw wrong("returned a body that is no object");
  if (type !== undefined && !isJsonType(type)) throw wrong("returned a type that is not one of JSON");
  return { status: code, body, type };
}

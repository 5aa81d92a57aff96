import { credentialHeaders, readCredentials } from "./credentials.js";
import { KeyturnError, refusals } from "./errors.js";
import { later } from "./globals.js";
import type { Parts } from "./parts.js";
import type { Mark } from "./session.js";
import type { ClientAccount } from "./state.js";

export interface Requests {
  /**
   * Sends a request to the API with the token. `patience`: how long to wait for the response unless `timeout` says. `isOpen`: as it is,
   * without the token; `network`, `timeout` and the caller's own abort are then what can go wrong.
   */
  send(input: Request | string, init?: RequestInit, patience?: number, isOpen?: boolean): Promise<Response>;
  /** Asks the server about the session, once for all who ask. `false`: it did not say, so nothing has changed. */
  ask(): Promise<boolean>;
  /** Asks, and goes on asking in the background until the server says something. Resolves after the first time. */
  learn(): Promise<void>;
}

/** Milliseconds between tries, each twice as long as the one before: how often a request is sent again, and the longest pause. */
const firstPause = 100;
const repeats = 3;
const longestPause = 5000;
/** How long a call of the client waits for the server, in milliseconds. */
export const patienceOfCalls = 30_000;
/** How many redirects are followed, as browsers do (Fetch standard, "HTTP-redirect fetch"). */
const mostRedirects = 20;

export function createRequests(parts: Parts): Requests {
  const { session, api, names, globals, options, window } = parts;
  const underWay = new Set<Promise<unknown>>();
  let asking: Promise<boolean> | undefined;
  let isLearning = false;

  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => void later(globals, milliseconds, resolve));
  const pauseBefore = (retry: number): Promise<void> =>
    pause(Math.min(firstPause * 2 ** retry, longestPause));

  /** Gives up waiting after a time. The request goes on: its response may still bring a token. */
  async function limited(sending: Promise<Response>, patience = 0): Promise<Response> {
    const timeout = options.timeout ?? patience;
    const late = async (): Promise<never> => {
      await pause(timeout);
      throw new KeyturnError("timeout");
    };
    return timeout ? Promise.race([sending, late()]) : sending;
  }

  async function fetched(request: Request, shown: Readonly<Record<string, string>> = {}): Promise<Response> {
    for (const [name, value] of Object.entries({ ...parts.headers, ...shown }))
      if (name in shown || !request.headers.has(name)) request.headers.set(name, value);
    try {
      return await (options.fetch ?? globals.fetch)(request);
    } catch (cause) {
      // An abort is the caller's own, and is passed on as it came.
      throw request.signal?.aborted ? cause : new KeyturnError("network", { cause });
    }
  }

  /** Whether the response is that of a route which let the caller in, also when it carries no token (`batchResponses: "omit"`). */
  const isIn = ({ headers }: Response): unknown => headers.get(names[1]);

  /** One try. Whatever the response is, its token is kept. */
  async function attempt(request: Request, mark: Mark): Promise<Response> {
    const sending = fetched(request, credentialHeaders(mark.held, names));
    underWay.add(sending);
    try {
      const response = await sending;
      const received = readCredentials(response.headers, names);
      if (received) session.keep(mark, received);
      if (isIn(response)) session.setStale(false);
      return response;
    } finally {
      underWay.delete(sending);
    }
  }

  /** The code of our own refusal, and undefined for every other response. */
  async function refusalOf(response: Response): Promise<string | undefined> {
    if (response.status !== 401 || isIn(response)) return undefined;
    return refusals.exec((await bodyOf(response))?.code as string)?.[0];
  }

  async function validate(): Promise<boolean> {
    await session.look();
    const mark = session.mark();
    if (!mark.held) return true;
    try {
      const url = `${parts.authUrl}/validate_token?unbatch=true`;
      const request = new Request(url, { redirect: "manual" });
      const response = await limited(attempt(request, mark), patienceOfCalls);
      const code = await refusalOf(response);
      if (response.ok && isIn(response)) {
        session.show(mark, (await bodyOf(response))?.data as ClientAccount);
        return true;
      }
      if (code) {
        // Whoever left with this token before may still bring its successor.
        await Promise.race([Promise.allSettled(underWay), pause(window)]);
        return session.end(code === "expired" ? code : "revoked", mark) || validate();
      }
    } catch {}
    session.setStale(true);
    return false;
  }

  function ask(): Promise<boolean> {
    asking ??= validate().finally(() => {
      asking = undefined;
    });
    return asking;
  }

  async function learn(n = 0): Promise<void> {
    const isOver = (await ask()) || parts.isDisposed;
    if (n === 0 && isLearning) return;
    isLearning = !isOver;
    if (isLearning) void pauseBefore(n).then(() => learn(n + 1));
  }

  /** The session as it is now. Throws `signed_out` if it is not the one that the request left with. */
  function current(left: Mark): Mark {
    session.look();
    const mark = session.mark();
    if (mark.held?.client !== left.held?.client) throw new KeyturnError("signed_out");
    return mark;
  }

  async function send(
    input: Request | string,
    init: RequestInit = {},
    patience?: number,
    isOpen?: boolean,
    hops = mostRedirects,
  ): Promise<Response> {
    await session.look();
    if (!session.isKnown && !isOpen) throw new KeyturnError("storage_unreadable");
    let left = session.mark();
    const hasToken = left.held && !isOpen;
    const isGuarded = hasToken && !init.redirect && options.redirects !== "follow";
    const base = new Request(input, isGuarded ? { ...init, redirect: "manual" } : init);
    if (!hasToken) return limited(fetched(base), patience);
    const isStream = isReadOnce(init.body);
    if (isStream && session.age() > window / 2) {
      await ask();
      left = current(left);
    }
    const isSafe = /^(GET|HEAD)$/.test(base.method);
    const canRepeat = (isSafe || base.headers.has("idempotency-key")) && !isStream;
    let shown = left;
    // Sends it until there is a response. Only what may be sent twice is sent again after a response was lost.
    const transmit = async (n = 0): Promise<Response> => {
      shown = current(left);
      const isAborted = (): boolean => base.signal?.aborted;
      if (isAborted()) throw base.signal.reason;
      try {
        return await limited(attempt(isStream ? base : base.clone(), shown), patience);
      } catch (error) {
        if (!isAborted() && canRepeat && n < repeats) {
          await pauseBefore(n);
          return transmit(n + 1);
        }
        // The server may have handled what was aborted here, too.
        if (!isAborted()) session.setStale(true);
        void learn();
        throw error;
      }
    };
    let response = await transmit();
    if (await refusalOf(response)) {
      const isSame = (): boolean => session.mark().held?.token === shown.held?.token;
      current(left);
      if (isSame()) await ask();
      // The session ended with this response, or nothing newer is known: then the response is the caller's.
      if (isSame() || !session.mark().held) return response;
      if (isStream) throw new KeyturnError("not_replayable", { status: 401 });
      response = await transmit();
    }
    current(left);
    const { status } = response;
    // 0: a redirect that a browser hides (Fetch standard, "opaque-redirect filtered response").
    const target = status ? /^3/.test(`${status}`) && response.headers.get("location") : "about:";
    if (!isGuarded || !target) return response;
    // A browser shows nothing of it, and its new token is lost. Node does: there it is followed as far as the API reaches.
    if (!status) void learn();
    const { href } = new URL(target, base.url);
    if (!isSafe || !api.contains(href) || hops === 0) throw new KeyturnError("redirected", { status });
    const { method, headers, signal } = base;
    return send(href, { method, headers, signal }, patience, false, hops - 1);
  }

  return { send, ask, learn };
}

/** What a response of the auth routes says. Another server's, or a proxy's page, has nothing of it. */
export type Body =
  | { readonly data?: unknown; readonly code?: string; readonly codes?: Record<string, readonly string[]> }
  | undefined;

/** Reads a body without using it up; `undefined` if it is no JSON. */
export function bodyOf(response: Response): Promise<Body> {
  return response
    .clone()
    .json()
    .catch(() => {}) as Promise<Body>;
}

/** Whether a body can be read only once: a stream, or something that yields. */
function isReadOnce(body: unknown): unknown {
  const given = Object(body);
  return given.getReader || given[Symbol.asyncIterator];
}

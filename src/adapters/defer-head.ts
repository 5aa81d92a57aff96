import { ServerResponse } from "node:http";
import type { Accepted } from "../http/authenticate.js";

type Method = "writeHead" | "write" | "end" | "flushHeaders";
const methods: readonly Method[] = ["writeHead", "write", "end", "flushHeaders"];

const hold = Symbol("keyturn.hold");
type HeldResponse = ServerResponse & { [hold]?: Hold | undefined };

/**
 * Notes when the headers of an answer go out. Only if the request turned out to be slow do they wait for one look at the
 * database: a token that became stale meanwhile does not go with them.
 */
export function deferHead(admitted: Accepted, res: ServerResponse): void {
  const held: HeldResponse = res;
  held[hold] = new Hold(admitted, res);
}

/**
 * What ties a request to its answer, until the headers are out. An object and no closures: with those, V8 kept all that a request
 * had made until its next full collection (Node 20.20: scavenges of 6 ms instead of 1.5, a third more CPU for each request).
 */
class Hold {
  readonly #admitted: Accepted;
  readonly #res: ServerResponse;
  /** Whose turn it is after us: Node's own, or that of another middleware. */
  readonly #writeHead: ServerResponse["writeHead"];

  constructor(admitted: Accepted, res: ServerResponse) {
    this.#admitted = admitted;
    this.#res = res;
    this.#writeHead = res.writeHead;
    res.writeHead = releaseHead;
    admitted.pending.listener = this;
  }

  /** The headers go out: gives the answer back as it was. */
  release(): ServerResponse["writeHead"] {
    const { pending: open, slow } = this.#admitted;
    slow.end(open);
    open.listener = undefined;
    this.#res.writeHead = this.#writeHead;
    return this.#writeHead;
  }

  onSlow(): void {
    const { pending: open, slow } = this.#admitted;
    const res = this.#res;
    // The client may have gone before anything was sent.
    if (isGone(res)) slow.end(open);
    else if (!res.headersSent) deferAnswer(this.#admitted, res);
    res.once("close", () => slow.end(open));
  }
}

const releaseHead = function (this: HeldResponse, ...args: HeadArguments): ServerResponse {
  const writeHead = this[hold]?.release() ?? ServerResponse.prototype.writeHead;
  this[hold] = undefined;
  return writeHead.apply(this, forbidCaching(this, args));
} as ServerResponse["writeHead"];

// An answer of HTTP/2 is never `destroyed`, but its stream is.
function isGone(res: ServerResponse & { readonly stream?: { readonly destroyed?: boolean } }): boolean {
  return res.destroyed || res.stream?.destroyed === true;
}

type HeadArguments = Parameters<ServerResponse["writeHead"]>;

// Whatever the app says of caching: the token is in no cache.
function forbidCaching(res: ServerResponse, args: HeadArguments): HeadArguments {
  if (!isNoStore(res.getHeader("cache-control"))) res.setHeader("cache-control", "no-store");
  const given: unknown = args.at(-1);
  if (typeof given !== "object" || given === null || !mentionsCaching(given)) return args;
  // What is given here takes the place of what was set before.
  const own = Array.isArray(given)
    ? given.map((entry, i) => (i % 2 === 1 && isCaching(given[i - 1]) ? "no-store" : entry))
    : Object.fromEntries(
        Object.entries(given).map(([name, value]) => [name, isCaching(name) ? "no-store" : value]),
      );
  return [...args.slice(0, -1), own] as unknown as HeadArguments;
}

function isCaching(name: unknown): boolean {
  return typeof name === "string" && name.length === 13 && name.toLowerCase() === "cache-control";
}

// Most answers do not, and then nothing has to be copied.
function mentionsCaching(given: object): boolean {
  if (Array.isArray(given)) return given.some(isCaching);
  for (const name in given) if (isCaching(name)) return true;
  return false;
}

function isNoStore(value: unknown): boolean {
  return typeof value === "string" && value.includes("no-store");
}

// Cookies of the app's own stay.
function takeAway({ headers }: Accepted, res: ServerResponse): void {
  const ours = headers.filter(([name]) => name === "set-cookie").map(([, value]) => value);
  const cookies = [res.getHeader("set-cookie") ?? []].flat().map(String);
  for (const [name] of headers) if (name !== "cache-control") res.removeHeader(name);
  const own = cookies.filter((cookie) => !ours.includes(cookie));
  if (own.length > 0) res.setHeader("set-cookie", own);
}

// What the app does with its answer is kept until the look is over, and then done in the same order.
function deferAnswer(admitted: Accepted, res: ServerResponse): void {
  const { pending: open, slow } = admitted;
  const calls: (() => void)[] = [];
  let state: "open" | "looking" | "done" = "open";
  let isEnded = false;
  const look = async (): Promise<void> => {
    const isFresh = await slow.isTokenFresh(open).catch(() => false);
    slow.end(open);
    state = "done";
    Reflect.deleteProperty(res, "headersSent");
    if (!isFresh) takeAway(admitted, res);
    try {
      for (const call of calls) call();
    } catch (error) {
      // Such as a header that cannot be sent. Whoever could have caught it has gone on: the client is not to wait for the rest.
      res.destroy(
        error instanceof Error ? error : new Error("An answer could not be sent", { cause: error }),
      );
      return;
    }
    if (!res.writableEnded) res.emit("drain");
  };
  for (const method of methods) {
    const original = res[method] as (...args: unknown[]) => unknown;
    const deferred = (...args: unknown[]): unknown => {
      if (state === "done") return original.apply(res, args);
      // Behind the end nothing follows: who asks `writableEnded` cannot know yet.
      if (isEnded) return method === "write" ? false : res;
      isEnded = method === "end";
      calls.push(() => original.apply(res, args));
      if (state === "open") {
        state = "looking";
        // Who asks whether it is too late for an error page has to hear that it is.
        Object.defineProperty(res, "headersSent", { configurable: true, get: () => true });
        void look();
      }
      return method === "write" ? false : res;
    };
    Object.assign(res, { [method]: deferred });
  }
}

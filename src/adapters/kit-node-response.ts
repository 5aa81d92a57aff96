import { ServerResponse } from "node:http";
import type { HeaderBag } from "./kit-headers.js";
import { ResponseHead } from "./kit-response-head.js";

const hookKey = Symbol("keyturn.head");
type WriteHead = ServerResponse["writeHead"];
type HookedResponse = ServerResponse & { [hookKey]?: Hook };

/** An object and no closures: with those, V8 kept all that a request had made until its next full collection. */
interface Hook {
  readonly head: ResponseHead;
  /** Node's own, or that of another middleware. It stays in the chain, whoever comes before or after us. */
  readonly writeHead: WriteHead;
}

/** What Keyturn adds to this response, if anything does yet. */
export function knownHeadOf(res: ServerResponse): ResponseHead | undefined {
  const hooked: HookedResponse = res;
  return hooked[hookKey]?.head;
}

/** What Keyturn adds to this response. The first call sees to it that it is applied when the headers go out. */
export function headOf(res: ServerResponse): ResponseHead {
  const hooked: HookedResponse = res;
  const known = hooked[hookKey];
  if (known) return known.head;
  const head = new ResponseHead();
  hooked[hookKey] = { head, writeHead: res.writeHead };
  res.writeHead = writeHead;
  if (isClosed(res)) head.close();
  else res.once("close", close);
  return head;
}

/** Whether the response was sent, or its client has gone, before anybody could listen for it. HTTP/2 tells it of the stream. */
export function isClosed(
  res: ServerResponse & { readonly stream?: { readonly destroyed: boolean } },
): boolean {
  return res.closed || res.destroyed || res.stream?.destroyed === true;
}

// Every way to send the headers ends here: write, end, pipe, flushHeaders and pipeline call it, in HTTP/1 and HTTP/2.
const writeHead = function (this: HookedResponse, ...args: unknown[]): ServerResponse {
  const hook = this[hookKey];
  const next = hook?.writeHead ?? ServerResponse.prototype.writeHead;
  if (!hook || this.headersSent) return Reflect.apply(next, this, args);
  const left = takeHeaders(this, args);
  hook.head.applyTo(new NodeHeaders(this));
  return Reflect.apply(next, this, left);
} as WriteHead;

function close(this: HookedResponse): void {
  this[hookKey]?.head.close();
}

// Headers that are given to writeHead take the place of those that were set before. Set first, they can be looked at.
function takeHeaders(res: ServerResponse, args: readonly unknown[]): unknown[] {
  const [status, message] = args;
  const left = typeof message === "string" ? [status, message] : [status];
  const given = args.slice(1).find((arg) => typeof arg === "object" && arg !== null);
  if (Array.isArray(given)) setPairs(res, given);
  else if (given) for (const [name, value] of Object.entries(given)) if (name) res.setHeader(name, value);
  return left;
}

// `["a", "1", "b", "2"]` or `[["a", "1"], ["b", "2"]]`; a name may come several times.
function setPairs(res: ServerResponse, given: readonly unknown[]): void {
  const flat: readonly unknown[] = Array.isArray(given[0]) ? given.flat() : given;
  const names = flat.filter((_, index) => index % 2 === 0).map(String);
  for (const name of names) res.removeHeader(name);
  for (const [index, name] of names.entries()) {
    const value = flat[2 * index + 1];
    res.appendHeader(name, Array.isArray(value) ? value.map(String) : String(value));
  }
}

/** The headers of a Node response. */
export class NodeHeaders implements HeaderBag {
  readonly #res: ServerResponse;

  constructor(res: ServerResponse) {
    this.#res = res;
  }

  get(name: string): string | undefined {
    const value = this.#res.getHeader(name);
    if (value === undefined || typeof value === "string") return value;
    return Array.isArray(value) ? value.join(", ") : String(value);
  }

  set(name: string, value: string): void {
    this.#res.setHeader(name, value);
  }

  remove(name: string): void {
    this.#res.removeHeader(name);
  }

  cookies(): readonly string[] {
    return [this.#res.getHeader("set-cookie") ?? []].flat().map(String);
  }

  setCookies(values: readonly string[]): void {
    if (values.length === 0) this.#res.removeHeader("set-cookie");
    else this.#res.setHeader("set-cookie", values);
  }
}

/** Is aborted when the client goes away before it has the response. */
export function goneSignal(res: ServerResponse): AbortSignal {
  const gone = new AbortController();
  res.once("close", () => {
    if (!res.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** Runs work when the response is out, or will never be: nobody can tell from the response's time that there was any. */
export function afterNodeResponse(res: ServerResponse): (work: () => void) => void {
  let waiting: (() => void)[] | undefined;
  return (work) => {
    if (res.writableFinished || res.closed) setImmediate(work);
    else if (waiting) waiting.push(work);
    else {
      const works = [work];
      waiting = works;
      // HTTP/1 tells both, injectors only the first, a client that went away only the second.
      const run = (): void => {
        for (const each of works.splice(0)) setImmediate(each);
        waiting = undefined;
      };
      res.once("finish", run).once("close", run);
    }
  };
}

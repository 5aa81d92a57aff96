import type { IncomingMessage, ServerResponse } from "node:http";
import type { Context } from "hono";
import { withHead } from "./kit-fetch.js";
import { isClosed } from "./kit-node-response.js";
import { ResponseHead } from "./kit-response-head.js";

const heads = new WeakMap<Context, ResponseHead>();

/** What Keyturn adds to this response, if anything does yet. */
export function knownHeadOf(c: Context): ResponseHead | undefined {
  return heads.get(c);
}

/**
 * What Keyturn adds to this response. The first call sees to it that whoever reads `c.res` from now on, Hono itself at the end, finds
 * it there: middleware outside of ours replaces the response and deletes headers, as `etag` does for a 304.
 */
export function headOf(c: Context): ResponseHead {
  const known = heads.get(c);
  if (known) return known;
  const head = new ResponseHead();
  heads.set(c, head);
  const own: object = Object.getPrototypeOf(c);
  Object.defineProperty(c, "res", {
    configurable: true,
    get: (): Response => {
      // Before a handler has responded there is only the draft that Hono makes, and the token may still become stale.
      if (c.finalized) applyTo(c, own, head);
      return Reflect.get(own, "res", c);
    },
    set: (response: Response | undefined) => void Reflect.set(own, "res", response, c),
  });
  const outgoing = outgoingOf(c);
  if (outgoing && isClosed(outgoing)) head.close();
  else outgoing?.once("close", () => head.close());
  return head;
}

function applyTo(c: Context, own: object, head: ResponseHead): void {
  const response: Response = Reflect.get(own, "res", c);
  const applied = withHead(response, head);
  if (applied === response) return;
  // Else Hono would merge the one before into it.
  Reflect.set(own, "res", undefined, c);
  Reflect.set(own, "res", applied, c);
}

/** Node's own response, where @hono/node-server runs the app. */
export function outgoingOf(c: Context): ServerResponse | undefined {
  const outgoing = member(c.env, "outgoing");
  return typeof member(outgoing, "once") === "function" ? (outgoing as ServerResponse) : undefined;
}

/** Node's own request, where @hono/node-server runs the app; other runtimes do not tell the address here. */
export function incomingOf(c: Context): Pick<IncomingMessage, "socket"> | undefined {
  const incoming = member(c.env, "incoming");
  return typeof member(incoming, "socket") === "object" ? (incoming as IncomingMessage) : undefined;
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

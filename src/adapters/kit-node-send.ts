import type { ServerResponse } from "node:http";
import { type HeaderBag, mergeHeaders } from "./kit-headers.js";
import { NodeHeaders } from "./kit-node-response.js";
import type { GuardResponse } from "./kit-refusal.js";

/**
 * Who sends a response: Node, or a framework on top of it that has ways of its own. A framework that sends it itself runs what the app
 * does with every response: sessions that are saved, compression, the access log.
 */
export interface Sender {
  /** The headers that the response has so far, those of the app's own too. */
  readonly headers: HeaderBag;
  /** Sends the response with these headers. */
  send(status: number, body: string | Buffer | undefined): void;
}

/** Makes the sender of a response. It is asked for only when there is something to send. */
export type SenderOf = (res: ServerResponse) => Sender;

export function nodeSender(res: ServerResponse): Sender {
  return {
    headers: new NodeHeaders(res),
    send(status, body) {
      res.statusCode = status;
      res.end(body);
    },
  };
}

/** Sends what a guard responds. CORS headers of the app's own are merged with it. */
export function sendGuardResponse(
  { status, headers, body }: GuardResponse,
  res: ServerResponse,
  senderOf: SenderOf = nodeSender,
): void {
  if (res.headersSent) {
    cutShort(res);
    return;
  }
  const sender = senderOf(res);
  mergeHeaders(sender.headers, headers);
  sender.send(status, body);
}

/**
 * Something before us has responded already, such as a timeout. What is whole stays as it is; the rest will never come, and an error
 * would end a process that does not expect one.
 */
export function cutShort(res: ServerResponse): void {
  if (!res.writableEnded) res.destroy();
}

/** Sends a Response of the Fetch standard. */
export async function sendResponse(
  response: Response,
  res: ServerResponse,
  senderOf: SenderOf = nodeSender,
): Promise<void> {
  const body = response.body ? Buffer.from(await response.arrayBuffer()) : undefined;
  if (res.headersSent) return cutShort(res);
  const sender = senderOf(res);
  const { headers } = sender;
  mergeHeaders(
    headers,
    [...response.headers].filter(([name]) => name !== "set-cookie"),
  );
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) headers.setCookies([...headers.cookies(), ...cookies]);
  sender.send(response.status, body);
}

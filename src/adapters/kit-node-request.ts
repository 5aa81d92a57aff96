import type { IncomingMessage } from "node:http";
import type { RequestHead } from "../http/credentials.js";
import type { RequestInfo } from "../http/handler.js";

/** A request that something before us may have parsed (`express.json()` and the like leave the result in `body`). */
export type NodeRequest = IncomingMessage & { readonly body?: unknown; readonly originalUrl?: string };

/** The request's path and query. A request may name the whole address (RFC 9112 §3.2.2): its host is not the request's to say. */
export function pathOf(req: NodeRequest): string {
  return cleanPath(req.originalUrl ?? req.url ?? "/");
}

/** What stood in front of a path before a framework took it away for us: `/v1`, where of `/v1/auth` only `/auth` is left. */
export function takenFrom(req: NodeRequest, left: string): string {
  const [asked, rest] = [pathOf(req), cleanPath(left)];
  return asked !== rest && asked.endsWith(rest) ? asked.slice(0, -rest.length) : "";
}

function cleanPath(url: string): string {
  if (url.startsWith("/")) return url;
  const below = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "");
  return below.startsWith("/") ? below : `/${below}`;
}

/** Without the query. */
export function withoutQuery(path: string): string {
  const at = path.indexOf("?");
  return at < 0 ? path : path.slice(0, at);
}

/** What guards read of a request. Reads `req.headers`, as the app's own routes do: middleware may have set some. */
export class NodeRequestHead implements RequestHead {
  readonly method: string;
  readonly url: string;
  readonly #req: NodeRequest;

  constructor(req: NodeRequest) {
    this.method = req.method ?? "GET";
    this.url = pathOf(req);
    this.#req = req;
  }

  get peer(): string | undefined {
    return peerOf(this.#req);
  }

  header(name: string): string | undefined {
    return textOf(name, this.#req.headers[name]);
  }
}

/** What is read of a connection. Injectors and serverless wrappers may have none, or one that says nothing. */
interface Connection {
  readonly remoteAddress?: string | undefined;
  readonly localAddress?: string | undefined;
  readonly destroyed?: boolean;
}

/** The address of the peer. */
export function peerOf(req: Pick<IncomingMessage, "socket">): string | undefined {
  const connection: Connection | undefined = req.socket;
  return connection?.remoteAddress;
}

/**
 * The same for an auth route, whose limits count addresses. Of a client that has cut its connection off nobody can read one any more: that
 * is another thing than a unix socket, which has none at either end.
 */
export function peerInfoOf(req: Pick<IncomingMessage, "socket">): Pick<RequestInfo, "peer" | "isPeerGone"> {
  const peer = peerOf(req);
  if (peer !== undefined) return { peer };
  const connection: Connection | undefined = req.socket;
  return connection?.destroyed || connection?.localAddress !== undefined ? { isPeerGone: true } : {};
}

/** Node's request as the Fetch standard's. The host of `url` is ours to know, not the request's to say. */
export function toRequest(req: NodeRequest, url: string, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(req.headers)) {
    const text = textOf(name, value);
    // HTTP/2 pseudo-headers; and what middleware set that no header can say.
    if (text !== undefined && !name.startsWith(":") && sendable.test(text)) headers.set(name, text);
  }
  const method = req.method ?? "GET";
  const hasBody = method !== "GET" && method !== "HEAD" && parsedBodyOf(req) === undefined;
  return new Request(url, {
    method,
    signal,
    headers,
    ...(hasBody ? { body: bodyOf(req), duplex: "half" } : {}),
  } as RequestInit);
}

/** The body that something before us has read and parsed; `undefined` if it is still to be read. */
export function parsedBodyOf(req: NodeRequest): unknown {
  const { body } = req;
  // Parsers that do not know the type leave an empty object and the body unread: body-parser 1, some serverless wrappers.
  const isEmpty = typeof body === "object" && body !== null && Object.keys(body).length === 0;
  return isEmpty && !req.readableDidRead && !req.readableEnded ? undefined : (body ?? undefined);
}

const sendable = /^[\t\x20-\x7e\x80-\xff]*$/;

function textOf(name: string, value: unknown): string | undefined {
  if (typeof value === "string" || value === undefined || value === null) return value ?? undefined;
  return Array.isArray(value) ? value.join(name === "cookie" ? "; " : ", ") : String(value);
}

// Touches the request only when somebody reads. `Readable.toWeb` would keep a body that nobody wants, so that Node cannot skip it and
// the connection's next request is never seen; and it cuts the connection of one that was read in part.
function bodyOf(req: NodeRequest): ReadableStream<Uint8Array> {
  let chunks: AsyncIterator<unknown> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        chunks ??= req.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]();
        const { done, value } = await chunks.next();
        if (done) controller.close();
        // Text, where something has called `setEncoding`.
        else controller.enqueue(typeof value === "string" ? Buffer.from(value) : (value as Uint8Array));
      },
      async cancel() {
        await chunks?.return?.();
        req.resume();
      },
    },
    { highWaterMark: 0 },
  );
}

import { Agent, type IncomingMessage, request } from "node:http";
import type { Server } from "./servers.js";

export interface Answer {
  readonly status: number;
  /** The credentials it carried; `undefined` when it carried none. */
  readonly token: string | undefined;
  readonly expiry: number;
  readonly client: string | undefined;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** What becomes of a request: an answer, a broken connection, or a client that did not wait. */
export type Outcome = { readonly took: number } & (
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "broken"; readonly why: string }
  | { readonly kind: "lost" }
);

export interface Ask {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Milliseconds after which the client gives up; the server does not know, and goes on. */
  readonly giveUpAfter?: number | undefined;
}

/** Longer than a server may take for anything: what is not answered by then counts as hanging. */
const patience = 40_000;
const agent = new Agent({ keepAlive: true, maxSockets: 64, timeout: patience });

/** Asks a server, and never rejects. */
export function ask(server: Server, { method, path, headers, body, giveUpAfter }: Ask): Promise<Outcome> {
  const began = performance.now();
  return new Promise((resolve) => {
    const done = (outcome: Outcome): void => {
      clearTimeout(timer);
      resolve(outcome);
    };
    const took = (): number => performance.now() - began;
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const outgoing = request(
      {
        agent,
        host: "127.0.0.1",
        port: server.port,
        method,
        path,
        headers: { ...headers, ...(sent === undefined ? {} : { "content-type": "application/json" }) },
      },
      (incoming) => {
        const parts: Buffer[] = [];
        incoming.on("data", (part: Buffer) => parts.push(part));
        incoming.on("end", () =>
          done({
            kind: "answer",
            took: took(),
            answer: answerOf(incoming, Buffer.concat(parts).toString()),
          }),
        );
        incoming.on("error", (error) => done({ kind: "broken", took: took(), why: whyOf(error) }));
      },
    );
    outgoing.on("error", (error) => done({ kind: "broken", took: took(), why: whyOf(error) }));
    const timer = setTimeout(() => {
      done(
        giveUpAfter === undefined
          ? { kind: "broken", took: took(), why: "no answer" }
          : { kind: "lost", took: took() },
      );
      outgoing.destroy();
    }, giveUpAfter ?? patience);
    outgoing.end(sent);
  });
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, body: string): Answer {
  const text = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === "string" && value.trim() !== "" ? value : undefined;
  };
  return {
    status: statusCode,
    token: text("access-token"),
    expiry: Number(text("expiry")),
    client: text("client"),
    retryAfter: text("retry-after"),
    body,
  };
}

function whyOf(error: Error): string {
  return "code" in error ? String(error.code) : error.message;
}

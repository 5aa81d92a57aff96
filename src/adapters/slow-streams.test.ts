import { get, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as wait } from "node:timers/promises";
import compression from "compression";
import type { RequestHandler } from "express";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listen, listenHttp2 } from "../../test/fixtures/listening.js";
import { credentialsOf, testAuth } from "../testing/testing.js";
import { authenticateNode } from "./node.js";

/** Real time: a handler that takes longer than half of it is slow. */
const window = 200;
const models = { user: { mountAt: "/auth", confirmable: false } } as const;
const person = { email: "ada@example.com", password: "violet kettle 47 marsh" };
const bytes = 1_500_000;

const start = () =>
  testAuth({
    models,
    batchRequestBufferThrottle: window,
    now: () => Date.now(),
    logger: { info() {}, warn() {}, error() {} },
  });
let tested: Awaited<ReturnType<typeof start>>;
beforeAll(async () => {
  tested = await start();
  await tested.request("POST /auth", { body: person });
});
afterAll(() => tested.auth.close());

/** Credentials whose window has passed: the next request rotates. */
async function signIn(): Promise<Record<string, string>> {
  const held = credentialsOf(await tested.request("POST /auth/sign_in", { body: person }));
  await wait(window * 1.1);
  return held;
}

type Respond = (res: ServerResponse, req: IncomingMessage) => unknown;

/** An app whose one route is slow. `around` is called before the guard, `inside` after it. */
function slowApp(respond: Respond, around?: RequestHandler, inside?: RequestHandler): RequestListener {
  const through = (handler: RequestHandler | undefined, ...[req, res]: Parameters<RequestListener>) =>
    new Promise<void>((resolve) => {
      if (handler) Reflect.apply(handler, undefined, [req, res, resolve]);
      else resolve();
    });
  return async (req, res) => {
    await through(around, req, res);
    if (!(await authenticateNode(tested.auth, "user", req, res))) return;
    await through(inside, req, res);
    await wait(window);
    res.setHeader("content-type", "text/plain");
    await Promise.resolve(respond(res, req)).catch(() => res.destroy());
  };
}

const body = (): Readable => Readable.from(Array.from({ length: 150 }, () => Buffer.alloc(bytes / 150, "x")));
const responses: Record<string, Respond> = {
  pipe: (res) => void body().pipe(res),
  "pipe of chunks that come later": (res) =>
    void Readable.from(
      (async function* () {
        for (let i = 0; i < 15; i++) {
          await wait(2);
          yield Buffer.alloc(bytes / 15, "x");
        }
      })(),
    ).pipe(res),
  pipeline: (res) => pipeline(body(), res),
  "write until full, then once drain": async (res) => {
    for await (const chunk of body())
      if (!res.write(chunk)) await new Promise<void>((resolve) => void res.once("drain", () => resolve()));
    res.end();
  },
  "one large end": (res) => void res.end("x".repeat(bytes)),
  "writeHead with a list, then end": (res) =>
    void res.writeHead(200, ["x-own", "1"] as never).end("x".repeat(bytes)),
  "flushHeaders, then pipe": (res) => {
    res.flushHeaders();
    body().pipe(res);
  },
};
const arounds: Record<string, RequestHandler> = {
  compression: compression(),
  "one that has bound write and end before": (_req, res, next) => {
    const bound = { write: res.write.bind(res), end: res.end.bind(res) };
    Object.assign(res, {
      write: (...args: unknown[]) => Reflect.apply(bound.write, undefined, args),
      end: (...args: unknown[]) => Reflect.apply(bound.end, undefined, args),
    });
    next();
  },
};

describe.each([
  ["HTTP/1", listen],
  ["HTTP/2", listenHttp2],
] as const)("a slow response over %s", (_protocol, serve) => {
  const places = Object.entries(arounds).flatMap(([name, around]) => [
    [name, "before", (respond: Respond) => slowApp(respond, around)] as const,
    [name, "after", (respond: Respond) => slowApp(respond, undefined, around)] as const,
  ]);
  test.each(places)(
    "arrives whole, with its token, however it is sent: with %s %s the guard",
    async (...[, , app]) => {
      const arrive = async ([how, respond]: [string, Respond]) => {
        const held = await signIn();
        const server = await serve(app(respond));
        const response = await server.ask("/", { headers: { ...held, "accept-encoding": "gzip" } });
        const isNext =
          /\S/.test(response.headers.get("access-token") ?? "") &&
          response.headers.get("access-token") !== held["access-token"];
        return [
          how,
          response.status,
          (await response.text()).length,
          isNext,
          response.headers.get("cache-control"),
        ];
      };
      for (const arrived of await Promise.all(Object.entries(responses).map(arrive)))
        expect(arrived).toEqual([arrived[0], 200, bytes, true, "no-store"]);
    },
  );
});

test("a slow pipe through compression arrives whole and compressed", async () => {
  const held = await signIn();
  const server = await listen(slowApp((res) => void body().pipe(res), compression()));
  const response = await server.ask("/", { headers: { ...held, "accept-encoding": "gzip" } });
  expect(response.headers.get("content-encoding")).toBe("gzip");
  expect((await response.text()).length).toBe(bytes);
  expect(response.headers.get("access-token")).toMatch(/\S/);
});

test("a slow pipe through compression loses its token where the session has rotated further, and nothing else", async () => {
  const held = await signIn();
  const server = await listen(
    slowApp(async (res) => {
      const second = await tested.request("GET /auth/validate_token", { headers: held });
      await wait(window * 1.1);
      await tested.request("GET /auth/validate_token", { headers: credentialsOf(second) });
      body().pipe(res);
    }, compression()),
  );
  const response = await server.ask("/", { headers: { ...held, "accept-encoding": "gzip" } });
  expect(response.status).toBe(200);
  expect((await response.text()).length).toBe(bytes);
  for (const name of ["access-token", "client", "uid", "expiry", "authorization"])
    expect(response.headers.has(name)).toBe(false);
});

test.each([0.2, 1.5])(
  "a client that is killed after %d windows ends the pipe, and no other request notices",
  async (after) => {
    const held = await signIn();
    let closed: () => void = () => {};
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const server = await listen(
      slowApp((res) => {
        res.once("close", closed);
        if (res.destroyed) closed();
        Readable.from(
          (async function* () {
            while (!res.destroyed) {
              yield Buffer.alloc(50_000, "x");
              await wait(1);
            }
          })(),
        ).pipe(res);
      }, compression()),
    );
    const asked = get({ port: server.port, headers: { ...held, "accept-encoding": "gzip" } }, (res) =>
      res.pause(),
    );
    asked.on("error", () => undefined);
    await wait(window * after);
    asked.destroy();
    await gone;
    const fresh = await signIn();
    expect((await tested.request("GET /auth/validate_token", { headers: fresh })).status).toBe(200);
  },
);

import { createServer, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listenerOf } from "../../test/fixtures/adapter-apps.js";
import { credentialsOf, testAuth } from "../testing/testing.js";
import * as onExpress from "./express.js";
import * as onFastify from "./fastify.js";
import * as onHono from "./hono.js";
import * as onKoa from "./koa.js";

// Real time: long enough for a busy machine to look in twice in each.
const window = 300;
const windows = (n: number) => wait(n * window);
const models = { user: { mountAt: "/auth", confirmable: false } } as const;

async function start() {
  const tested = await testAuth({
    models,
    batchRequestBufferThrottle: window,
    now: () => Date.now(),
    logger: { info() {}, warn() {}, error() {} },
  });
  const { auth } = tested;
  /** What the handler of `/answer` does, and `/slow` waits for. */
  const during: { answer: (res: ServerResponse) => void; slow: () => Promise<void> } = {
    answer: () => {},
    slow: async () => {},
  };
  const app = express();
  app.get("/quick", onExpress.authenticate(auth, "user"), (_req, res) => void res.send("quick"));
  app.get("/slow", onExpress.authenticate(auth, "user"), async (_req, res) => {
    await during.slow();
    res.append("set-cookie", "own=1").send("slow");
  });
  app.get("/answer", onExpress.authenticate(auth, "user"), async (_req, res) => {
    await during.slow();
    during.answer(res);
  });
  const hono = new Hono();
  hono.get("/hono/slow", onHono.authenticate(auth, "user"), async (c) => {
    await during.slow();
    return c.text("slow", 200, { "set-cookie": "own=1" });
  });
  const koa = new Koa().use(onKoa.authenticate(auth, "user")).use(async (ctx) => {
    await during.slow();
    ctx.append("set-cookie", "own=1");
    ctx.body = "slow";
  });
  const fastify = Fastify();
  for (const place of ["onRequest", "preHandler"] as const)
    fastify.get(
      `/fastify/${place}/slow`,
      { [place]: onFastify.authenticate(auth, "user") },
      async (_, reply) => {
        await during.slow();
        return reply.header("set-cookie", "own=1").send("slow");
      },
    );
  const listeners = {
    "/koa/": koa.callback(),
    "/fastify/": listenerOf(fastify),
    "/hono/": getRequestListener(hono.fetch),
  };
  app.use((req, res) => {
    for (const [below, listener] of Object.entries(listeners))
      if (req.originalUrl.startsWith(below)) void listener(req, res);
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  const ask = (path: string, headers: Record<string, string>, init: RequestInit = {}) =>
    fetch(origin + path, { headers, ...init });
  const account = { email: "ada@example.com", password: "correct horse battery staple" };
  await tested.request("POST /auth", { body: account });
  return {
    ...tested,
    during,
    ask,
    /** Credentials whose window is over: the next request rotates. */
    async signIn() {
      const held = credentialsOf(await tested.request("POST /auth/sign_in", { body: account }));
      await windows(1.1);
      return held;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await auth.close();
    },
  };
}

let app: Awaited<ReturnType<typeof start>>;
beforeAll(async () => {
  app = await start();
});
afterAll(() => app.close());

const slow = ["/slow", "/hono/slow", "/koa/slow", "/fastify/onRequest/slow", "/fastify/preHandler/slow"];
describe.each(slow)("a handler that takes longer than the window: %s", (path) => {
  test("keeps the token it was asked with good until it answers, and no longer (security 8)", async () => {
    const held = await app.signIn();
    app.during.slow = () => windows(3);
    const slow = app.ask(path, held);
    await windows(2.5);
    const meanwhile = await app.ask("/quick", held);
    expect(meanwhile.status).toBe(200);
    const answer = await slow;
    expect(await answer.text()).toBe("slow");
    expect(answer.headers.get("access-token")).toBe(meanwhile.headers.get("access-token"));
    expect(answer.headers.getSetCookie()).toEqual(["own=1"]);
    await windows(1.5);
    expect((await app.ask("/quick", held)).status).toBe(401);
    expect((await app.ask("/quick", credentialsOf(answer))).status).toBe(200);
  });

  test("sends no token where the session has rotated further meanwhile, and the app's own cookie still", async () => {
    const held = await app.signIn();
    app.during.slow = () => windows(3);
    const slow = app.ask(path, held);
    await windows(0.2);
    const second = credentialsOf(await app.ask("/quick", held));
    await windows(1.3);
    const third = credentialsOf(await app.ask("/quick", second));
    expect(third["access-token"]).not.toBe(second["access-token"]);
    const answer = await slow;
    expect(answer.status).toBe(200);
    for (const name of ["access-token", "expiry", "client", "uid", "authorization"])
      expect(answer.headers.has(name)).toBe(false);
    expect(answer.headers.getSetCookie()).toEqual(["own=1"]);
    expect(await answer.text()).toBe("slow");
  });
});

describe("a slow response", () => {
  const ways: Record<string, readonly [expected: string, answer: (res: ServerResponse) => void]> = {
    "writeHead, write and end": [
      "abc",
      (res) => {
        res.writeHead(201, { "x-own": "1" });
        res.write("a");
        res.write(Buffer.from("b"));
        res.end("c");
      },
    ],
    "flushHeaders, then write later": [
      "ab",
      (res) => {
        res.statusCode = 201;
        res.setHeader("x-own", "1");
        res.flushHeaders();
        setTimeout(() => res.write("a"), 5);
        setTimeout(() => res.end("b"), 50);
      },
    ],
    "write alone": [
      "ab",
      (res) => {
        res.statusCode = 201;
        res.setHeader("x-own", "1");
        res.write("a", () => res.end("b"));
      },
    ],
    "a stream with back pressure": [
      "x".repeat(2_000_000),
      (res) => {
        res.writeHead(201, ["x-own", "1"]);
        Readable.from(Array.from({ length: 200 }, () => Buffer.alloc(10_000, "x"))).pipe(res);
      },
    ],
    "a second end": [
      "a",
      (res) => {
        res.statusCode = 201;
        res.setHeader("x-own", "1");
        res.end("a");
        if (!res.writableEnded) res.end("b");
      },
    ],
    "an error after it has begun": [
      "begun",
      (res) => {
        res.writeHead(201, { "x-own": "1", "content-length": 5 }).end("begun");
        if (!res.headersSent) res.writeHead(500).end("an error page");
      },
    ],
  };
  test.each(Object.entries(ways))("arrives in order and whole: %s", async (_way, [expected, answer]) => {
    const held = await app.signIn();
    app.during.slow = () => windows(1.2);
    app.during.answer = answer;
    const got = await app.ask("/answer", held);
    expect(got.status).toBe(201);
    expect(got.headers.get("x-own")).toBe("1");
    expect(got.headers.get("access-token")).not.toBe(held["access-token"]);
    expect(got.headers.get("access-token")).toMatch(/\S/);
    expect((await got.text()) === expected).toBe(true);
  });

  const wrong: Record<string, (res: ServerResponse) => void> = {
    "a header that cannot be sent": (res) => void res.writeHead(302, { location: "/\u4e2d" }).end(),
    "a body that is none": (res) => void res.end(123 as unknown as string),
  };
  test.each(Object.entries(wrong))(
    "and cannot be sent is an error that the app can catch, and its page carries the token: %s",
    async (_what, answer) => {
      const held = await app.signIn();
      app.during.slow = () => windows(1.2);
      app.during.answer = answer;
      const got = await app.ask("/answer", held);
      expect(got.status).toBe(500);
      expect(got.headers.get("access-token")).toMatch(/\S/);
    },
  );

  test("tells who waits for its end", async () => {
    const held = await app.signIn();
    app.during.slow = () => windows(1.2);
    const ended = new Promise<boolean>((resolve) => {
      app.during.answer = (res) => void res.end("x", () => resolve(res.writableEnded));
    });
    await (await app.ask("/answer", held)).text();
    expect(await ended).toBe(true);
  });
});

describe("a client that goes away", () => {
  const cases = slow.flatMap((path) => [0.2, 1.2].map((after) => [path, after] as const));
  test.each(cases)(
    "%s after %d windows leaves nothing behind that keeps its token good",
    async (path, after) => {
      const held = await app.signIn();
      // The handler never answers, as handlers do that wait for somebody who has gone.
      app.during.slow = () => new Promise(() => {});
      const gone = new AbortController();
      const asked = app.ask(path, held, { signal: gone.signal }).catch(() => "gone");
      await windows(after);
      gone.abort();
      expect(await asked).toBe("gone");
      await windows(2.5);
      expect((await app.ask("/quick", held)).status).toBe(401);
    },
  );
});

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../database/port.js";
import { sqlite } from "../database/sqlite/sqlite.js";
import { credentialsOf, testAuth } from "../testing/testing.js";
import * as onExpress from "./express.js";
import * as onFastify from "./fastify.js";
import * as onHono from "./hono.js";
import * as onKoa from "./koa.js";
import { identifyNode } from "./node.js";

let isAway = false;
/** SQLite whose sessions cannot be asked while it is away. */
const database: Database = {
  async connect(options) {
    const store = await sqlite(":memory:").connect(options);
    const { find, rotate } = store.sessions;
    const orAway = <A extends unknown[], R>(ask: (...args: A) => Promise<R>) => {
      return async (...args: A): Promise<R> => {
        if (isAway) throw new Error("The connection was refused");
        return ask(...args);
      };
    };
    return { ...store, sessions: { ...store.sessions, find: orAway(find), rotate: orAway(rotate) } };
  },
};
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const models = { user: { mountAt: "/auth", confirmable: false } } as const;
const person = { email: "ada@example.com", password: "violet kettle 47 marsh" };
const tested = await testAuth({ models, database, logger: quiet });
const { auth } = tested;
const held = credentialsOf(await tested.request("POST /auth", { body: person }));

const app = express();
app.get("/", onExpress.identify(auth, "user"), (req, res) => void res.json(req.account?.uid ?? null));
app.get("/node", async (req, res) => {
  const signedIn = await identifyNode(auth, "user", req, res).catch((error: unknown) => String(error));
  res.json(signedIn ?? null);
});
const server = createServer(app);
const hono = new Hono();
hono.get("/", onHono.identify(auth, "user"), (c) => c.json(c.var.account?.uid ?? null));
const fastify = Fastify();
fastify.get("/", { onRequest: onFastify.identify(auth, "user") }, async (request, reply) =>
  reply.type("application/json").send(JSON.stringify(request.account?.uid ?? null)),
);
const koa = new Koa().use(onKoa.identify(auth, "user")).use((ctx) => {
  ctx.type = "json";
  ctx.body = JSON.stringify(ctx.state.account?.uid ?? null);
});
const koaServer = createServer(koa.callback());
const ways: Record<string, (headers: Record<string, string>) => Promise<Response>> = {
  Express: async (headers) => {
    const { port } = server.address() as AddressInfo;
    return fetch(`http://127.0.0.1:${port}/`, { headers });
  },
  Hono: async (headers) => hono.request("/", { headers }),
  Koa: async (headers) => {
    const { port } = koaServer.address() as AddressInfo;
    return fetch(`http://127.0.0.1:${port}/`, { headers });
  },
  Fastify: async (headers) => {
    const { port } = fastify.server.address() as AddressInfo;
    return fetch(`http://127.0.0.1:${port}/`, { headers });
  },
};

beforeAll(async () => {
  for (const one of [server, koaServer])
    await new Promise<void>((resolve) => one.listen(0, "127.0.0.1", resolve));
  await fastify.listen({ port: 0, host: "127.0.0.1" });
});
afterAll(async () => {
  isAway = false;
  for (const one of [server, koaServer, fastify.server]) {
    one.closeAllConnections();
    one.close();
  }
  await auth.close();
});

test.each(Object.entries(ways))(
  "on %s, whoever signed in is no stranger because the database is away: 503 (security 47)",
  async (_name, ask) => {
    isAway = false;
    expect(await (await ask(held)).json()).toBe(person.email);
    isAway = true;
    const answer = await ask(held);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([
      503,
      expect.stringMatching(/^[2-5]$/),
    ]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await answer.json()).toEqual({
      errors: ["The service is not available right now. Please try again in a moment."],
      code: "unavailable",
    });
    // Strangers are nobody's business to look up.
    expect(await (await ask({})).json()).toBeNull();
  },
);

test("on node:http, identifyNode throws then (security 47)", async () => {
  isAway = true;
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/node`, { headers: held });
  expect(await answer.json()).toContain("AuthError");
});

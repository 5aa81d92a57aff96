import { getRequestListener } from "@hono/node-server";
import express, { type RequestHandler } from "express";
import session from "express-session";
import Fastify, { type FastifyInstance } from "fastify";
import { Hono, type MiddlewareHandler } from "hono";
import Koa from "koa";
import { describe, expect, test } from "vitest";
import { listenerOf } from "../../test/fixtures/adapter-apps.js";
import { frontEnd, person, signedInAuth } from "../../test/fixtures/guarded.js";
import { type Listening, listen, listenHttp2 } from "../../test/fixtures/listening.js";
import { sqlite } from "../database/sqlite/sqlite.js";
import * as onExpress from "./express.js";
import * as onFastify from "./fastify.js";
import * as onHono from "./hono.js";
import * as onKoa from "./koa.js";

type Fixture = Awaited<ReturnType<typeof signedInAuth>>;
type GuardName =
  | "identify user"
  | "identify admin"
  | "identify member"
  | "authenticate user"
  | "authenticate member"
  | "authenticate admin";

/** An app whose one route, `/own`, stands behind these guards. */
const apps: Record<string, (auth: Fixture["auth"], guards: readonly GuardName[]) => Promise<Listening>> = {
  "Express over HTTP/1": (auth, guards) => listen(expressApp(auth, guards)),
  // Express itself does not run on HTTP/2: its middleware does.
  "Express guards over HTTP/2": (auth, guards) =>
    listenHttp2(async (req, res) => {
      for (const guard of guards) {
        const passed = await new Promise<boolean>((resolve) => {
          res.once("close", () => resolve(false));
          Reflect.apply(expressGuard(auth, guard), undefined, [
            Object.assign(req, {}),
            Object.assign(res, { locals: {} }),
            () => resolve(true),
          ]);
        });
        if (!passed) return;
      }
      res.end("own");
    }),
  Hono: async (auth, guards) => listen(getRequestListener(honoApp(auth, guards).fetch)),
  Koa: (auth, guards) => listen(koaApp(auth, guards).callback()),
  "Koa over HTTP/2": (auth, guards) => {
    const app = koaApp(auth, guards).callback();
    return listenHttp2((req, res) => void app(req, res));
  },
  "Fastify, guards as onRequest hooks": (auth, guards) =>
    listen(listenerOf(fastifyApp(Fastify(), auth, guards, "onRequest"))),
  "Fastify, guards as preHandler hooks": (auth, guards) =>
    listen(listenerOf(fastifyApp(Fastify(), auth, guards, "preHandler"))),
  "Fastify over HTTP/2": (auth, guards) => {
    const app = Fastify({ http2: true }) as unknown as FastifyInstance;
    return listenHttp2(listenerOf(fastifyApp(app, auth, guards, "onRequest")));
  },
};

function expressGuard(auth: Fixture["auth"], name: GuardName): RequestHandler {
  const [kind, audience] = name.split(" ") as ["identify" | "authenticate", "user" | "member" | "admin"];
  const guard =
    kind === "identify" ? onExpress.identify(auth, audience) : onExpress.authenticate(auth, audience);
  return guard as unknown as RequestHandler;
}

function expressApp(auth: Fixture["auth"], guards: readonly GuardName[]): express.Express {
  const app = express();
  for (const guard of guards) app.use(expressGuard(auth, guard));
  app.get("/own", (_req, res) => void res.send("own"));
  return app;
}

function koaApp(auth: Fixture["auth"], guards: readonly GuardName[]): Koa {
  const app = new Koa();
  for (const name of guards) {
    const [kind, audience] = name.split(" ") as ["identify" | "authenticate", "user" | "member" | "admin"];
    if (kind === "identify") app.use(onKoa.identify(auth, audience));
    else app.use(onKoa.authenticate(auth, audience));
  }
  return app.use((ctx) => {
    ctx.body = "own";
  });
}

function fastifyApp(
  app: FastifyInstance,
  auth: Fixture["auth"],
  guards: readonly GuardName[],
  place: "onRequest" | "preHandler",
): FastifyInstance {
  const hooks = guards.map((name) => {
    const [kind, audience] = name.split(" ") as ["identify" | "authenticate", "user" | "member" | "admin"];
    return kind === "identify" ? onFastify.identify(auth, audience) : onFastify.authenticate(auth, audience);
  });
  for (const hook of hooks) app.addHook(place, hook);
  app.route({ method: ["GET", "OPTIONS"], url: "/own", handler: () => "own" });
  return app;
}

function honoApp(auth: Fixture["auth"], guards: readonly GuardName[]): Hono {
  const app = new Hono();
  for (const name of guards) {
    const [kind, audience] = name.split(" ") as ["identify" | "authenticate", "user" | "member" | "admin"];
    const guard = kind === "identify" ? onHono.identify(auth, audience) : onHono.authenticate(auth, audience);
    app.use(guard as unknown as MiddlewareHandler);
  }
  app.get("/own", (c) => c.text("own"));
  return app;
}

describe.each(Object.entries(apps))("several guards on one request: %s", (_name, start) => {
  test.each<[guards: readonly GuardName[], status: number]>([
    [["identify user", "authenticate user"], 200],
    [["identify member", "authenticate user"], 200],
    [["authenticate member", "authenticate user"], 200],
    [["authenticate user", "identify member", "authenticate member"], 200],
    [["identify member", "authenticate admin"], 401],
    [["authenticate user", "authenticate admin"], 401],
  ])("%j: the status is %i, and the response carries the token of one rotation", async (guards, status) => {
    const { auth, held, carriesNext, clock } = await signedInAuth();
    const server = await start(auth, guards);
    const response = await server.ask("/own", { headers: held });
    expect(response.status).toBe(status);
    expect(carriesNext(response)).toBe(true);
    clock.forward("1s");
    const next = { ...held, "access-token": response.headers.get("access-token") ?? "" };
    const again = await server.ask("/own", { headers: next });
    expect(again.headers.get("access-token")).toBe(next["access-token"]);
  });

  test("a guard that knows nobody leaves the next one to find out", async () => {
    const { auth, held, carriesNext } = await signedInAuth();
    const server = await start(auth, ["identify admin", "authenticate user"]);
    const response = await server.ask("/own", { headers: held });
    expect([response.status, carriesNext(response)]).toEqual([200, true]);
  });

  test("rotate once also where every request rotates", async () => {
    const { auth, held, carriesNext } = await signedInAuth({ batchRequestBufferThrottle: 0 });
    const server = await start(auth, ["identify member", "authenticate user"]);
    const response = await server.ask("/own", { headers: held });
    expect([response.status, carriesNext(response)]).toEqual([200, true]);
  });

  test("a guard never judges a preflight, wherever it stands", async () => {
    const { auth } = await signedInAuth();
    const server = await start(auth, ["authenticate user"]);
    const headers = {
      origin: frontEnd,
      "access-control-request-method": "PUT",
      "access-control-request-headers": "x-tenant,access-token",
    };
    const preflight = await server.ask("/own", { method: "OPTIONS", headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe(frontEnd);
    expect(preflight.headers.get("access-control-allow-headers")).toContain("x-tenant");
    expect(await preflight.text()).toBe("");
  });

  test("a refusal can be read by a front end of an allowed origin, and by no other", async () => {
    const { auth, held } = await signedInAuth();
    const server = await start(auth, ["authenticate user"]);
    const refused = await server.ask("/own", { headers: { origin: frontEnd } });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([401, frontEnd]);
    const stranger = await server.ask("/own", { headers: { origin: "https://evil.example" } });
    expect([stranger.status, stranger.headers.get("access-control-allow-origin")]).toEqual([401, null]);
    const member = await server.ask("/own", { headers: { ...held, origin: frontEnd } });
    expect(member.headers.get("access-control-expose-headers")).toContain("access-token");
  });

  test("a 503 can be read too", async () => {
    const away = sqlite(":memory:");
    let isAway = false;
    const database: typeof away = {
      async connect(options) {
        const store = await away.connect(options);
        const orAway = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => {
          return async (...args: A): Promise<R> => {
            if (isAway) throw new Error("The connection was refused");
            return call(...args);
          };
        };
        const { find, rotate } = store.sessions;
        return { ...store, sessions: { ...store.sessions, find: orAway(find), rotate: orAway(rotate) } };
      },
    };
    const { auth, held } = await signedInAuth({ database } as object);
    for (const guard of ["authenticate user", "identify user"] as const) {
      const server = await start(auth, [guard]);
      isAway = true;
      const response = await server.ask("/own", { headers: { ...held, origin: frontEnd } });
      isAway = false;
      expect([response.status, response.headers.get("retry-after")]).toEqual([
        503,
        expect.stringMatching(/^[2-5]$/),
      ]);
      expect(response.headers.get("access-control-allow-origin")).toBe(frontEnd);
    }
  });
});

test("a guard in front of keyturn(auth) leaves sign-out to it: no credentials, and the cookie goes", async () => {
  const { auth, request } = await signedInAuth({ cookieEnabled: true });
  const app = express();
  app.use(expressGuard(auth, "authenticate user"), onExpress.keyturn(auth));
  const hono = new Hono();
  hono.use(onHono.authenticate(auth, "user"), onHono.keyturn(auth));
  const koa = new Koa().use(onKoa.authenticate(auth, "user")).use(onKoa.keyturn(auth));
  const fastify = Fastify();
  fastify.addHook("onRequest", onFastify.authenticate(auth, "user"));
  fastify.register(onFastify.keyturn(auth));
  const listeners = [app, getRequestListener(hono.fetch), koa.callback(), listenerOf(fastify)];
  for (const listener of listeners) {
    const signedIn = await request("POST /auth/sign_in", { body: person, headers: { origin: frontEnd } });
    const cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const { ask } = await listen(listener);
    const headers = { cookie, origin: frontEnd };
    const out = await ask("/auth/sign_out", { method: "DELETE", headers });
    expect([out.status, out.headers.has("access-token")]).toEqual([200, false]);
    expect(out.headers.getSetCookie()).toEqual([expect.stringContaining("Max-Age=0")]);
    expect((await ask("/auth/sign_out", { method: "DELETE", headers })).status).toBe(401);
  }
});

describe.each(["before", "between", "after"])("express-session %s the guards", (place) => {
  test("keeps its cookie beside the credentials", async () => {
    const { auth, held, carriesNext } = await signedInAuth({ cookieEnabled: true });
    const app = express();
    const sessions = session({ secret: "a secret", resave: false, saveUninitialized: true });
    if (place === "before") app.use(sessions);
    app.use(expressGuard(auth, "identify member"));
    if (place === "between") app.use(sessions);
    app.use(expressGuard(auth, "authenticate user"));
    if (place === "after") app.use(sessions);
    app.get("/own", (_req, res) => void res.cookie("own", "1").send("own"));
    const response = await (await listen(app)).ask("/own", { headers: held });
    expect(carriesNext(response)).toBe(true);
    const names = response.headers.getSetCookie().map((cookie) => cookie.split("=")[0]);
    expect(names.sort()).toEqual(["__Host-keyturn", "connect.sid", "own"]);
  });
});

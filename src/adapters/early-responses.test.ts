import { once } from "node:events";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import Koa, { type Middleware } from "koa";
import { describe, expect, onTestFinished, test } from "vitest";
import { listenerOf } from "../../test/fixtures/adapter-apps.js";
import { person, signedInAuth } from "../../test/fixtures/guarded.js";
import { listen, listenHttp2 } from "../../test/fixtures/listening.js";
import * as onExpress from "./express.js";
import * as onFastify from "./fastify.js";
import * as onHono from "./hono.js";
import * as onKoa from "./koa.js";
import { authenticateNode, toNodeListener } from "./node.js";

/** Something before us has responded: a timeout, or a middleware that calls `next` all the same. */

type Auth = Awaited<ReturnType<typeof signedInAuth>>["auth"];
type Before = (req: IncomingMessage, res: ServerResponse) => void;

const mounts: Record<string, (auth: Auth, before: Before, errors: unknown[]) => RequestListener> = {
  "node:http": (auth, before, errors) => {
    const own = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
      if (await authenticateNode(auth, "user", req, res)) res.end("own");
    };
    const listener = toNodeListener(auth, (req, res) => void own(req, res).catch((e) => errors.push(e)));
    return (req, res) => {
      before(req, res);
      listener(req, res);
    };
  },
  Express: (auth, before, errors) => {
    const app = express();
    app.use((req, res, next) => {
      before(req, res);
      next();
    });
    app.use(onExpress.keyturn(auth));
    app.get(
      "/own",
      onExpress.authenticate(auth, "user"),
      (_req, res) => void (res.headersSent || res.end("own")),
    );
    const failed: express.ErrorRequestHandler = (error, _req, _res, next) => {
      errors.push(error);
      next(error);
    };
    return app.use(failed);
  },
  Koa: (auth, before, errors) => {
    const app = new Koa();
    app.on("error", (error) => void errors.push(error));
    app.use((ctx, next) => {
      before(ctx.req, ctx.res);
      return next();
    });
    app.use(onKoa.keyturn(auth)).use(onKoa.authenticate(auth, "user"));
    return app.callback();
  },
  Fastify: (auth, before, errors) => {
    const app = Fastify();
    app.addHook("onRequest", (request, reply, done) => {
      before(request.raw, reply.raw);
      done();
    });
    app.register(onFastify.keyturn(auth));
    app.get("/own", { preHandler: onFastify.authenticate(auth, "user") }, () => "own");
    app.setErrorHandler((error) => void errors.push(error));
    return listenerOf(app);
  },
};

// expressjs/timeout#11, nextauthjs/next-auth#10505, okta/okta-oidc-js#189, fastify/fastify#4908.
describe.each(Object.entries(mounts))("a response that was sent before Keyturn's, on %s", (_name, mount) => {
  const asked = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(person),
  };

  test.each([
    ["a refusal", "/own", {}],
    ["an auth route", "/auth/sign_in", asked],
  ])("arrives whole in the place of %s, and nothing fails", async (_what, path, init) => {
    const errors: unknown[] = [];
    const { auth, lines } = await signedInAuth();
    const text = "late ".repeat(100_000);
    const { ask } = await listen(mount(auth, (_req, res) => void res.writeHead(503).end(text), errors));
    const response = await ask(path, init);
    expect([response.status, (await response.text()) === text]).toEqual([503, true]);
    await wait(100);
    expect([errors, lines]).toEqual([[], []]);
  });

  test("and was only begun is cut, so that nobody takes it for a whole one", async () => {
    const errors: unknown[] = [];
    const { auth } = await signedInAuth();
    const { ask } = await listen(mount(auth, (_req, res) => void res.writeHead(200).write("begun"), errors));
    await expect(ask("/own").then((response) => response.text())).rejects.toThrow();
    expect(errors).toEqual([]);
  });
});

// socketio/socket.io#4129, socketio/socket.io#3134, mml-io/3d-web-experience#170.
describe("a client that goes away before the guard knows who asks", () => {
  const window = 300;
  type Listener = (auth: Auth, gone: () => void) => RequestListener;
  const onExpressApp =
    (...before: ((auth: Auth) => express.RequestHandler)[]): Listener =>
    (auth, gone) => {
      const app = express();
      for (const make of before) app.use(make(auth));
      // A middleware that takes its time; then a handler that waits for somebody who has gone.
      app.use("/own", (_req, res, next) => void res.once("close", () => setImmediate(next)));
      return app.get("/own", onExpress.authenticate(auth, "user"), () => gone());
    };
  const onKoaApp =
    (...before: ((auth: Auth) => Middleware)[]): Listener =>
    (auth, gone) => {
      const app = new Koa();
      for (const make of before) app.use(make(auth));
      app.use(async (ctx, next) => {
        await once(ctx.res, "close");
        await next();
      });
      app.use(onKoa.authenticate(auth, "user")).use(() => gone());
      return app.callback();
    };
  const onFastifyApp =
    (place: "onRequest" | "preHandler"): Listener =>
    (auth, gone) => {
      const app = Fastify();
      const user = onFastify.authenticate(auth, "user");
      app.addHook("onRequest", async (_request, reply) => void (await once(reply.raw, "close")));
      // Fastify itself goes no further for a client that has gone.
      app.addHook(place, async (request, reply) => {
        await user(request, reply);
        gone();
      });
      app.get("/own", () => "own");
      return listenerOf(app);
    };
  const onNode: Listener = (auth, gone) => (req, res) => {
    const own = async (): Promise<void> => {
      await once(res, "close");
      if (await authenticateNode(auth, "user", req, res)) gone();
    };
    void own();
  };
  const listeners: Record<string, Listener> = {
    "node:http": onNode,
    Express: onExpressApp(),
    "Express behind keyturn(auth)": onExpressApp((auth) => onExpress.keyturn(auth)),
    Koa: onKoaApp(),
    "Koa behind keyturn(auth)": onKoaApp((auth) => onKoa.keyturn(auth)),
    "Fastify, onRequest": onFastifyApp("onRequest"),
    "Fastify, preHandler": onFastifyApp("preHandler"),
    Hono: (auth, gone) => {
      const app = new Hono<{ Bindings: HttpBindings }>();
      app.use(async (c, next) => {
        await once(c.env.outgoing, "close");
        await next();
      });
      app.get("/own", onHono.authenticate(auth, "user"), () => {
        gone();
        return new Promise<Response>(() => {});
      });
      return getRequestListener(app.fetch);
    },
  };
  const cases = [
    ...Object.entries(listeners).map(([name, listener]) => [`${name}, HTTP/1`, listener, listen] as const),
    ["node:http, HTTP/2", onNode, listenHttp2] as const,
  ];

  test.each(cases)("leaves nothing behind that keeps its token good: %s", async (_name, listener, start) => {
    const { auth, request, held } = await signedInAuth({
      batchRequestBufferThrottle: window,
      now: () => Date.now(),
    });
    onTestFinished(() => auth.close());
    const signedIn = await request("POST /auth/sign_in", { body: person });
    const mine = {
      ...held,
      ...Object.fromEntries(
        ["access-token", "client", "uid"].map((name) => [name, signedIn.headers.get(name) ?? ""]),
      ),
    };
    await wait(1.1 * window);
    let ran = (): void => {};
    const handled = new Promise<void>((resolve) => {
      ran = resolve;
    });
    const { ask } = await start(listener(auth, () => ran()));
    const leaving = new AbortController();
    const asked = ask("/own", { headers: mine, signal: leaving.signal }).catch(() => "gone");
    await wait(100);
    leaving.abort();
    expect(await asked).toBe("gone");
    await handled;
    await wait(2.5 * window);
    expect((await request("GET /auth/validate_token", { headers: mine })).status).toBe(401);
  });
});

import { createServer, type RequestListener } from "node:http";
import { connect } from "node:net";
import { getRequestListener } from "@hono/node-server";
import express, { type RequestHandler } from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import supertest from "supertest";
import { describe, expect, test } from "vitest";
import { listenerOf } from "../../test/fixtures/adapter-apps.js";
import { person, signedInAuth } from "../../test/fixtures/guarded.js";
import { listen, listenHttp2 } from "../../test/fixtures/listening.js";
import * as onExpress from "./express.js";
import * as onFastify from "./fastify.js";
import * as onHono from "./hono.js";
import * as onKoa from "./koa.js";
import { authenticateNode, toNodeListener } from "./node.js";

type Fixture = Awaited<ReturnType<typeof signedInAuth>>;
const json = { "content-type": "application/json" };

/** `before`: a middleware that stands in front of everything. */
function onNode({ auth }: Fixture, before?: RequestHandler): RequestListener {
  const listener = toNodeListener(auth, async (req, res) => {
    const signedIn = await authenticateNode(auth, "user", req, res);
    if (signedIn) res.end("own");
  });
  return (req, res) => {
    if (before) Reflect.apply(before, undefined, [req, res, () => listener(req, res)]);
    else listener(req, res);
  };
}

function onExpressApp({ auth }: Fixture, before?: RequestHandler): RequestListener {
  const app = express();
  if (before) app.use(before);
  app.use(onExpress.keyturn(auth));
  app.get("/own", onExpress.authenticate(auth, "user"), (_req, res) => void res.send("own"));
  return app;
}

function onHonoApp({ auth }: Fixture): RequestListener {
  const app = new Hono();
  app.use(onHono.keyturn(auth));
  app.get("/own", onHono.authenticate(auth, "user"), (c) => c.text("own"));
  return getRequestListener(app.fetch);
}

function onKoaApp({ auth }: Fixture, before?: RequestHandler): RequestListener {
  const app = new Koa();
  if (before)
    app.use(async ({ req, res }, next) => {
      await new Promise<void>((passed) => Reflect.apply(before, undefined, [req, res, passed]));
      await next();
    });
  app.use(onKoa.keyturn(auth)).use(onKoa.authenticate(auth, "user"));
  app.use((ctx) => {
    ctx.body = "own";
  });
  return app.callback();
}

function onFastifyApp({ auth }: Fixture, before?: RequestHandler): RequestListener {
  const app = Fastify();
  if (before)
    app.addHook("onRequest", ({ raw }, reply, done) => {
      Reflect.apply(before, undefined, [raw, reply.raw, () => done()]);
    });
  app.register(onFastify.keyturn(auth));
  app.get("/own", { onRequest: onFastify.authenticate(auth, "user") }, () => "own");
  return listenerOf(app);
}

const mounts = {
  "node:http": onNode,
  Express: onExpressApp,
  Hono: onHonoApp,
  Koa: onKoaApp,
  Fastify: onFastifyApp,
};

/** Sends bytes as they are. */
function send(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let got = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (chunk) => {
      got += String(chunk);
    });
    socket.on("close", () => resolve(got)).on("error", reject);
  });
}

describe.each(Object.entries(mounts))("on %s", (name, mount) => {
  const body = JSON.stringify(person);
  test.each([
    "http://127.0.0.1/auth/sign_in",
    "http://other.example:8080/auth/sign_in?x=1",
    "HTTP://USER@HOST/auth/sign_in",
    "https://[2001:db8::1]:443/auth/sign_in",
  ])("a request that names the whole address reaches its auth route: POST %s", async (target) => {
    const { port } = await listen(mount(await signedInAuth()));
    const head = `POST ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const got = await send(port, head);
    // @hono/node-server itself refuses a scheme in capitals and user names.
    const refused = name === "Hono" && target.startsWith("HTTP");
    expect(got.slice(0, 12)).toBe(refused ? "HTTP/1.1 400" : "HTTP/1.1 200");
    expect(/^access-token: \S/im.test(got)).toBe(!refused);
  });

  test.each(["*", "http://127.0.0.1", "?x", "//auth/sign_in"])(
    "no target brings the server down: OPTIONS %s",
    async (target) => {
      const { port } = await listen(mount(await signedInAuth()));
      const got = await send(
        port,
        `OPTIONS ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`,
      );
      expect(got).toMatch(/^HTTP\/1.1 [24]\d\d /);
    },
  );

  test("supertest's requests are read as real ones", async () => {
    const fixture = await signedInAuth();
    const server = createServer(mount(fixture));
    const signedIn = await supertest(server).post("/auth/sign_in").send(person);
    expect([signedIn.status, typeof signedIn.headers["access-token"]]).toEqual([200, "string"]);
    const valid = await supertest(server).get("/auth/validate_token").set(fixture.held);
    expect(valid.status).toBe(200);
  });
});

describe.each(
  Object.entries({ "node:http": onNode, Express: onExpressApp, Koa: onKoaApp, Fastify: onFastifyApp }),
)("on %s, auth routes see", (_name, mount) => {
  /** Takes the credentials from one header, as gateways hand them on. */
  const unpack: RequestHandler = (req, _res, next) => {
    const packed = req.headers["x-session"];
    if (typeof packed === "string")
      Object.assign(req.headers, JSON.parse(Buffer.from(packed, "base64").toString()));
    Object.assign(req.headers, { "x-count": 3, "x-name": "中", "x-none": undefined, "x-list": ["a", "b"] });
    next();
  };

  test("what middleware has set in req.headers, as the app's own routes do", async () => {
    const fixture = await signedInAuth();
    const { ask } = await listen(mount(fixture, unpack));
    const headers = { "x-session": Buffer.from(JSON.stringify(fixture.held)).toString("base64") };
    for (const path of ["/auth/validate_token", "/own"])
      expect([path, (await ask(path, { headers })).status]).toEqual([path, 200]);
  });

  test("nothing of what middleware has deleted from req.headers", async () => {
    const fixture = await signedInAuth();
    const strip: RequestHandler = (req, _res, next) => {
      delete req.headers["access-token"];
      delete req.headers.authorization;
      next();
    };
    const { ask } = await listen(mount(fixture, strip));
    for (const path of ["/auth/validate_token", "/own"])
      expect([path, (await ask(path, { headers: fixture.held })).status]).toEqual([path, 401]);
  });

  const parsed: Record<string, RequestHandler> = {
    "an empty object, and the body is still to be read": (req, _res, next) => {
      Object.assign(req, { body: {} });
      next();
    },
    "the body's bytes": (req, _res, next) => {
      const chunks: Buffer[] = [];
      req
        .on("data", (chunk: Buffer) => void chunks.push(chunk))
        .on("end", () => {
          Object.assign(req, { body: Buffer.concat(chunks) });
          next();
        });
    },
    "the body's text": (req, _res, next) => {
      let text = "";
      req.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      req.on("end", () => {
        Object.assign(req, { body: text });
        next();
      });
    },
    "text still to be read": (req, _res, next) => {
      req.setEncoding("utf8");
      next();
    },
  };
  test.each(Object.entries(parsed))("the body where req.body is %s", async (_what, before) => {
    const fixture = await signedInAuth();
    const { ask } = await listen(mount(fixture, before));
    const response = await ask("/auth/sign_in", {
      method: "POST",
      headers: json,
      body: JSON.stringify(person),
    });
    expect(response.status).toBe(200);
  });

  test("no body where somebody has read it and kept it to himself: an error at once, and no hang", async () => {
    const fixture = await signedInAuth();
    const swallow: RequestHandler = (req, _res, next) => void req.resume().on("end", () => next());
    const { ask } = await listen(mount(fixture, swallow));
    const response = await ask("/auth/sign_in", {
      method: "POST",
      headers: json,
      body: JSON.stringify(person),
    });
    expect(response.status).toBe(401);
  });
});

test.each(Object.entries({ "node:http": onNode, Koa: onKoaApp, Fastify: onFastifyApp }))(
  "over HTTP/2, the auth routes and the app's own work on one connection: %s",
  async (_name, mount) => {
    const fixture = await signedInAuth();
    const { ask } = await listenHttp2(mount(fixture));
    const signedIn = await ask("/auth/sign_in", {
      method: "POST",
      headers: json,
      body: JSON.stringify(person),
    });
    expect([signedIn.status, signedIn.headers.has("access-token")]).toEqual([200, true]);
    const own = await ask("/own", { headers: fixture.held });
    expect([own.status, await own.text(), fixture.carriesNext(own)]).toEqual([200, "own", true]);
  },
);

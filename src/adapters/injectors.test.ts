import { getRequestListener } from "@hono/node-server";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import inject, { type DispatchFunc } from "light-my-request";
import { expect, test } from "vitest";
import { listenerOf } from "../../test/fixtures/adapter-apps.js";
import { person, signedInAuth } from "../../test/fixtures/guarded.js";
import * as onExpress from "./express.js";
import * as onFastify from "./fastify.js";
import * as onHono from "./hono.js";
import * as onKoa from "./koa.js";
import { authenticateNode, toNodeListener } from "./node.js";

// A file of its own: light-my-request changes Express's prototypes, and real servers in the same process then fail.
type Fixture = Awaited<ReturnType<typeof signedInAuth>>;

const mounts: Record<string, (fixture: Fixture) => DispatchFunc> = {
  "node:http": ({ auth }) =>
    toNodeListener(auth, async (req, res) => {
      if (await authenticateNode(auth, "user", req, res)) res.end("own");
    }),
  Express: ({ auth }) => {
    const app = express();
    app.use(onExpress.keyturn(auth));
    app.get("/own", onExpress.authenticate(auth, "user"), (_req, res) => void res.send("own"));
    return app as unknown as DispatchFunc;
  },
  Koa: ({ auth }) => {
    const app = new Koa();
    app.use(onKoa.keyturn(auth)).use(onKoa.authenticate(auth, "user"));
    app.use((ctx) => {
      ctx.body = "own";
    });
    return app.callback();
  },
  Fastify: ({ auth }) => {
    const app = Fastify();
    app.register(onFastify.keyturn(auth));
    app.get("/own", { onRequest: onFastify.authenticate(auth, "user") }, () => "own");
    return listenerOf(app);
  },
  Hono: ({ auth }) => {
    const app = new Hono();
    app.use(onHono.keyturn(auth));
    app.get("/own", onHono.authenticate(auth, "user"), (c) => c.text("own"));
    return getRequestListener(app.fetch);
  },
};

test.each(Object.entries(mounts))(
  "on %s, an injector's requests are read as real ones",
  async (_name, mount) => {
    const fixture = await signedInAuth();
    const app = mount(fixture);
    const headers = { "content-type": "application/json" };
    const signedIn = await inject(app, {
      method: "POST",
      url: "/auth/sign_in",
      headers,
      payload: JSON.stringify(person),
    });
    expect(signedIn.statusCode).toBe(200);
    expect(signedIn.headers["access-token"]).toEqual(expect.any(String));
    const own = await inject(app, { url: "/own", headers: fixture.held });
    expect([own.statusCode, own.payload]).toEqual([200, "own"]);
    expect(own.headers["access-token"]).not.toBe(fixture.held["access-token"]);
  },
);

test("Fastify's own inject signs in and asks, with the body as an object", async () => {
  const { auth, held } = await signedInAuth();
  const app = Fastify();
  app.register(onFastify.keyturn(auth));
  app.get("/own", { onRequest: onFastify.authenticate(auth, "user") }, () => "own");
  const signedIn = await app.inject({ method: "POST", url: "/auth/sign_in", payload: person });
  expect([signedIn.statusCode, signedIn.json()]).toEqual([
    200,
    { data: expect.objectContaining({ uid: person.email }) },
  ]);
  expect((await app.inject({ url: "/own", headers: held })).payload).toBe("own");
  expect((await app.inject("/own")).statusCode).toBe(401);
  await app.close();
});

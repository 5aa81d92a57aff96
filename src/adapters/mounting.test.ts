import { createServer, type RequestListener, request } from "node:http";
import { getRequestListener } from "@hono/node-server";
import Router from "@koa/router";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import mount from "koa-mount";
import { describe, expect, test } from "vitest";
import { listenerOf } from "../../test/fixtures/adapter-apps.js";
import { frontEnd, person, signedInAuth } from "../../test/fixtures/guarded.js";
import { listen } from "../../test/fixtures/listening.js";
import { testAuth } from "../testing/testing.js";
import * as onExpress from "./express.js";
import * as onFastify from "./fastify.js";
import * as onHono from "./hono.js";
import * as onKoa from "./koa.js";
import { toNodeListener } from "./node.js";

type Fixture = Awaited<ReturnType<typeof signedInAuth>>;

/** Each below `/v1`. */
const mounts: Record<string, (auth: Fixture["auth"]) => RequestListener> = {
  "Express: app.use(prefix, keyturn(auth))": (auth) => express().use("/v1", onExpress.keyturn(auth)),
  "Express: an app below an app": (auth) => express().use("/v1", express().use(onExpress.keyturn(auth))),
  "Express: a router": (auth) => express().use("/v1", express.Router().use(onExpress.keyturn(auth))),
  "Hono: basePath": (auth) => getRequestListener(new Hono().basePath("/v1").use(onHono.keyturn(auth)).fetch),
  "Hono: route": (auth) =>
    getRequestListener(new Hono().route("/v1", new Hono().use("*", onHono.keyturn(auth))).fetch),
  "Koa: koa-mount": (auth) => new Koa().use(mount("/v1", onKoa.keyturn(auth))).callback(),
  "Koa: an app below an app": (auth) =>
    new Koa().use(mount("/v1", new Koa().use(onKoa.keyturn(auth)))).callback(),
  "Koa: a router with a prefix": (auth) => {
    const router = new Router({ prefix: "/v1" });
    router.all("/{*path}", onKoa.keyturn(auth));
    return new Koa().use(router.routes()).callback();
  },
  "Fastify: the plugin's prefix": (auth) =>
    listenerOf(Fastify().register(onFastify.keyturn(auth), { prefix: "/v1" })),
  "Fastify: a plugin with a prefix": (auth) =>
    listenerOf(
      Fastify().register(async (below) => void below.register(onFastify.keyturn(auth)), { prefix: "/v1" }),
    ),
  "Fastify: rewriteUrl": (auth) =>
    listenerOf(
      Fastify({ rewriteUrl: ({ url = "/" }) => url.replace(/^\/v1(?=\/)/, "") }).register(
        onFastify.keyturn(auth),
      ),
    ),
  "Hono: a pattern": (auth) => getRequestListener(new Hono().use("/v1/*", onHono.keyturn(auth)).fetch),
};

describe.each(Object.entries(mounts))("mounted below a prefix in %s", (_name, mountOn) => {
  const init = (body: object) => ({
    method: "POST",
    headers: { "content-type": "application/json", origin: frontEnd },
    body: JSON.stringify(body),
  });

  test("everything works where baseUrl ends with it: routes, cookie, mails and their links", async () => {
    const server = await testAuth({
      baseUrl: "http://127.0.0.1/v1",
      cookieEnabled: true,
      models: { user: { mountAt: "/auth" } },
    });
    const { ask } = await listen(mountOn(server.auth as unknown as Fixture["auth"]));
    const confirm_success_url = "http://localhost:5173/welcome";
    expect((await ask("/v1/auth", init({ ...person, confirm_success_url }))).status).toBe(200);
    const link = new URL(server.linkTo(person.email));
    expect(link.pathname).toBe("/v1/auth/confirmation");
    const confirmed = await ask(link.pathname + link.search);
    expect(confirmed.headers.get("location")).toBe(
      `${confirm_success_url}?account_confirmation_success=true`,
    );
    const signedIn = await ask("/v1/auth/sign_in?x=1", init(person));
    expect(signedIn.status).toBe(200);
    expect(signedIn.headers.getSetCookie()[0]).toContain("; Path=/;");
    expect((await ask("/v1/elsewhere")).status).toBe(404);
    await server.auth.close();
  });

  test("works too where a proxy has taken the beginning of baseUrl's path away", async () => {
    const { auth } = await signedInAuth({ baseUrl: "https://example.com/api/v1" });
    const { ask } = await listen(mountOn(auth));
    expect((await ask("/v1/auth/sign_in", init(person))).status).toBe(200);
  });

  test.each(["http://localhost:3000", "http://localhost:3000/v2"])(
    "a sentence names both paths where baseUrl is %s: links in mails would lead nowhere",
    async (baseUrl) => {
      const { auth, lines } = await signedInAuth({ baseUrl });
      const { ask } = await listen(mountOn(auth));
      const response = await ask("/v1/auth/sign_in", init(person));
      expect(response.status).toBe(500);
      const said = await response.text();
      for (const text of [said.replaceAll('\\"', '"'), String(lines[0]?.error)]) {
        expect(text).toContain('mounted below "/v1"');
        expect(text).toContain(`"${baseUrl}/auth/sign_in" instead of "${baseUrl}/v1/auth/sign_in"`);
      }
      expect((await ask("/v1/auth/nowhere/else")).status).toBe(500);
      expect((await ask("/v1/own")).status).toBe(404);
    },
  );

  test("in production the sentence is in the log alone", async () => {
    const settings = { baseUrl: "https://api.example.com", environment: "production" } as const;
    const { auth, lines } = await signedInAuth(settings);
    const { ask } = await listen(mountOn(auth));
    const response = await ask("/v1/auth/sign_in", init(person));
    expect([response.status, await response.text()]).toEqual([500, expect.not.stringContaining("mounted")]);
    expect(String(lines[0]?.error)).toContain('mounted below "/v1"');
  });

  test("mountAt may begin with it instead", async () => {
    const server = await testAuth({ models: { user: { mountAt: "/v1/auth", confirmable: false } } });
    const { ask } = await listen(mountOn(server.auth as unknown as Fixture["auth"]));
    expect((await ask("/v1/auth", init(person))).status).toBe(200);
    await server.auth.close();
  });
});

test("without a framework, a path of baseUrl is part of the routes' paths, or has been taken away by a proxy", async () => {
  const { auth } = await signedInAuth({ baseUrl: "https://example.com/v1" });
  const { ask } = await listen(
    createServer(toNodeListener(auth, (_req, res) => res.writeHead(404).end())).listeners(
      "request",
    )[0] as RequestListener,
  );
  const init = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(person),
  };
  const statuses = await Promise.all(
    ["/v1/auth/sign_in", "/auth/sign_in", "/v2/auth/sign_in", "/v1auth/sign_in"].map(
      async (path) => (await ask(path, init)).status,
    ),
  );
  expect(statuses).toEqual([200, 200, 404, 404]);
});

describe("a path with segments that a URL parser takes out", () => {
  const apps: Record<string, (auth: Fixture["auth"]) => RequestListener> = {
    "an Express app": (auth) =>
      express()
        .use("/admin_auth", (_req, res) => void res.sendStatus(403))
        .use(onExpress.keyturn(auth)),
    "a Koa app": (auth) =>
      new Koa()
        .use((ctx, next) => {
          if (!ctx.path.startsWith("/admin_auth")) return next();
          ctx.status = 403;
          return undefined;
        })
        .use(onKoa.keyturn(auth))
        .callback(),
    "a Fastify app": (auth) => {
      const app = Fastify();
      app.addHook("onRequest", async (request, reply) =>
        request.url.startsWith("/admin_auth") ? reply.code(403).send() : undefined,
      );
      return listenerOf(app.register(onFastify.keyturn(auth)));
    },
    "node:http": (auth) => {
      const rest = toNodeListener(auth, (_req, res) => res.writeHead(404).end());
      return (req, res) => (req.url?.startsWith("/admin_auth") ? res.writeHead(403).end() : rest(req, res));
    },
  };

  test.each(Object.entries(apps))("leads past no guard of a mount point on %s", async (_name, app) => {
    const { auth } = await signedInAuth();
    const { port } = await listen(app(auth));
    for (const path of [
      "/auth/../admin_auth/validate_token",
      "/auth/%2e%2e/admin_auth/validate_token",
      "/auth/%2E./admin_auth/validate_token",
      "/auth/.%2e/admin_auth/validate_token",
      "/auth/x/..\\..\\admin_auth\\validate_token",
      "/auth/./%2e%2e/admin_auth/validate_token.json",
      "/auth/./validate_token",
    ])
      expect([path, await statusOf(port, path)]).toEqual([path, 404]);
    expect(await statusOf(port, "/admin_auth/validate_token")).toBe(403);
    // Dots inside of a segment are part of it.
    expect(await statusOf(port, "/auth/validate_token.json?x=/../y")).toBe(401);
  });
});

/** `fetch` would clean the path. */
function statusOf(port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ port, path, host: "127.0.0.1", agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
  });
}

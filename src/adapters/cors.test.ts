import type { RequestListener } from "node:http";
import fastifyCors from "@fastify/cors";
import { getRequestListener } from "@hono/node-server";
import koaCors from "@koa/cors";
import cors from "cors";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import { cors as honoCors } from "hono/cors";
import Koa from "koa";
import { describe, expect, test } from "vitest";
import { listenerOf } from "../../test/fixtures/adapter-apps.js";
import { signedInAuth } from "../../test/fixtures/guarded.js";
import { listen } from "../../test/fixtures/listening.js";
import type { CorsSettings } from "../config/cors.js";
import * as onExpress from "./express.js";
import * as onFastify from "./fastify.js";
import * as onHono from "./hono.js";
import * as onKoa from "./koa.js";

type Fixture = Awaited<ReturnType<typeof signedInAuth>>;
type Mount = (auth: Fixture["auth"], partner?: string) => RequestListener;

/** `partner`: an origin that the app's own CORS middleware, behind ours, lets in. */
const mounts: Record<string, Mount> = {
  Express: (auth, partner) => {
    const app = express().use(onExpress.keyturn(auth));
    if (partner) app.use(cors({ origin: partner, exposedHeaders: ["x-partner"] }));
    app.get("/own", (_req, res) => void res.set("access-control-expose-headers", "x-own").send("own"));
    return app;
  },
  Koa: (auth, partner) => {
    const app = new Koa().use(onKoa.keyturn(auth));
    if (partner) app.use(koaCors({ origin: partner === "*" ? "*" : partner, exposeHeaders: ["x-partner"] }));
    app.use((ctx) => {
      ctx.set("access-control-expose-headers", "x-own");
      ctx.body = "own";
    });
    return app.callback();
  },
  Fastify: (auth, partner) => {
    const app = Fastify().register(onFastify.keyturn(auth));
    if (partner) app.register(fastifyCors, { origin: partner, exposedHeaders: ["x-partner"] });
    app.get("/own", (_request, reply) => reply.header("access-control-expose-headers", "x-own").send("own"));
    return listenerOf(app);
  },
  Hono: (auth, partner) => {
    const app = new Hono().use(onHono.keyturn(auth));
    if (partner) app.use(honoCors({ origin: partner, exposeHeaders: ["x-partner"] }));
    app.get("/own", (c) => {
      c.header("access-control-expose-headers", "x-own");
      return c.text("own");
    });
    return getRequestListener(app.fetch);
  },
};
const origin = "https://app.example.com";
const preflightOf = (from: string, headers = "access-token", method = "POST") => ({
  method: "OPTIONS",
  headers: {
    origin: from,
    "access-control-request-method": method,
    "access-control-request-headers": headers,
  },
});
const listOf = (response: Response, name: string): string[] => response.headers.get(name)?.split(/, ?/) ?? [];

describe.each(Object.entries(mounts))("CORS on %s", (_name, mount) => {
  async function start(settings: CorsSettings | false, more: object = {}, partner?: string) {
    const fixture = await signedInAuth({
      baseUrl: "https://api.example.com",
      environment: "production",
      cors: settings,
      ...more,
    });
    return listen(mount(fixture.auth, partner));
  }

  test.each([
    "x-request-id",
    "sentry-trace, baggage",
    "idempotency-key,x-tenant",
    "traceparent , tracestate",
    "X-Requested-With, X-CSRF-Token",
  ])("an allowed origin may send what it asks for, on auth routes and the app's own: %s", async (asked) => {
    const { ask } = await start({ origins: [origin] });
    for (const path of ["/auth/sign_in", "/own"]) {
      const response = await ask(path, preflightOf(origin, asked));
      expect(response.status).toBe(204);
      const allowed = listOf(response, "access-control-allow-headers");
      for (const name of asked.split(",")) expect(allowed).toContain(name.trim().toLowerCase());
      for (const name of ["access-token", "content-type"]) expect(allowed).toContain(name);
      expect(listOf(response, "vary")).toEqual(["Origin", "Access-Control-Request-Headers"]);
      expect(response.headers.get("access-control-max-age")).toBe("7200");
    }
  });

  test("what is no header name is not reflected", async () => {
    const { ask } = await start({ origins: [origin] });
    const response = await ask("/own", preflightOf(origin, "x-good, x bad, <script>, x-worse\u00e4"));
    const allowed = listOf(response, "access-control-allow-headers");
    expect(allowed.slice(-2)).toEqual(["x-requested-with", "x-good"]);
  });

  test("an unusual method is allowed if it is asked for", async () => {
    const { ask } = await start({ origins: [origin] });
    expect(
      listOf(await ask("/own", preflightOf(origin, "", "QUERY")), "access-control-allow-methods"),
    ).toContain("QUERY");
  });

  test("allowedHeaders, exposedHeaders and maxAge say it otherwise", async () => {
    const { ask } = await start({
      origins: [origin],
      allowedHeaders: ["X-Tenant"],
      exposedHeaders: ["X-Total"],
      maxAge: "10m",
    });
    const preflight = await ask("/own", preflightOf(origin, "x-other"));
    const allowed = listOf(preflight, "access-control-allow-headers");
    expect([allowed.includes("x-tenant"), allowed.includes("x-other")]).toEqual([true, false]);
    expect(preflight.headers.get("access-control-max-age")).toBe("600");
    const exposed = listOf(await ask("/own", { headers: { origin } }), "access-control-expose-headers");
    for (const name of ["x-own", "x-total", "access-token"]) expect(exposed).toContain(name);
  });

  test("outside production, what the app exposes is kept too", async () => {
    const { ask } = await start({}, { environment: "development" });
    const exposed = listOf(
      await ask("/own", { headers: { origin: "http://localhost:8100" } }),
      "access-control-expose-headers",
    );
    for (const name of ["x-own", "access-token"]) expect(exposed).toContain(name);
  });

  test.each([
    "capacitor://localhost",
    "ionic://localhost",
    "app://-",
    "tauri://localhost",
    "https://localhost",
    "chrome-extension://abcdefghijklmnop",
  ])("an origin with any scheme can be allowed: %s", async (from) => {
    const { ask } = await start({ origins: [from] });
    for (const init of [preflightOf(from), { headers: { origin: from } }])
      expect((await ask("/own", init)).headers.get("access-control-allow-origin")).toBe(from);
    expect((await ask("/own", preflightOf(`${from}.evil`))).headers.has("access-control-allow-origin")).toBe(
      false,
    );
  });

  test("origins that are not ours are left to the app's own CORS, preflights too", async () => {
    const partner = "https://partner.example";
    const { ask } = await start({ origins: [origin] }, {}, partner);
    for (const init of [preflightOf(partner), { headers: { origin: partner } }])
      expect((await ask("/own", init)).headers.get("access-control-allow-origin")).toBe(partner);
    const own = await ask("/own", { headers: { origin } });
    expect(own.headers.get("access-control-allow-origin")).toBe(origin);
  });

  test("cors: false leaves all of it to the app", async () => {
    const { ask } = await start(false, {}, origin);
    expect((await ask("/own", preflightOf(origin, "x-any"))).headers.get("access-control-allow-origin")).toBe(
      origin,
    );
    const response = await ask("/own", { headers: { origin } });
    expect(response.headers.get("access-control-expose-headers")).not.toContain("access-token");
    const bare = await listen(mount((await signedInAuth({ cors: false })).auth));
    for (const path of ["/own", "/auth/validate_token"]) {
      const names = [...(await bare.ask(path, { headers: { origin } })).headers.keys()];
      expect(names.filter((name) => name.startsWith("access-control-allow"))).toEqual([]);
    }
  });

  test("with cookies, a star of the app's own gives way to the exact origin", async () => {
    const { ask } = await start({ origins: [origin] }, { cookieEnabled: true }, "*");
    const { headers } = await ask("/own", { headers: { origin } });
    expect(headers.get("access-control-allow-origin")).toBe(origin);
    expect(headers.get("access-control-allow-credentials")).toBe("true");
  });
});

describe("Origin: null with the cookie", () => {
  test.each([
    ["same-origin", 200],
    ["cross-site", 403],
    ["same-site", 403],
    ["none", 403],
    [undefined, 403],
  ])("and Sec-Fetch-Site %s is %i", async (site, status) => {
    const { request, cookie } = await signedInAuth({ cookieEnabled: true });
    const headers = { origin: "null", cookie, ...(site === undefined ? {} : { "sec-fetch-site": site }) };
    expect((await request("DELETE /auth/sign_out", { headers })).status).toBe(status);
  });
});

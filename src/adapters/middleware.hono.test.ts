import { getRequestListener } from "@hono/node-server";
import { Hono, type MiddlewareHandler } from "hono";
import { compress } from "hono/compress";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { HTTPException } from "hono/http-exception";
import { logger } from "hono/logger";
import { prettyJSON } from "hono/pretty-json";
import { secureHeaders } from "hono/secure-headers";
import { streamSSE } from "hono/streaming";
import { timeout } from "hono/timeout";
import { timing } from "hono/timing";
import { describe, expect, test } from "vitest";
import { frontEnd, signedInAuth } from "../../test/fixtures/guarded.js";
import { listen } from "../../test/fixtures/listening.js";
import { authenticate, keyturn } from "./hono.js";

/** As hono/cache does behind a handler, in a runtime that has caches. */
const cacheFor =
  (directives: string): MiddlewareHandler =>
  async (c, next) => {
    await next();
    c.header("cache-control", directives, { append: true });
  };

const middleware: Record<string, () => MiddlewareHandler> = {
  etag: () => etag(),
  compress: () => compress({ threshold: 0 }),
  secureHeaders: () => secureHeaders(),
  cors: () => cors({ origin: "*", exposeHeaders: ["x-total"] }),
  "cors with credentials": () => cors({ origin: frontEnd, credentials: true, exposeHeaders: ["x-total"] }),
  "a cache": () => cacheFor("public, max-age=600"),
  timeout: () => timeout(5000),
  timing: () => timing(),
  prettyJSON: () => prettyJSON(),
  logger: () => logger(() => undefined),
  "one that replaces the response": () => async (c, next) => {
    await next();
    const { body, status } = c.res;
    c.res = undefined;
    c.res = new Response(body, { status, headers: { "x-replaced": "1" } });
  },
};

async function start(place: "before" | "between" | "after", make: () => MiddlewareHandler) {
  const fixture = await signedInAuth();
  const app = new Hono();
  const mount = (here: typeof place): void => void (here === place && app.use(make()));
  mount("before");
  app.use(keyturn(fixture.auth));
  mount("between");
  app.use("/own/*", authenticate(fixture.auth, "user"));
  mount("after");
  app.get("/own", (c) => c.text("own".repeat(500), 200, { etag: '"one"' }));
  app.get("/own/plain", () => {
    const response = new Response("own", {
      headers: { "content-type": "text/plain", "access-token": "theirs" },
    });
    response.headers.append("set-cookie", "own=1");
    return response;
  });
  app.get("/own/fetched", () => fetch("data:text/plain,far"));
  app.get("/own/broken", () => {
    throw new HTTPException(503, { message: "broken" });
  });
  const served = await listen(getRequestListener(app.fetch));
  const ways = {
    served: served.ask,
    injected: async (path: string, init?: RequestInit) => app.request(path, init),
  };
  return { ...fixture, ways };
}

describe.each(Object.keys(middleware))("Hono with %s", (name) => {
  const make = middleware[name] ?? (() => (_c, next) => next());

  test.each(["before", "between", "after"] as const)(
    "%s ours: every response carries the credentials",
    async (place) => {
      const { ways, held, clock, carriesNext } = await start(place, make);
      let next = held;
      for (const [way, ask] of Object.entries(ways)) {
        for (const path of [
          "/own",
          "/own?again",
          "/own/plain",
          "/own/fetched",
          "/own/broken",
          "/own/nowhere",
        ]) {
          const revalidation =
            path === "/own?again" ? { "if-none-match": '"one"', "cache-control": "max-age=0" } : {};
          const response = await ask(path, { headers: { ...next, origin: frontEnd, ...revalidation } });
          expect([way, path, carriesNext(response)]).toEqual([way, path, true]);
          if (name === "etag" && path === "/own?again") expect(response.status).toBe(304);
          expect(response.headers.get("access-token")).not.toBe(next["access-token"]);
          expect(response.headers.get("access-control-allow-origin")).toBe(frontEnd);
          expect(response.headers.get("access-control-expose-headers")).toContain("access-token");
          if (name.startsWith("cors"))
            expect(response.headers.get("access-control-expose-headers")).toContain("x-total");
          expect(response.headers.get("cache-control")).toBe("no-store");
          if (path === "/own/plain")
            expect(response.headers.getSetCookie()).toEqual(name.startsWith("one that") ? [] : ["own=1"]);
          await response.text();
          next = { ...next, "access-token": response.headers.get("access-token") ?? "" };
          clock.forward("6s");
        }
      }
    },
  );
});

test("a timeout's 504 carries the credentials", async () => {
  const fixture = await signedInAuth();
  const app = new Hono();
  app.use(timeout(60), keyturn(fixture.auth));
  app.get("/own", authenticate(fixture.auth, "user"), () => new Promise(() => undefined));
  const response = await app.request("/own", { headers: fixture.held });
  expect([response.status, fixture.carriesNext(response)]).toEqual([504, true]);
});

test("server-sent events flow one by one with compress around the guard", async () => {
  const { auth, held, carriesNext } = await signedInAuth();
  const app = new Hono();
  let sendSecond: () => void = () => undefined;
  const second = new Promise<void>((resolve) => {
    sendSecond = resolve;
  });
  app.get("/events", compress(), authenticate(auth, "user"), (c) =>
    streamSSE(c, async (stream) => {
      await stream.writeSSE({ data: "first" });
      await second;
      await stream.writeSSE({ data: "second" });
    }),
  );
  const { ask } = await listen(getRequestListener(app.fetch));
  const response = await ask("/events", { headers: { ...held, "accept-encoding": "gzip" } });
  const reader = response.body?.getReader();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("data: first\n\n");
  sendSecond();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("data: second\n\n");
  expect(carriesNext(response)).toBe(true);
  expect(response.headers.get("cache-control")).toBe("no-cache, no-store");
});

import { get } from "node:http";
import compression from "compression";
import timeout from "connect-timeout";
import cors from "cors";
import express, { type ErrorRequestHandler, type RequestHandler } from "express";
import session from "express-session";
import helmet from "helmet";
import morgan from "morgan";
import responseTime from "response-time";
import { describe, expect, test } from "vitest";
import { frontEnd, signedInAuth } from "../../test/fixtures/guarded.js";
import { listen } from "../../test/fixtures/listening.js";
import { authenticate, keyturn } from "./express.js";

const lines: string[] = [];
const middleware: Record<string, () => RequestHandler> = {
  compression: () => compression({ threshold: 0 }),
  helmet: () => helmet(),
  cors: () => cors({ exposedHeaders: ["x-total"] }),
  "cors with credentials": () => cors({ origin: true, credentials: true, exposedHeaders: "x-total" }),
  "express-session": () => session({ secret: "a secret", resave: false, saveUninitialized: true }),
  morgan: () => morgan("tiny", { stream: { write: (line) => void lines.push(line) } }),
  "connect-timeout": () => timeout("5s"),
  "response-time": () => responseTime(),
  "a middleware that makes responses public": () => (_req, res, next) => {
    const { writeHead } = res;
    res.writeHead = ((...args: Parameters<typeof writeHead>) => {
      res.setHeader("cache-control", "public, max-age=60");
      return writeHead.apply(res, args);
    }) as typeof writeHead;
    next();
  },
};

// Of itself, fetch would ask for no 304.
const revalidation = (etag: string) => ({ "if-none-match": etag, "cache-control": "max-age=0" });

const brokenPage: ErrorRequestHandler = (_error, _req, res, _next) => {
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  res.status(503).json({ error: "broken" });
};

async function start(
  place: "before" | "between" | "after",
  make: () => RequestHandler,
  cookieEnabled = false,
) {
  const fixture = await signedInAuth({ cookieEnabled });
  const app = express();
  const mount = (here: typeof place): void => void (here === place && app.use(make()));
  mount("before");
  app.use(keyturn(fixture.auth));
  mount("between");
  app.use("/own", authenticate(fixture.auth, "user"));
  mount("after");
  app.get("/own", (_req, res) => void res.send("own".repeat(1000)));
  app.get("/own/replaced", (_req, res) => {
    res.writeHead(200, {
      "set-cookie": "own=1",
      vary: "Accept",
      "access-token": "theirs",
      "cache-control": "public",
    });
    res.end("own");
  });
  app.get("/own/broken", () => {
    throw new Error("broken");
  });
  app.use(brokenPage);
  return { ...fixture, ...(await listen(app)) };
}

describe.each(Object.keys(middleware))("Express with %s", (name) => {
  const make = middleware[name] ?? (() => (_req, _res, next) => next());

  test.each(["before", "between", "after"] as const)(
    "%s ours: every response carries the credentials",
    async (place) => {
      const { ask, held, clock, carriesNext } = await start(place, make);
      let next = held;
      let etag = "";
      for (const [path, status] of [
        ["/own", 200],
        ["/own", 304],
        ["/own/replaced", 200],
        ["/own/broken", 503],
      ] as const) {
        const headers = { ...next, origin: frontEnd, ...(status === 304 ? revalidation(etag) : {}) };
        const response = await ask(path, { headers });
        expect([path, response.status, carriesNext(response)]).toEqual([path, status, true]);
        expect(response.headers.get("access-token")).not.toBe(next["access-token"]);
        expect(response.headers.get("access-control-allow-origin")).toBe(frontEnd);
        expect(response.headers.get("access-control-expose-headers")).toContain("access-token");
        expect(response.headers.get("vary")).toMatch(/\borigin\b/i);
        etag ||= response.headers.get("etag") ?? "";
        await response.text();
        next = { ...next, "access-token": response.headers.get("access-token") ?? "" };
        clock.forward("6s");
      }
    },
  );
});

test("a cookie of the app's own, given to writeHead, stands beside the credentials' cookie", async () => {
  const { ask, cookie, clock } = await start("before", () => helmet(), true);
  const response = await ask("/own/replaced", { headers: { cookie } });
  const cookies = response.headers.getSetCookie();
  expect(cookies[0]).toBe("own=1");
  expect(cookies[1]).toMatch(/^__Host-keyturn=.+Max-Age/);
  clock.forward("6s");
  expect((await ask("/own", { headers: { cookie: cookies[1]?.split(";")[0] ?? "" } })).status).toBe(200);
});

test.each(["before", "after"] as const)(
  "cors %s ours: what the app exposes is exposed, and ours too",
  async (place) => {
    const { ask, held } = await start(place, () => cors({ exposedHeaders: ["x-total", "etag"] }));
    const { headers } = await ask("/own", { headers: { ...held, origin: frontEnd } });
    const exposed = headers.get("access-control-expose-headers")?.split(/, ?/) ?? [];
    for (const name of ["x-total", "etag", "access-token", "client", "authorization"])
      expect(exposed).toContain(name);
    expect(headers.get("access-control-allow-origin")).toBe(frontEnd);
  },
);

test("a timeout's 503 carries the credentials", async () => {
  const fixture = await signedInAuth();
  const app = express();
  app.use(timeout("60ms"), keyturn(fixture.auth));
  app.get("/own", authenticate(fixture.auth, "user"), () => undefined);
  app.use(brokenPage);
  const response = await (await listen(app)).ask("/own", { headers: fixture.held });
  expect([response.status, fixture.carriesNext(response)]).toEqual([503, true]);
});

test("a proxied response loses nothing, and its own credentials do not get through", async () => {
  const { auth, held, carriesNext } = await signedInAuth({ cookieEnabled: true });
  const far = await listen((_req, res) => {
    res.writeHead(206, {
      "set-cookie": "far=1",
      client: "theirs",
      "cache-control": "public, max-age=9",
      "x-far": "1",
    });
    res.end("far");
  });
  const app = express();
  app.get("/own", compression(), authenticate(auth, "user"), (_req, res) => {
    get(far.origin, (theirs) => {
      res.writeHead(theirs.statusCode ?? 502, theirs.headers);
      theirs.pipe(res);
    });
  });
  const response = await (await listen(app)).ask("/own", { headers: held });
  expect([response.status, await response.text(), carriesNext(response)]).toEqual([206, "far", true]);
  expect(response.headers.get("client")).toBe(held["client"]);
  expect(response.headers.get("x-far")).toBe("1");
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.getSetCookie().map((value) => value.split("=")[0])).toEqual([
    "far",
    "__Host-keyturn",
  ]);
});

test.each(["before", "after"])(
  "server-sent events flow one by one with compression %s the guard",
  async (place) => {
    const { auth, held } = await signedInAuth();
    const app = express();
    let sendSecond: () => void = () => undefined;
    const events: RequestHandler = (_req, res) => {
      res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform" });
      res.write("data: first\n\n");
      sendSecond = () => void res.end("data: second\n\n");
    };
    const guard = authenticate(auth, "user");
    if (place === "before") app.get("/events", compression(), guard, events);
    else app.get("/events", guard, compression(), events);
    const { port } = await listen(app);
    const [first, headers] = await new Promise<[string, object]>((resolve, reject) => {
      const options = { port, path: "/events", headers: { ...held, "accept-encoding": "gzip" } };
      get(options, (res) => res.once("data", (chunk: Buffer) => resolve([String(chunk), res.headers]))).on(
        "error",
        reject,
      );
    });
    // The second one is sent only when the first one has arrived.
    sendSecond();
    expect(first).toBe("data: first\n\n");
    expect(headers).toMatchObject({
      "cache-control": "no-cache, no-transform, no-store",
      "access-token": expect.any(String),
    });
    expect(headers).not.toHaveProperty("content-encoding");
  },
);

import { Readable } from "node:stream";
import cors from "@koa/cors";
import Koa, { type Middleware } from "koa";
import compress from "koa-compress";
import conditionalGet from "koa-conditional-get";
import etag from "koa-etag";
import helmet from "koa-helmet";
import session from "koa-session";
import { describe, expect, test } from "vitest";
import { frontEnd, person, signedInAuth } from "../../test/fixtures/guarded.js";
import { listen } from "../../test/fixtures/listening.js";
import { authenticate, keyturn } from "./koa.js";

const middleware: Record<string, (app: Koa) => Middleware> = {
  "koa-compress": () => compress({ threshold: 0 }),
  "koa-conditional-get and koa-etag": () => {
    const [conditional, tag] = [conditionalGet(), etag()];
    return (ctx, next) => conditional(ctx, () => tag(ctx, next));
  },
  "koa-helmet": () => helmet(),
  "@koa/cors": () => cors({ exposeHeaders: ["x-total"] }),
  "koa-session": (app) => {
    const sessions = session({ rolling: true }, app);
    return (ctx, next) =>
      sessions(ctx, () => {
        Object.assign(ctx.session ?? {}, { seen: true });
        return next();
      });
  },
  "a middleware that makes responses public": () => async (ctx, next) => {
    await next();
    ctx.set("cache-control", "public, max-age=60");
  },
};

async function start(place: "before" | "between" | "after", make: (app: Koa) => Middleware) {
  const fixture = await signedInAuth();
  const errors: unknown[] = [];
  const app = new Koa({ keys: ["a secret"] });
  app.on("error", (error: { status?: number }) => void (error.status === 418 || errors.push(error)));
  const mount = (here: typeof place): void => void (here === place && app.use(make(app)));
  mount("before");
  app.use(keyturn(fixture.auth));
  mount("between");
  app.use(authenticate(fixture.auth, "user"));
  mount("after");
  app.use((ctx) => {
    if (ctx.path === "/broken") ctx.throw(418, "broken");
    if (ctx.path === "/raw") {
      ctx.respond = false;
      ctx.res.writeHead(200, { "set-cookie": "own=1", "access-token": "theirs", "cache-control": "public" });
      ctx.res.end("own");
      return;
    }
    ctx.type = "text";
    ctx.body = ctx.path === "/stream" ? Readable.from(["own", "own"]) : "own".repeat(1000);
  });
  return { ...fixture, errors, ...(await listen(app.callback())) };
}

describe.each(Object.entries(middleware))("Koa with %s", (_name, make) => {
  test.each(["before", "between", "after"] as const)(
    "%s ours: every response carries the credentials, and nothing fails",
    async (place) => {
      const { ask, held, clock, carriesNext, errors } = await start(place, make);
      let next = held;
      let tag = "";
      for (const [path, status] of [
        ["/own", 200],
        ["/own", 304],
        ["/stream", 200],
        ["/raw", 200],
        ["/broken", 418],
      ] as const) {
        if (status === 304 && tag === "") continue;
        const revalidation = { "if-none-match": tag, "cache-control": "max-age=0" };
        const headers = { ...next, origin: frontEnd, ...(status === 304 ? revalidation : {}) };
        const response = await ask(path, { headers });
        expect([path, response.status, carriesNext(response)]).toEqual([path, status, true]);
        expect(response.headers.get("access-token")).not.toBe(next["access-token"]);
        expect(response.headers.get("cache-control")).toContain("no-store");
        expect(response.headers.get("access-control-allow-origin")).toBe(frontEnd);
        expect(response.headers.get("access-control-expose-headers")).toContain("access-token");
        tag ||= response.headers.get("etag") ?? "";
        await response.text();
        // The app itself has sent that one, so that koa-session cannot set its cookie any more.
        if (path === "/raw") errors.splice(0);
        next = { ...next, "access-token": response.headers.get("access-token") ?? "" };
        clock.forward("6s");
      }
      const signedIn = await ask("/auth/sign_in", {
        method: "POST",
        headers: { "content-type": "application/json", origin: frontEnd },
        body: JSON.stringify(person),
      });
      expect([signedIn.status, signedIn.headers.has("access-token")]).toEqual([200, true]);
      expect(await signedIn.json()).toMatchObject({ data: { uid: person.email } });
      expect(errors).toEqual([]);
    },
  );
});

test("koa-session in front keeps its cookie beside a response of Keyturn's, a refusal too", async () => {
  const { ask } = await start("before", middleware["koa-session"] ?? (() => (_, next) => next()));
  for (const path of ["/auth/validate_token", "/own"]) {
    const response = await ask(path);
    expect([response.status, response.headers.getSetCookie()[0]]).toEqual([
      401,
      expect.stringMatching(/^koa\.sess=/),
    ]);
  }
});

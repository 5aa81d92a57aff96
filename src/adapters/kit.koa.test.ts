import { type Auth, authenticateNode, handleNode, type NodeRequest } from "keyturn/adapter-kit";
import Koa, { type Middleware } from "koa";
import { describe, expect, test } from "vitest";
import { frontEnd, person, signedInAuth } from "../../test/fixtures/guarded.js";
import { listen } from "../../test/fixtures/listening.js";
import type { GroupsConfig, ModelsConfig } from "../accounts/models.js";

/** The adapter of docs/adapters.md. */
function keyturn<M extends ModelsConfig, G extends GroupsConfig<M>>(auth: Auth<M, G>): Middleware {
  return async (ctx, next) => {
    const response = handleNode(auth, nodeRequestOf(ctx), ctx.res);
    if (!response) return next();
    ctx.respond = false;
    await response;
  };
}

function authenticate<M extends ModelsConfig, G extends GroupsConfig<M>>(
  auth: Auth<M, G>,
  audience: (keyof M | keyof G) & string,
): Middleware {
  return async (ctx, next) => {
    const signedIn = await authenticateNode(auth, audience, nodeRequestOf(ctx), ctx.res);
    if (!signedIn) {
      ctx.respond = false;
      return;
    }
    Object.assign(ctx.state, signedIn);
    await next();
  };
}

// What a body parser has left, if there is one.
function nodeRequestOf(ctx: Koa.Context): NodeRequest {
  return Object.assign(ctx.req, { body: Reflect.get(ctx.request, "body") });
}

describe("an adapter for Koa, made with the kit", () => {
  async function start(before?: Middleware) {
    const fixture = await signedInAuth();
    const app = new Koa();
    app.silent = true;
    if (before) app.use(before);
    app.use(keyturn(fixture.auth));
    app.use(authenticate(fixture.auth, "member"));
    app.use((ctx) => {
      if (ctx.path === "/broken") ctx.throw(418, "broken");
      if (ctx.path === "/cached") ctx.set("cache-control", "public, max-age=60");
      ctx.body = { uid: ctx.state["account"].uid };
    });
    return { ...fixture, ...(await listen(app.callback())) };
  }

  test("signs in, with and without a body parser in front", async () => {
    const parser: Middleware = async (ctx, next) => {
      let text = "";
      for await (const chunk of ctx.req) text += String(chunk);
      Object.assign(ctx.request, { body: JSON.parse(text) });
      await next();
    };
    for (const before of [undefined, parser]) {
      const { ask } = await start(before);
      const headers = { "content-type": "application/json" };
      const response = await ask("/auth/sign_in", { method: "POST", headers, body: JSON.stringify(person) });
      expect([response.status, response.headers.has("access-token")]).toEqual([200, true]);
    }
  });

  test("lets a member in, and carries the credentials on every response, an error's too", async () => {
    const { ask, held, carriesNext, clock } = await start();
    for (const [path, status] of [
      ["/own", 200],
      ["/cached", 200],
      ["/broken", 418],
    ] as const) {
      const response = await ask(path, { headers: { ...held, origin: frontEnd } });
      expect([path, response.status, carriesNext(response)]).toEqual([path, status, true]);
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(response.headers.get("access-control-allow-origin")).toBe(frontEnd);
      expect(response.headers.get("access-control-expose-headers")).toContain("access-token");
      if (status === 200) expect(await response.json()).toEqual({ uid: person.email });
      clock.forward("1s");
    }
  });

  test("refuses a stranger in a way that a front end can read, and never a preflight", async () => {
    const { ask } = await start();
    const refused = await ask("/own", { headers: { origin: frontEnd } });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([401, frontEnd]);
    const headers = { origin: frontEnd, "access-control-request-method": "PUT" };
    expect((await ask("/own", { method: "OPTIONS", headers })).status).toBe(204);
  });
});

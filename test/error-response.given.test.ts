import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { authenticate } from "../src/adapters/hono.js";
import { createClient } from "../src/client/client.js";
import type { ErrorGiven } from "../src/config/error-response.js";
import { signedInAuth } from "./fixtures/guarded.js";
import { ada, confirm_success_url, email, internal, start } from "./fixtures/hooks.js";
import { password } from "./fixtures/http.js";

test("errorResponse is told which error it is, where it arises, and what the usual body says", async () => {
  const given: ErrorGiven[] = [];
  const errorResponse = (error: ErrorGiven) => {
    given.push(error);
    return { body: error.body };
  };
  const t = await start({}, { errorResponse });
  const refused = await t.ask("POST /auth", { ...ada, password: "short" });
  expect(refused.headers.get("content-type")).toBe("application/json; charset=utf-8");
  await t.ask("POST /admin_auth/sign_in", { email, password });
  await t.ask("GET /auth/validate_token/beyond");
  await t.ask("GET /nowhere");
  expect(given).toEqual([
    {
      code: "invalid",
      status: 422,
      model: "user",
      action: "register",
      messages: ["Password is too short (minimum is 8 characters)"],
      problems: { password: [{ code: "too_short", message: "is too short (minimum is 8 characters)" }] },
      retryAfter: null,
      body: refused.body,
    },
    expect.objectContaining({
      code: "invalid_credentials",
      model: "admin",
      action: "signIn",
      messages: ["Invalid login credentials. Please try again."],
      problems: {},
    }),
    expect.objectContaining({ code: "not_found", model: "user", action: null }),
    expect.objectContaining({ code: "not_found", model: null, action: null }),
  ]);
});

test("on the app's own routes the model is told where the guard lets in only one", async () => {
  const places: unknown[] = [];
  const errorResponse = ({ model, action, code }: ErrorGiven) => {
    places.push([model, action, code]);
    return { body: {} };
  };
  const { auth, held, clock } = await signedInAuth({ errorResponse });
  const app = new Hono()
    .get("/user", authenticate(auth, "user"), (c) => c.text("in"))
    .get("/member", authenticate(auth, "member"), (c) => c.text("in"));
  await app.request("/user");
  await app.request("/member");
  clock.forward("3w");
  await app.request("/user", { headers: held });
  expect(places).toEqual([
    ["user", "authenticate", "unauthenticated"],
    [null, "authenticate", "unauthenticated"],
    ["user", "authenticate", "expired"],
  ]);
});

describe("an errorResponse that fails", () => {
  test.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("hunter2");
      },
    ],
    ["returns nothing", () => undefined],
    ["returns a Response", () => Response.json({ mine: true })],
    [
      "is async",
      async () => {
        throw new Error("hunter2");
      },
    ],
    ["returns a body that is no object", () => ({ body: "hunter2" })],
    ["returns a body that is no JSON", () => ({ body: { size: 1n } })],
    ["returns a type that a browser would show as a page", () => ({ body: {}, type: "text/html" })],
    ["returns a type with a line break", () => ({ body: {}, type: "application/json\r\nset-cookie: a=b" })],
  ])("that %s: the usual body, logged, and the token is kept", async (_how, errorResponse) => {
    const boom = () => {
      throw new Error("an override");
    };
    const settings = { errorResponse: errorResponse as never, overrides: { user: { validateToken: boom } } };
    const t = await start({}, settings);
    const { held } = await t.signUp();
    t.clock.forward("6s");
    const failed = await t.ask("GET /auth/validate_token", undefined, held);
    expect([failed.status, failed.body]).toEqual([500, internal]);
    expect(failed.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(failed.held["access-token"]).not.toBe(held["access-token"]);
    expect(t.logged).toHaveLength(2);
  });
});

test("the client of Keyturn understands a style that keeps code and codes", async () => {
  const errorResponse = ({ body, code }: ErrorGiven) => ({
    type: "application/problem+json",
    body: { ...body, type: `https://example.com/problems/${code}` },
  });
  const t = await start({}, { errorResponse });
  const client = createClient({
    apiUrl: "http://localhost:3000",
    storage: "memory",
    fetch: (request) => t.auth.handle(request),
  });
  const wrong = await client.signIn({ email, password }).catch((error: unknown) => error);
  expect(wrong).toMatchObject({ status: 401, code: "invalid_credentials" });
  const short = await client
    .register({ email, password: "short", confirm_success_url })
    .catch((error: unknown) => error);
  expect(short).toMatchObject({ status: 422, code: "invalid", codes: { password: ["too_short"] } });
});

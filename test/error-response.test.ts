import express from "express";
import { Hono } from "hono";
import { describe, expect, onTestFinished, test } from "vitest";
import * as onExpress from "../src/adapters/express.js";
import * as onHono from "../src/adapters/hono.js";
import { authenticateNode, toNodeListener } from "../src/adapters/node.js";
import { createAuth } from "../src/auth.js";
import type { ErrorResponse } from "../src/config/error-response.js";
import type { Database } from "../src/database/port.js";
import { sqlite } from "../src/database/sqlite/sqlite.js";
import { AuthError, type ErrorCode, errorTable } from "../src/errors.js";
import { testAuth } from "../src/testing/testing.js";
import { signedInAuth } from "./fixtures/guarded.js";
import { ada, email, start } from "./fixtures/hooks.js";
import { password, silent } from "./fixtures/http.js";
import { listen } from "./fixtures/listening.js";

/** JSON:API (jsonapi.org, "Error Objects"): one object for each thing that is wrong. */
const jsonApi: ErrorResponse = ({ code, status, messages, problems }) => {
  const fields = Object.entries(problems).flatMap(([field, list]) =>
    list.map((one) => ({
      code: one.code,
      status: `${status}`,
      source: { pointer: `/data/attributes/${field}` },
    })),
  );
  const whole = messages.map((title) => ({ code, status: `${status}`, title }));
  return { type: "application/vnd.api+json", body: { errors: fields.length > 0 ? fields : whole } };
};

/** Problem details (RFC 9457), with the members of the usual body as extensions. */
const problemDetails: ErrorResponse = ({ code, status, messages, body }) => ({
  type: "application/problem+json",
  body: { ...body, type: `https://example.com/problems/${code}`, title: messages[0], status },
});

/** The response as far as a style is concerned. */
async function seen(response: Response) {
  const type = response.headers.get("content-type");
  return { status: response.status, type, body: JSON.parse(await response.text()) };
}
const codes = Object.keys(errorTable) as ErrorCode[];

describe.each([
  [
    "JSON:API",
    jsonApi,
    "application/vnd.api+json",
    (body: { errors: [{ code: string }] }) => body.errors[0].code,
  ],
  ["problem details", problemDetails, "application/problem+json", (body: { code: string }) => body.code],
] as const)("%s", (_style, errorResponse, type, codeOf) => {
  /** What a response has to be: ours is the status, the app's everything in the body. */
  const isStyled = async (response: Response, code: string, status: number) => {
    const found = await seen(response);
    expect([codeOf(found.body as never), found.status, found.type]).toEqual([code, status, type]);
  };

  test.each(codes)("every error of the table has it: %s", async (code) => {
    const problems = code === "invalid" ? { problems: { email: { code: "invalid" } } } : {};
    const register = () => {
      throw new AuthError(code, problems);
    };
    const t = await start({}, { errorResponse, overrides: { user: { register } } });
    const response = await t.request("POST /auth", { body: ada });
    const { status } = response;
    expect(status).toBe(errorTable[code]);
    expect(response.headers.get("retry-after") ?? "none").toMatch(status === 503 ? /^[2-5]$/ : /^none$/);
    expect(response.headers.get("cache-control")).toBe("no-store");
    await isStyled(response, code, status);
  });

  test("so has what goes wrong before, below and beside the actions", async () => {
    const t = await start(
      {},
      {
        errorResponse,
        cookieEnabled: true,
        mail: {
          from: "a@example.com",
          send: async () => {
            throw new Error("no mail server");
          },
        },
      },
    );
    const post = (body: string, headers: Record<string, string> = {}) =>
      t.auth.handle(
        new Request("http://localhost:3000/auth", {
          method: "POST",
          body,
          headers: { "content-type": "application/json", ...headers },
        }),
      );
    await isStyled(await post("{"), "malformed_body", 400);
    await isStyled(await post(`{"email":"${"a".repeat(70_000)}"}`), "body_too_large", 413);
    await isStyled(await post("<a/>", { "content-type": "text/xml" }), "unsupported_media_type", 415);
    await isStyled(await post("{}", { origin: "https://evil.example" }), "cross_site_refused", 403);
    await isStyled(await post(JSON.stringify(ada)), "mail_unavailable", 503);
    await isStyled(await t.request("GET /auth/nothing/is/here"), "not_found", 404);
    await isStyled(await t.request("GET /nowhere"), "not_found", 404);
    await isStyled(
      await t.request(`GET /auth/validate_token?${"a".repeat(20_000)}`),
      "headers_too_large",
      431,
    );
    const notAllowed = await t.request("DELETE /auth/sign_in");
    expect(notAllowed.headers.get("allow")).toBe("POST, GET");
    await isStyled(notAllowed, "method_not_allowed", 405);
    await isStyled(await t.request("GET /auth/validate_token"), "invalid_token", 401);
  });

  test("so have a limit, with its headers, and a lock", async () => {
    const models = { user: { mountAt: "/auth", confirmable: false, lockable: true } } as const;
    const rules = { signInsByAddress: { limit: 4, per: "1m" } };
    const settings = { errorResponse, models, rateLimits: true, maximumAttempts: 2, rateLimitRules: rules };
    const t = await testAuth({ ...settings, logger: silent });
    onTestFinished(() => t.auth.close());
    await t.request("POST /auth", { body: { email, password } });
    const signIn = async (secret: string) => {
      const body = JSON.stringify({ email, password: secret });
      const headers = { "content-type": "application/json" };
      const request = new Request("http://localhost:3000/auth/sign_in", { method: "POST", body, headers });
      return t.auth.handle(request, { peer: "203.0.113.7" });
    };
    for (const secret of ["wrong", "wrong"]) await isStyled(await signIn(secret), "invalid_credentials", 401);
    await isStyled(await signIn(password), "locked", 401);
    await signIn(password);
    const limited = await signIn(password);
    expect(limited.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(limited.headers.get("ratelimit")).toMatch(/^"signInsByAddress";r=0/);
    await isStyled(limited, "too_many_requests", 429);
  });

  test("so have the refusals of the app's own routes, in every adapter", async () => {
    const { auth, held } = await signedInAuth({ errorResponse });
    const app = express();
    app.get("/admins", onExpress.authenticate(auth, "admin"), (_req, res) => void res.end("in"));
    app.use("/users", onExpress.authenticate(auth, "user"));
    app.get("/users", onExpress.authenticate(auth, "admin"), (_req, res) => void res.end("in"));
    const plain = toNodeListener(auth, async (req, res) => {
      if (await authenticateNode(auth, "admin", req, res)) res.end("in");
    });
    const hono = new Hono().get("/admins", onHono.authenticate(auth, "admin"), (c) => c.text("in"));
    const [inExpress, node] = [await listen(app), await listen(plain)];
    for (const response of [
      await inExpress.ask("/admins"),
      await inExpress.ask("/admins", { headers: held }),
      // A second guard, which builds on what the first has found.
      await inExpress.ask("/users", { headers: held }),
      await node.ask("/admins"),
      await hono.request("/admins"),
    ])
      await isStyled(response, "unauthenticated", 401);
    const forged = {
      "access-token": `${held["access-token"]}x`,
      client: `${held["client"]}`,
      uid: `${held["uid"]}`,
    };
    expect((await seen(await inExpress.ask("/users", { headers: forged }))).type).toBe(type);
  });

  test("so has a database that is away", async () => {
    let isAway = true;
    const late: Database = {
      connect: (options) =>
        isAway ? Promise.reject(new Error("away")) : sqlite(":memory:").connect(options),
    };
    const auth = createAuth({
      baseUrl: "http://localhost:3000",
      environment: "test",
      database: late,
      logger: silent,
      errorResponse,
      models: { user: { mountAt: "/auth" } },
    });
    onTestFinished(() => auth.close());
    const ask = (path: string) => auth.handle(new Request(`http://localhost:3000${path}`));
    await isStyled(await ask("/auth/validate_token"), "unavailable", 503);
    const hono = new Hono().get("/", onHono.authenticate(auth, "user"), (c) => c.text("in"));
    await isStyled(await hono.request("/"), "unavailable", 503);
    isAway = false;
    await isStyled(await ask("/auth/validate_token"), "invalid_token", 401);
  });
});

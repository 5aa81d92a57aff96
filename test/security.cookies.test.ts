import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resolveConfig } from "../src/config/resolve.js";
import { sqlite } from "../src/database/sqlite/sqlite.js";
import { internals } from "../src/internals.js";
import { credentialsOf, testAuth } from "../src/testing/testing.js";

const models = {
  user: { mountAt: "/auth", confirmable: false, fields: { name: { type: "string", writable: true } } },
} as const;
const account = { email: "ada@example.com", password: "correct horse battery staple" };
const friend = "https://app.example.com";
const start = () =>
  testAuth({
    models,
    baseUrl: "https://api.example.com",
    environment: "production",
    cookieEnabled: true,
    cookieSameSite: "none",
    cors: { origins: [friend] },
    logger: { info() {}, warn() {}, error() {} },
  });
let app: Awaited<ReturnType<typeof start>>;
let cookie = "";

beforeAll(async () => {
  app = await start();
  const answer = await app.request("POST /auth", { body: account });
  cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
});
afterAll(() => app.auth.close());

const protect = (method: string, headers: Record<string, string>) =>
  app.auth[internals].authenticate("user", {
    method,
    url: "/own",
    peer: undefined,
    header: (name) => headers[name],
  });

describe("the cookie", () => {
  test("is __Host-, Secure, HttpOnly, SameSite and for every path of this host only (security 21)", async () => {
    const set = (await app.request("POST /auth/sign_in", { body: account })).headers.getSetCookie();
    // The other one is the mark of the device, which signs nobody in.
    expect(set.map((cookie) => cookie.split("=")[0])).toEqual(["__Host-keyturn", "__Host-keyturn-device"]);
    const [pair = "", ...attributes] = (set[0] ?? "").split("; ");
    expect(pair).toMatch(/^__Host-keyturn=[A-Za-z0-9+/=]+$/);
    expect(attributes.filter((attribute) => !attribute.startsWith("Max-Age=")).sort()).toEqual(
      ["Path=/", "Secure", "HttpOnly", "SameSite=None"].sort(),
    );
    expect(attributes).toContain(`Max-Age=${14 * 24 * 60 * 60}`);
  });

  test("has at most 4096 bytes with the longest address there can be (security 21)", async () => {
    const email = `${"a".repeat(60)}@${Array.from({ length: 3 }, () => "b".repeat(60)).join(".")}.com`;
    const answer = await app.request("POST /auth", { body: { ...account, email } });
    expect(answer.status).toBe(200);
    expect((answer.headers.getSetCookie()[0] ?? "x".repeat(5000)).length).toBeLessThanOrEqual(4096);
  });

  test("lets its owner in alone, rotates, and goes at sign-out (security 21)", async () => {
    const headers = { cookie, origin: friend };
    app.clock.forward("6s");
    const answer = await app.request("GET /auth/validate_token", { headers });
    expect(answer.status).toBe(200);
    const next = answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    expect(next).not.toBe(cookie);
    const signedOut = await app.request("DELETE /auth/sign_out", {
      headers: { cookie: next, origin: friend },
    });
    expect(signedOut.status).toBe(200);
    expect(signedOut.headers.getSetCookie()[0]).toMatch(/^__Host-keyturn=; Max-Age=0; /);
    expect((await app.request("GET /auth/validate_token", { headers: { cookie: next } })).status).toBe(401);
    const again = await app.request("POST /auth/sign_in", { body: account });
    cookie = again.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  });

  test("cannot be named __Host- for a server without https, where no browser would keep it (security 21)", () => {
    expect(cookie.length).toBeGreaterThan(100);
    expect(() =>
      resolveConfig({
        baseUrl: "http://api.example.com",
        environment: "production",
        database: sqlite(":memory:"),
        models,
        cookieEnabled: true,
      }),
    ).toThrow("baseUrl: must begin with https:");
  });
});

describe("requests that another site sends with the cookie", () => {
  const foreign: [string, Record<string, string>][] = [
    ["another origin", { origin: "https://evil.example" }],
    ["an opaque origin", { origin: "null" }],
    ["a look-alike", { origin: "https://app.example.com.evil.example" }],
    ["the same host over http", { origin: "http://app.example.com" }],
    ["another port", { origin: "https://app.example.com:8443" }],
    ["loopback, in production", { origin: "http://localhost:5173" }],
    ["a sibling, by Sec-Fetch-Site", { "sec-fetch-site": "same-site" }],
    ["another site, by Sec-Fetch-Site", { "sec-fetch-site": "cross-site" }],
    ["no sign of where it comes from", {}],
  ];
  test.each(foreign)("change nothing: %s (security 22)", async (_from, headers) => {
    const own = { ...headers, cookie };
    for (const [route, body] of [
      ["PUT /auth", { name: "Mallory" }],
      ["PUT /auth/password", { password: "x", password_confirmation: "x" }],
      ["DELETE /auth/sign_out", undefined],
      ["DELETE /auth/sessions", undefined],
      ["DELETE /auth", undefined],
    ] as const) {
      const answer = await app.request(route, { headers: own, ...(body ? { body } : {}) });
      expect(answer.status).toBe(403);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    for (const method of ["POST", "PUT", "PATCH", "DELETE"])
      expect(await protect(method, own)).toMatchObject({ authentication: undefined, status: 403 });
    expect((await app.request("GET /auth/validate_token", { headers: { cookie } })).status).toBe(200);
  });

  test("sign nobody in to an account of theirs (security 22)", async () => {
    for (const route of ["POST /auth/sign_in", "POST /auth"]) {
      const answer = await app.request(route, { body: account, headers: { origin: "https://evil.example" } });
      expect(answer.status).toBe(403);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });

  test("are told from the app's own, and headers need no such proof (security 22)", async () => {
    const body = { name: "Ada" };
    for (const headers of [
      { origin: friend },
      { origin: "https://api.example.com" },
      { "sec-fetch-site": "same-origin" },
    ] as Record<string, string>[]) {
      expect((await app.request("PUT /auth", { body, headers: { ...headers, cookie } })).status).toBe(200);
      expect((await protect("POST", { ...headers, cookie })).authentication).toBeDefined();
    }
    const held = credentialsOf(await app.request("POST /auth/sign_in", { body: account }));
    expect((await app.request("PUT /auth", { body, headers: held })).status).toBe(200);
  });
});

describe("CORS", () => {
  test("lets exactly the listed origins read, with cookies, and says so to caches (security 23)", async () => {
    const allowed = await app.request("GET /auth/validate_token", { headers: { origin: friend } });
    expect(allowed.headers.get("access-control-allow-origin")).toBe(friend);
    expect(allowed.headers.get("access-control-allow-credentials")).toBe("true");
    for (const name of ["access-token", "token-type", "client", "expiry", "uid", "authorization"])
      expect(allowed.headers.get("access-control-expose-headers")?.split(", ")).toContain(name);
    const others = [
      "null",
      "*",
      "https://evil.example",
      `${friend}.evil.example`,
      `${friend}:8443`,
      "http://localhost:3000",
      `${friend}/`,
      "HTTPS://APP.EXAMPLE.COM",
    ];
    for (const origin of others) {
      for (const method of ["GET", "OPTIONS"]) {
        const answer = await app.request(`${method} /auth/validate_token`, { headers: { origin } });
        expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
        expect(answer.headers.get("vary")).toBe("Origin");
      }
    }
  });

  test("is never a star where there are cookies (security 23)", () => {
    const database = sqlite(":memory:");
    expect(() =>
      resolveConfig({
        baseUrl: "https://api.example.com",
        environment: "test",
        database,
        models,
        cookieEnabled: true,
        cors: { origins: ["*"] },
      }),
    ).toThrow("cors.origins");
  });
});

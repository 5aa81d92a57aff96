import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { credentialsOf, type TestAuth, testAuth } from "../testing/testing.js";

const person = { email: "ada@example.com", password: "a quiet violet hour" };
const models = { admin: { mountAt: "/admin_auth", confirmable: false } } as const;
type Fixture = TestAuth<typeof models, Record<never, never>>;
const names = ["access-token", "token-type", "client", "expiry", "uid"];
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");
const bearer = (value: unknown, scheme = "Bearer") => ({ authorization: `${scheme} ${base64(value)}` });
const prototype = (fields: object) => ({
  authorization: `Bearer ${Buffer.from(`{"__proto__":${JSON.stringify(fields)}}`).toString("base64")}`,
});
const refusal = { success: false, errors: ["Invalid login credentials"], code: "invalid_token" };

/** Registers one account; answers the fixture and the credentials of its first session. */
async function signedUp(settings: Parameters<typeof testAuth<typeof models>>[0] = {}) {
  const fixture = await testAuth({ models, ...settings });
  const answer = await fixture.request("POST /admin_auth", { body: person });
  return { fixture, answer, held: credentialsOf(answer) };
}

let t: Fixture;
let held: Record<string, string>;
beforeAll(async () => {
  const first = await signedUp({ cookieEnabled: true });
  t = first.fixture;
  held = first.held;
});
afterAll(() => t.auth.close());

/** The status of validate_token for these headers. */
const validate = async (headers: Record<string, string>, query = "") =>
  (await t.request(`GET /admin_auth/validate_token${query}`, { headers })).status;

describe("where credentials are read from", () => {
  test("the three headers are enough", async () => {
    const { "access-token": token = "", client = "", uid = "" } = held;
    expect(await validate({ "access-token": token, client, uid })).toBe(200);
  });

  test.each(["Bearer", "bearer", "BEARER", "bEaReR"])("JSON in Authorization after %s", async (scheme) => {
    expect(await validate(bearer(held, scheme))).toBe(200);
  });

  test("another scheme of Authorization is not read", async () => {
    expect(await validate(bearer(held, "Basic"))).toBe(401);
  });

  test("the value of an answer's authorization header can be sent back as it came", async () => {
    const answer = await t.request("GET /admin_auth/validate_token", { headers: held });
    expect(await validate({ authorization: answer.headers.get("authorization") ?? "" })).toBe(200);
  });

  test("the cookie", async () => {
    expect(await validate({ cookie: `other=1; __Host-keyturn=${base64(held)}` })).toBe(200);
  });

  test("query parameters of GET /validate_token, as redux-token-auth sends them", async () => {
    expect(await validate({}, `?${new URLSearchParams(held)}`)).toBe(200);
  });

  test("body parameters of POST /validate_token, as the seeds say", async () => {
    const answer = await t.request("POST /admin_auth/validate_token", { body: held });
    expect(answer.status).toBe(200);
  });

  test("body parameters of DELETE /sign_out, as redux-token-auth sends them", async () => {
    const one = credentialsOf(await t.request("POST /admin_auth/sign_in", { body: person }));
    const answer = await t.request("DELETE /admin_auth/sign_out", { body: one });
    expect([answer.status, await answer.json()]).toEqual([200, { success: true }]);
    expect(await validate(one)).toBe(401);
  });

  test("a set is never put together from several places", async () => {
    const { "access-token": token = "", client = "", uid = "" } = held;
    expect(await validate({ "access-token": token, ...bearer({ client }) }, `?uid=${uid}`)).toBe(401);
    expect(
      await validate({ uid, cookie: `__Host-keyturn=${base64({ client, "access-token": token })}` }),
    ).toBe(401);
  });

  test.each(["client", "uid", "access-token"])(
    "Authorization signs in beside a query parameter of the app's own that is called %s",
    async (name) => {
      expect(await validate(bearer(held), `?${name}=acme`)).toBe(200);
      expect(await validate({ [name]: "acme", ...bearer(held) })).toBe(200);
    },
  );

  test.each([
    ["client", "DELETE", "/admin_auth/sign_out"],
    ["uid", "DELETE", "/admin_auth/sign_out"],
    ["access-token", "DELETE", "/admin_auth/sign_out"],
  ])(
    "a body field %s beside Authorization does not keep the sign-out from ending the session",
    async (name, method, path) => {
      const one = credentialsOf(await t.request("POST /admin_auth/sign_in", { body: person }));
      const answer = await t.request(`${method} ${path}`, { headers: bearer(one), body: { [name]: "acme" } });
      expect(answer.status).toBe(200);
      expect(await validate(one)).toBe(401);
    },
  );

  test.each([
    [
      "a whole set of headers wins over parameters",
      { "access-token": "stale", client: "c", uid: "u" },
      "good",
      "none",
      401,
    ],
    [
      "a whole set of headers wins over the cookie",
      { "access-token": "stale", client: "c", uid: "u" },
      "none",
      "good",
      401,
    ],
    ["parameters win over the cookie", {}, "stale", "good", 401],
    ["a header alone is no set", { "access-token": "stale" }, "none", "good", 200],
    ["a blank header is not there", { "access-token": " ", client: "c", uid: "u" }, "none", "good", 200],
  ])("%s", async (_name, header, query, cookie, status) => {
    const { "access-token": token = "", client = "", uid = "" } = held;
    const queries: Record<string, string> = { good: token, stale: "stale" };
    const sent = new URLSearchParams(
      query === "none" ? {} : { client, uid, "access-token": queries[query] ?? "" },
    );
    const cookies = cookie === "good" ? { cookie: `__Host-keyturn=${base64(held)}` } : {};
    expect(await validate({ ...header, ...cookies }, `?${sent}`)).toBe(status);
  });

  test("Authorization wins over the cookie", async () => {
    const cookie = `__Host-keyturn=${base64(held)}`;
    expect(await validate({ ...bearer({ ...held, "access-token": "stale" }), cookie })).toBe(401);
    const stale = `__Host-keyturn=${base64({ ...held, "access-token": "stale" })}`;
    expect(await validate({ ...bearer(held), cookie: stale })).toBe(200);
  });

  test("a raw token in Authorization beside good headers is ignored, as redux-auth sends it", async () => {
    expect(await validate({ ...held, authorization: `Bearer ${held["access-token"]}` })).toBe(200);
  });

  test("without the setting, a cookie is no credential and none is set", async () => {
    const { fixture, answer, held: own } = await signedUp();
    expect(answer.headers.get("set-cookie")).toBeNull();
    const headers = { cookie: `__Host-keyturn=${base64(own)}` };
    expect((await fixture.request("GET /admin_auth/validate_token", { headers })).status).toBe(401);
    await fixture.auth.close();
  });

  test("the fork's header names are read and written everywhere", async () => {
    const headersNames = { "access-token": "access_token", "token-type": "token_type" };
    const { fixture, answer } = await signedUp({ headersNames, cookieEnabled: true });
    const got = (name: string) => answer.headers.get(name) ?? "";
    expect(got("access-token")).toBe("");
    expect(got("token_type")).toBe("Bearer");
    const own = { access_token: got("access_token"), client: got("client"), uid: got("uid") };
    const json = JSON.parse(Buffer.from(got("authorization").slice(7), "base64").toString());
    expect(json).toEqual({ ...own, token_type: "Bearer", expiry: got("expiry") });
    const path = "/admin_auth/validate_token";
    const asked = await Promise.all([
      fixture.request(`GET ${path}`, { headers: own }),
      fixture.request(`GET ${path}?${new URLSearchParams(own)}`),
      fixture.request(`POST ${path}`, { body: own }),
      fixture.request(`GET ${path}`, { headers: { authorization: got("authorization") } }),
      fixture.request(`GET ${path}`, { headers: { cookie: got("set-cookie").split(";")[0] ?? "" } }),
      fixture.request(`GET ${path}`, { headers: credentialsOf(answer) }),
    ]);
    expect(asked.map((one) => one.status)).toEqual([200, 200, 200, 200, 200, 401]);
    await fixture.auth.close();
  });
});

describe("what is not good", () => {
  const good = (change: Record<string, string>) => ({ ...held, ...change });
  test.each<[string, () => Record<string, string>]>([
    ["nothing at all", () => ({})],
    [
      "the word undefined in every header",
      () => Object.fromEntries(names.map((name) => [name, "undefined"])),
    ],
    ["no client", () => good({ client: "" })],
    ["no uid", () => good({ uid: "" })],
    ["no token", () => good({ "access-token": "" })],
    ["another's uid", () => good({ uid: "eve@example.com" })],
    ["an unknown client", () => good({ client: "nobody" })],
    ["a client that is no id", () => good({ client: "../%00'\"\\" })],
    ["a token cut short", () => good({ "access-token": (held["access-token"] ?? "").slice(0, -4) })],
    ["a token with more behind it", () => good({ "access-token": `${held["access-token"]}AAAA` })],
    ["a token of 100,000 letters", () => good({ "access-token": "a".repeat(100_000) })],
    ["a client of 100,000 letters", () => good({ client: "a".repeat(100_000) })],
    ["a uid of 100,000 letters", () => good({ uid: "a".repeat(100_000) })],
    ["bytes that are not UTF-8 in uid", () => good({ uid: "\xff\xfe" })],
    ["Bearer of nothing", () => ({ authorization: "Bearer" })],
    ["Bearer of malformed base64", () => ({ authorization: "Bearer %%%=" })],
    ["Bearer of base64 that is not JSON", () => ({ authorization: "Bearer bm8ganNvbg==" })],
    ["Bearer of 100,000 letters", () => ({ authorization: `Bearer ${"a".repeat(100_000)}` })],
    ["Bearer of good JSON beyond 4096 letters", () => bearer({ ...held, more: "x".repeat(4096) })],
    ["Bearer of JSON null", () => bearer(null)],
    ["Bearer of a number", () => bearer(7)],
    ["Bearer of an array", () => bearer([held])],
    ["Bearer of objects in the place of text", () => bearer({ "access-token": {}, client: [], uid: null })],
    ["Bearer of a prototype's names", () => prototype(held)],
    ["a cookie of malformed base64", () => ({ cookie: "__Host-keyturn=%%%" })],
    ["a cookie of JSON null", () => ({ cookie: `__Host-keyturn=${base64(null)}` })],
    ["a cookie of an array", () => ({ cookie: `__Host-keyturn=${base64([1])}` })],
  ])("%s: 401 and no auth headers (security 10)", async (_name, headers) => {
    const answer = await t.request("GET /admin_auth/validate_token", { headers: headers() });
    expect([answer.status, await answer.json()]).toEqual([401, refusal]);
    for (const name of [...names, "authorization", "set-cookie"]) expect(answer.headers.get(name)).toBeNull();
  });

  test("lists and objects among the body parameters are 401 (security 10)", async () => {
    const body = { "access-token": [held["access-token"]], client: { id: 1 }, uid: null };
    expect((await t.request("POST /admin_auth/validate_token", { body })).status).toBe(401);
  });

  test("junk credentials do not disturb sign-in and registration, as old clients send them", async () => {
    const headers = {
      ...Object.fromEntries(names.map((name) => [name, "undefined"])),
      authorization: "Bearer null",
    };
    expect((await t.request("POST /admin_auth/sign_in", { body: person, headers })).status).toBe(200);
    const body = { ...person, email: "grace@example.com" };
    expect((await t.request("POST /admin_auth", { body, headers })).status).toBe(200);
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { credentialsOf, type TestAuth, testAuth } from "../testing/testing.js";

const person = { email: "ada@example.com", password: "a quiet violet hour" };
const models = { admin: { mountAt: "/admin_auth", confirmable: false } } as const;
type Fixture = TestAuth<typeof models, Record<never, never>>;
const names = ["access-token", "token-type", "client", "expiry", "uid"];

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

describe("the headers of an answer", () => {
  test("all five, the same as JSON in authorization, and no-store (security 19)", async () => {
    const { fixture, answer } = await signedUp();
    const got = Object.fromEntries(names.map((name) => [name, answer.headers.get(name)]));
    expect(got).toEqual({
      "access-token": expect.stringMatching(/^\S{40,}$/),
      "token-type": "Bearer",
      client: expect.stringMatching(/^[\w-]+$/),
      expiry: String(Math.floor(fixture.clock.now / 1000) + 14 * 24 * 60 * 60),
      uid: person.email,
    });
    const [scheme, value = ""] = (answer.headers.get("authorization") ?? "").split(" ");
    expect(scheme).toBe("Bearer");
    expect(value).toMatch(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);
    expect(JSON.parse(Buffer.from(value, "base64").toString())).toEqual(got);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    await fixture.auth.close();
  });

  test("within the window every answer repeats the newest token", async () => {
    const first = await t.request("GET /admin_auth/validate_token", { headers: held });
    const second = await t.request("GET /admin_auth/validate_token", { headers: held });
    expect(credentialsOf(second)).toEqual(credentialsOf(first));
    expect(credentialsOf(second)).toEqual(held);
  });

  test('batchResponses "omit": blanks for token and expiry, no authorization; ?unbatch=true brings the token', async () => {
    const { fixture, held: own } = await signedUp({ batchResponses: "omit" });
    const path = "/admin_auth/validate_token";
    const blank = await fixture.request(`GET ${path}`, { headers: own });
    // The Headers of the platform trims, so a blank arrives as an empty text.
    const trimmed = names.map((name) => blank.headers.get(name)?.trim());
    expect(trimmed).toEqual(["", "Bearer", own["client"], "", person.email]);
    expect(blank.headers.has("authorization")).toBe(false);
    const real = await fixture.request(`GET ${path}?unbatch=true`, { headers: own });
    expect(credentialsOf(real)).toEqual(own);
    expect(real.headers.has("authorization")).toBe(true);
    await fixture.auth.close();
  });

  test.each([
    ["404", "DELETE /admin_auth/sessions/nobody", undefined, 404],
    ["422", "PUT /admin_auth", { email: "nonsense" }, 422],
    ["422 without any permitted parameter", "PUT /admin_auth", { nothing: 1 }, 422],
    ["422 of a password that is missing", "PUT /admin_auth/password", {}, 422],
    ["HEAD", "HEAD /admin_auth/validate_token", undefined, 200],
  ])("the answer %s of an authenticated action carries them, rotated", async (_name, route, body, status) => {
    const before = credentialsOf(await t.request("POST /admin_auth/sign_in", { body: person }));
    t.clock.forward("6s");
    const answer = await t.request(route, { headers: before, ...(body ? { body } : {}) });
    expect(answer.status).toBe(status);
    const next = credentialsOf(answer);
    expect(Object.keys(next)).toEqual(names);
    expect(next["access-token"]).not.toBe(before["access-token"]);
  });

  test.each([
    ["a failed sign-in", "POST /admin_auth/sign_in", { ...person, password: "wrong" }, 401],
    ["a path that is not there", "GET /admin_auth/nothing", undefined, 404],
    ["a method that is not there", "PUT /admin_auth/sign_in", {}, 405],
    ["GET /sign_in", "GET /admin_auth/sign_in", undefined, 405],
  ])("%s has a JSON body and none of them", async (_name, route, body, status) => {
    const answer = await t.request(route, { headers: held, ...(body ? { body } : {}) });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({
      success: false,
      errors: [expect.any(String)],
      code: expect.stringMatching(/^[a-z_]+$/),
    });
    for (const name of [...names, "authorization"]) expect(answer.headers.get(name)).toBeNull();
  });

  test("sign-out and deletion carry none, and take the cookie away", async () => {
    const out = await t.request("DELETE /admin_auth/sign_out", { headers: held });
    const body = { ...person, email: "gone@example.com" };
    const own = credentialsOf(await t.request("POST /admin_auth", { body }));
    const deleted = await t.request("DELETE /admin_auth", { headers: own });
    for (const answer of [out, deleted]) {
      expect(answer.status).toBe(200);
      for (const name of [...names, "authorization"]) expect(answer.headers.get(name)).toBeNull();
      expect(answer.headers.get("set-cookie")).toMatch(/^__Host-keyturn=; Max-Age=0;/);
    }
  });

  // lynndylanhurley/devise_token_auth#1631: no script can take an HttpOnly cookie away.
  test("sign-out takes a cookie away whose session is over, and leaves one that only came late", async () => {
    const { fixture, answer } = await signedUp({ cookieEnabled: true });
    const [cookie = ""] = (answer.headers.getSetCookie()[0] ?? "").split(";");
    const ask = (route: string) =>
      fixture.request(route, { headers: { cookie, "sec-fetch-site": "same-origin" } });
    fixture.clock.forward("6s");
    await ask("GET /admin_auth/validate_token");
    fixture.clock.forward("6s");
    const late = await ask("DELETE /admin_auth/sign_out");
    expect([late.status, late.headers.get("set-cookie")]).toEqual([404, null]);
    fixture.clock.forward("3w");
    for (const route of ["GET /admin_auth/validate_token", "DELETE /admin_auth/sign_out"]) {
      const over = await ask(route);
      expect([route, over.headers.get("set-cookie")]).toEqual([
        route,
        route.startsWith("DELETE") ? expect.stringMatching(/^__Host-keyturn=; Max-Age=0;/) : null,
      ]);
    }
  });
});

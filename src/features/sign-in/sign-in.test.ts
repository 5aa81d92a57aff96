import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ada,
  bodyOf,
  type Fixture,
  failure,
  password,
  registerUser,
  startAuth,
} from "../../../test/fixtures/http.js";
import { credentialsOf } from "../../testing/testing.js";

const names = ["access-token", "token-type", "client", "expiry", "uid", "authorization"];

let t: Fixture;
beforeAll(async () => {
  t = await startAuth();
  await registerUser(t);
  await t.request("POST /admin_auth", { body: ada });
});
afterAll(() => t.auth.close());

const signIn = (body: object, mount = "/auth", fixture = t) =>
  fixture.request(`POST ${mount}/sign_in`, { body, headers: { "user-agent": "Test/1.0" } });
const signedIn = async (mount = "/auth") => credentialsOf(await signIn(ada, mount));
const validate = async (headers: Record<string, string>, mount = "/auth") =>
  (await t.request(`GET ${mount}/validate_token`, { headers })).status;
const user = { id: 1, provider: "email", uid: ada.email, email: ada.email, name: null };

describe("POST /sign_in", () => {
  test("200, the user without times, auth headers with a new client each time", async () => {
    const answers = [await signIn({ ...ada, email: " ADA@example.com" }), await signIn(ada)];
    for (const answer of answers) {
      expect([answer.status, await answer.json()]).toEqual([200, { data: user }]);
      expect(await validate(credentialsOf(answer))).toBe(200);
    }
    expect(new Set(answers.map((one) => one.headers.get("client"))).size).toBe(2);
  });

  test("takes its parameters from a form, or for old clients from the query", async () => {
    const form = { method: "POST", body: new URLSearchParams(ada) };
    expect((await t.auth.handle(new Request("http://localhost:3000/auth/sign_in", form))).status).toBe(200);
    expect((await t.request(`POST /auth/sign_in?${new URLSearchParams(ada)}`)).status).toBe(200);
  });

  test.each<[string, unknown]>([
    ["a wrong password", { ...ada, password: "another violet hour" }],
    ["the password in capitals", { ...ada, password: password.toUpperCase() }],
    ["the password with a blank", { ...ada, password: `${password} ` }],
    ["an unknown address", { email: "nobody@example.com", password }],
    ["no address", { password }],
    ["no password", { email: ada.email }],
    ["a blank password", { email: ada.email, password: "" }],
    ["numbers", { email: 7, password: 7 }],
    ["lists and objects", { email: [ada.email], password: { $ne: null } }],
    ["a password of 60,000 letters", { email: ada.email, password: "x".repeat(60_000) }],
    ["nothing", {}],
  ])("%s: 401 and no auth header", async (_name, body) => {
    const answer = await signIn(body as object);
    expect([answer.status, await answer.json()]).toEqual([
      401,
      failure("Invalid login credentials. Please try again."),
    ]);
    for (const name of names) expect(answer.headers.has(name)).toBe(false);
  });

  test("unconfirmed: told only to whoever knows the password (security 30)", async () => {
    const email = "new@example.com";
    await t.request("POST /auth", {
      body: { email, password, confirm_success_url: "http://localhost:5173/" },
    });
    const right = await signIn({ email, password });
    const message = `A confirmation email was sent to your account at '${email}'. You must follow the instructions in the email before your account can be activated`;
    expect([right.status, await right.json()]).toEqual([401, failure(message)]);
    const wrong = await signIn({ email, password: "another violet hour" });
    expect((await bodyOf(wrong)).errors).toEqual(["Invalid login credentials. Please try again."]);
  });

  test("an unknown address takes as long as a wrong password (security 30)", async () => {
    const emails = [ada.email, "nobody@example.com", "@"];
    const least = emails.map(() => Number.POSITIVE_INFINITY);
    // In turn, and the least of each: what else the machine does only adds to it.
    for (let round = 0; round < 5; round++)
      for (const [i, email] of emails.entries()) {
        const began = performance.now();
        await signIn({ email, password: "another violet hour" });
        least[i] = Math.min(least[i] ?? 0, performance.now() - began);
      }
    // Without the work of a hash it would be some twenty times faster.
    const [known = 0, unknown = 0, malformed = 0] = least;
    expect(unknown / known).toBeGreaterThan(0.3);
    expect(malformed / known).toBeGreaterThan(0.3);
  });

  test("GET: 405", async () => {
    const answer = await t.request("GET /auth/sign_in");
    expect([answer.status, await answer.json()]).toEqual([
      405,
      failure("Use POST /sign_in to sign in. GET is not supported."),
    ]);
  });
});

describe("GET and POST /validate_token", () => {
  test.each(["GET", "POST"])("%s: 200 and the user without times", async (method) => {
    const answer = await t.request(`${method} /auth/validate_token`, { headers: await signedIn() });
    expect([answer.status, await answer.json()]).toEqual([200, { success: true, data: user }]);
    for (const name of names) expect(answer.headers.get(name)).toBeTruthy();
  });

  test.each(["GET", "POST"])("%s, not signed in: 401", async (method) => {
    const answer = await t.request(`${method} /auth/validate_token`);
    expect([answer.status, await answer.json()]).toEqual([
      401,
      { success: false, errors: ["Invalid login credentials"], code: "invalid_token" },
    ]);
  });

  test("credentials of one model are not good for another, although both know the uid (security 10)", async () => {
    const [asUser, asAdmin] = [await signedIn(), await signedIn("/admin_auth")];
    expect(asUser["uid"]).toBe(asAdmin["uid"]);
    expect([await validate(asUser, "/admin_auth"), await validate(asAdmin)]).toEqual([401, 401]);
    expect([await validate(asUser), await validate(asAdmin, "/admin_auth")]).toEqual([200, 200]);
  });
});

describe("DELETE /sign_out", () => {
  test("ends this client only, at once (security 12)", async () => {
    const [one, other] = [await signedIn(), await signedIn()];
    const answer = await t.request("DELETE /auth/sign_out", { headers: one });
    expect([answer.status, await answer.json()]).toEqual([200, { success: true }]);
    expect([await validate(one), await validate(other)]).toEqual([401, 200]);
  });

  test("not signed in: 404", async () => {
    const answer = await t.request("DELETE /auth/sign_out");
    expect([answer.status, await answer.json()]).toEqual([
      404,
      failure("User was not found or was not logged in."),
    ]);
  });
});

describe("the list of sessions", () => {
  let one: Fixture;
  let own: Record<string, string>;
  let other: Record<string, string>;
  beforeAll(async () => {
    one = await startAuth();
    await registerUser(one);
    own = credentialsOf(await signIn(ada, "/auth", one));
    other = credentialsOf(await signIn(ada, "/auth", one));
  });
  afterAll(() => one.auth.close());
  const list = async () => bodyOf(await one.request("GET /auth/sessions", { headers: own }));

  test("shows the own devices and no secret (security 15)", async () => {
    const { success, data } = await list();
    const at = new Date(one.clock.now).toISOString();
    const row = (id: string | undefined, current: boolean) => ({
      id,
      current,
      user_agent: "Test/1.0",
      address: null,
      label: null,
      created_at: at,
      last_seen_at: at,
      expires_at: new Date(one.clock.now + 14 * 24 * 3_600_000).toISOString(),
    });
    expect(success).toBe(true);
    expect(data).toHaveLength(2);
    expect(data).toEqual(expect.arrayContaining([row(own["client"], true), row(other["client"], false)]));
    expect(JSON.stringify(data)).not.toContain(own["access-token"]);
  });

  test("a session that is unknown, or another's, is 404 and goes on (security 15)", async () => {
    const body = { email: "eve@example.com", password };
    const eve = credentialsOf(await one.request("POST /admin_auth", { body }));
    const message = { success: false, errors: ["Session not found."], code: "session_not_found" };
    for (const id of [eve["client"], "nobody", "%00", "a".repeat(3000)]) {
      const answer = await one.request(`DELETE /auth/sessions/${id}`, { headers: own });
      expect([answer.status, await answer.json()]).toEqual([404, message]);
    }
    expect((await one.request("GET /admin_auth/validate_token", { headers: eve })).status).toBe(200);
  });

  test("one is ended by its id (security 15)", async () => {
    const path = `/auth/sessions/${other["client"]}`;
    const answer = await one.request(`DELETE ${path}`, { headers: own });
    expect([answer.status, await answer.json()]).toEqual([200, { success: true }]);
    expect((await one.request("GET /auth/validate_token", { headers: other })).status).toBe(401);
    expect((await one.request(`DELETE ${path}`, { headers: own })).status).toBe(404);
  });

  test("all others are ended together, and this one goes on (security 15)", async () => {
    for (let i = 0; i < 2; i++) await signIn(ada, "/auth", one);
    const answer = await one.request("DELETE /auth/sessions", { headers: own });
    expect([answer.status, await answer.json()]).toEqual([200, { success: true, data: { ended: 2 } }]);
    expect((await list()).data).toHaveLength(1);
  });

  test("the session's own id ends it, and the answer carries no credentials", async () => {
    const last = credentialsOf(await signIn(ada, "/auth", one));
    const answer = await one.request(`DELETE /auth/sessions/${last["client"]}`, { headers: last });
    expect(answer.status).toBe(200);
    for (const name of names) expect(answer.headers.has(name)).toBe(false);
  });

  test.each(["GET /auth/sessions", "DELETE /auth/sessions", "DELETE /auth/sessions/1"])(
    "%s, not signed in: 401",
    async (route) => {
      const answer = await one.request(route);
      expect([answer.status, await answer.json()]).toEqual([
        401,
        failure("You need to sign in or sign up before continuing."),
      ]);
    },
  );
});

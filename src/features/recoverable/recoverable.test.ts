import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ada,
  type Fixture,
  failure,
  followReset,
  headersOf,
  newPerson,
  password,
  registerUser,
  silent,
  startAuth,
} from "../../../test/fixtures/http.js";

const redirect_url = "http://localhost:5173/reset?x=true";
const next = { password: "another violet hour", password_confirmation: "another violet hour" };
const sent = (email: string) => ({
  success: true,
  message: `An email has been sent to '${email}' containing instructions for resetting your password.`,
});

let t: Fixture;
beforeAll(async () => {
  t = await startAuth();
  await registerUser(t);
});
afterAll(() => t.auth.close());

const person = (fixture = t) => newPerson(fixture);
const ask = (body: object, fixture = t) => fixture.request("POST /auth/password", { body });
const put = (body: object, headers = {}, fixture = t) =>
  fixture.request("PUT /auth/password", { body, headers });
const status = async (route: string, headers: Record<string, string>, fixture = t) =>
  (await fixture.request(route, { headers })).status;

const follow = (email: string, fixture = t) => followReset(fixture, email, redirect_url);

describe("POST /password", () => {
  test("200, and a mail with a link that begins with baseUrl (security 35)", async () => {
    const answer = await ask({ email: " ADA@example.com ", redirect_url, config_name: "mobile" });
    expect([answer.status, await answer.json()]).toEqual([200, sent(ada.email)]);
    const link = new URL(t.linkTo(ada.email));
    expect(`${link.origin}${link.pathname}`).toBe("http://localhost:3000/auth/password/edit");
    expect(Object.fromEntries(link.searchParams)).toEqual({
      config: "mobile",
      redirect_url,
      reset_password_token: expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  test.each([
    ["default", "a b"],
    ["default", "<b>"],
    ["default", "https://evil.example"],
    ["default", "a\r\nb"],
    ["default", "mobile\n2"],
    ["default", "ä"],
    ["default", "a".repeat(65)],
    ["a".repeat(64), "a".repeat(64)],
    ["My_app-2.0", "My_app-2.0"],
  ])("the mail's link carries the configuration %j for the config_name %j", async (config, config_name) => {
    await ask({ email: ada.email, redirect_url, config_name });
    expect(new URL(t.linkTo(ada.email)).searchParams.get("config")).toBe(config);
  });

  test.each<[string, object, number, string]>([
    ["no redirect_url", { email: ada.email }, 401, "Missing redirect URL."],
    ["a blank one", { email: ada.email, redirect_url: "" }, 401, "Missing redirect URL."],
    [
      "refused",
      { email: ada.email, redirect_url: "//evil.example" },
      422,
      "Redirect to '//evil.example' not allowed.",
    ],
    ["no e-mail", { redirect_url }, 401, "You must provide an email address."],
    [
      "unknown",
      { email: "no@example.com", redirect_url },
      404,
      "Unable to find user with email 'no@example.com'.",
    ],
    [
      "another model's",
      { email: "adm@example.com", redirect_url },
      404,
      "Unable to find user with email 'adm@example.com'.",
    ],
  ])("%s", async (_name, body, code, message) => {
    await t.request("POST /admin_auth", { body: { email: "adm@example.com", password } });
    const answer = await ask(body);
    expect([answer.status, await answer.json()]).toEqual([code, failure(message)]);
  });

  test("paranoid: known and unknown answer alike, also when the mail cannot be sent (security 30)", async () => {
    let down = false;
    const send = async () => {
      if (down) throw new Error("down");
    };
    const one = await startAuth({ paranoid: true, logger: silent, mail: { from: "a@example.com", send } });
    await one.request("POST /auth", { body: { ...ada, confirm_success_url: redirect_url } });
    down = true;
    for (const email of [ada.email, "nobody@example.com", "malformed@"]) {
      const answer = await ask({ email, redirect_url }, one);
      expect([answer.status, await answer.json()]).toEqual([200, sent(email)]);
    }
    const [wrong, unknown] = await Promise.all(
      [ada.email, "nobody@example.com"].map((email) =>
        one.request("POST /auth/sign_in", { body: { email, password: "wrong" } }),
      ),
    );
    expect([wrong?.status, await wrong?.text()]).toEqual([unknown?.status, await unknown?.text()]);
    await one.auth.close();
  });

  test("mail down: 503 (security 47)", async () => {
    let down = false;
    const send = async () => {
      if (down) throw new Error("down");
    };
    const one = await startAuth({ logger: silent, mail: { from: "a@example.com", send } });
    await one.request("POST /auth", { body: { ...ada, confirm_success_url: redirect_url } });
    down = true;
    expect((await ask({ email: ada.email, redirect_url }, one)).status).toBe(503);
    await one.auth.close();
  });
});

describe("GET /password/edit", () => {
  test("302 with, sorted, the credentials that old clients read", async () => {
    await ask({ email: ada.email, redirect_url });
    const answer = await t.auth.handle(new Request(t.linkTo(ada.email)));
    expect(answer.status).toBe(302);
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    expect(answer.headers.get("access-token")).toBeNull();
    const location = new URL(answer.headers.get("location") ?? "");
    expect([...location.searchParams.keys()]).toEqual(
      "x access-token client client_id config expiry reset_password reset_password_token token uid".split(
        " ",
      ),
    );
    const got = Object.fromEntries(location.searchParams);
    expect(got).toMatchObject({ config: "default", reset_password: "true", uid: ada.email, x: "true" });
    expect([got["token"], got["client_id"]]).toEqual([got["access-token"], got["client"]]);
    // Clients drop a token that ends before the one they hold; the row ends it after 15 minutes.
    expect(got["expiry"]).toBe(String(Math.floor(t.clock.now / 1000) + 14 * 24 * 3600));
  });

  test("an unknown, foreign, used or expired link redirects with reset_password=false (security 33)", async () => {
    const expected = { x: "true", reset_password: "false" };
    const visit = async (token: string, mount = "/auth") => {
      const query = new URLSearchParams({ reset_password_token: token, redirect_url });
      const answer = await t.request(`GET ${mount}/password/edit?${query}`);
      return Object.fromEntries(new URL(answer.headers.get("location") ?? "").searchParams);
    };
    expect(await visit("unknown")).toEqual(expected);
    expect(await visit("")).toEqual(expected);
    const { reset_password_token: secret = "" } = await follow((await person()).email);
    expect(await visit(secret, "/admin_auth")).toEqual(expected);
    expect((await put({ ...next, reset_password_token: secret })).status).toBe(200);
    expect(await visit(secret)).toEqual(expected);
    const { reset_password_token: old = "" } = await follow((await person()).email);
    t.clock.forward("61m");
    expect(await visit(old)).toEqual(expected);
    expect((await put({ ...next, reset_password_token: old })).status).toBe(401);
  });

  test("a refused or missing redirect_url is an error, not a redirect (security 36)", async () => {
    const path = "GET /auth/password/edit?reset_password_token=x";
    expect((await t.request(path)).status).toBe(401);
    expect((await t.request(`${path}&redirect_url=https://evil.example/`)).status).toBe(422);
  });

  test("an older link still works; once one is used all are over, also for the session that one has opened (security 33)", async () => {
    const { email } = await person();
    const older = await follow(email);
    const newer = await follow(email);
    expect((await put({ ...next, reset_password_token: older["reset_password_token"] })).status).toBe(200);
    expect((await put(next, headersOf(newer))).status).toBe(401);
    expect((await put({ ...next, reset_password_token: newer["reset_password_token"] })).status).toBe(401);
  });

  test("its session can set the password, validate and sign out; nothing else, and 15 minutes long", async () => {
    const headers = headersOf(await follow((await person()).email));
    expect(await status("GET /auth/validate_token", headers)).toBe(200);
    for (const [route, refused] of [
      ["GET /auth/sessions", 401],
      ["DELETE /auth/sessions", 401],
      [`DELETE /auth/sessions/${headers.client}`, 401],
      ["PUT /auth", 404],
      ["DELETE /auth", 404],
    ] as const)
      expect(await status(route, headers)).toBe(refused);
    t.clock.forward("10m");
    const kept = await t.request("GET /auth/validate_token", { headers });
    expect(kept.headers.get("access-token")).toBe(headers["access-token"]);
    t.clock.forward("6m");
    expect((await put(next, headers)).status).toBe(401);
    const other = headersOf(await follow((await person()).email));
    expect(await status("DELETE /auth/sign_out", other)).toBe(200);
    expect((await put(next, other)).status).toBe(401);
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bodyOf,
  type Fixture,
  failure,
  followReset,
  headersOf,
  newPerson,
  password,
  registerUser,
  signIn,
  startAuth,
} from "../../../test/fixtures/http.js";
import { credentialsOf } from "../../testing/testing.js";

const redirect_url = "http://localhost:5173/reset?x=true";
const next = { password: "another violet hour", password_confirmation: "another violet hour" };
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

describe("PUT /password", () => {
  test("by the session of the link: once; then it is an ordinary session, and the others are over (security 14)", async () => {
    const one = await person();
    const before = await signIn(t, one);
    const headers = headersOf(await follow(one.email));
    const answer = await put(next, headers);
    const body = await bodyOf(answer);
    expect([answer.status, body.success, body.message]).toEqual([
      200,
      true,
      "Your password has been successfully updated.",
    ]);
    expect(body.data).toMatchObject({ uid: one.email, created_at: expect.any(String) });
    const held = credentialsOf(answer);
    expect(await status("GET /auth/sessions", held)).toBe(200);
    expect(Number(held["expiry"])).toBeGreaterThanOrEqual(Math.floor(t.clock.now / 1000) + 14 * 24 * 3600);
    expect(await status("GET /auth/validate_token", before)).toBe(401);
    expect(await signIn(t, one)).toEqual({});
    await t.settled();
    const notices = t.outbox.messages({ to: one.email }).filter((mail) => /changed/i.test(mail.subject));
    expect(notices).toHaveLength(1);
  });

  test("50 at once with one link: exactly one sets the password (security 33)", async () => {
    const { email } = await person();
    const { reset_password_token } = await follow(email);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => {
        const own = `another violet hour ${index}`;
        return put({ password: own, password_confirmation: own, reset_password_token });
      }),
    );
    const codes = answers.map((one) => one.status);
    expect([codes.filter((one) => one === 200).length, codes.filter((one) => one === 401).length]).toEqual([
      1, 49,
    ]);
    const winner = { email, password: `another violet hour ${codes.indexOf(200)}` };
    expect(Object.keys(await signIn(t, winner))).toHaveLength(5);
  });

  test("by the link's secret beside other good credentials: the answer carries the new session's", async () => {
    const one = await person();
    const held = await signIn(t, one);
    await ask({ email: one.email, redirect_url });
    const secret = new URL(t.linkTo(one.email)).searchParams.get("reset_password_token");
    const answer = await put({ ...next, reset_password_token: secret }, held);
    expect(answer.status).toBe(200);
    expect(credentialsOf(answer)["client"]).not.toBe(held["client"]);
    expect(await status("GET /auth/validate_token", credentialsOf(answer))).toBe(200);
    expect(await status("GET /auth/validate_token", held)).toBe(401);
  });

  test("for an account that is not confirmed yet: whoever read the mail owns the address", async () => {
    const one = { email: "unconfirmed@example.com", password };
    await t.request("POST /auth", { body: { ...one, confirm_success_url: redirect_url } });
    const { reset_password_token } = await follow(one.email);
    expect((await put({ ...next, reset_password_token })).status).toBe(200);
    expect(Object.keys(await signIn(t, { ...one, password: next.password }))).toHaveLength(5);
  });

  test.each<[string, object, object]>([
    ["nothing", {}, {}],
    ["only one of the two", { password: "another violet hour" }, {}],
    ["a blank one", { ...next, password_confirmation: "" }, {}],
  ])("%s: 422, and the link still works", async (_name, body) => {
    const { reset_password_token } = await follow((await person()).email);
    const answer = await put({ ...body, reset_password_token });
    const errors = ["You must fill out the fields labeled 'Password' and 'Password confirmation'."];
    expect([answer.status, await answer.json()]).toEqual([422, failure(errors[0] ?? "")]);
    expect((await put({ ...next, reset_password_token })).status).toBe(200);
  });

  test("validation: 422 with messages per field; the link still works", async () => {
    const { reset_password_token } = await follow((await person()).email);
    const answer = await put({ password: "short", password_confirmation: "shor", reset_password_token });
    const password = ["is too short (minimum is 8 characters)"];
    const full_messages = [
      "Password is too short (minimum is 8 characters)",
      "Password confirmation doesn't match Password",
    ];
    expect([answer.status, await answer.json()]).toEqual([
      422,
      {
        success: false,
        errors: { password, password_confirmation: ["doesn't match Password"], full_messages },
        code: "invalid",
        codes: { password: ["too_short"], password_confirmation: ["mismatch"] },
      },
    ]);
    expect((await put({ ...next, reset_password_token })).status).toBe(200);
  });

  test("without credentials and link, or with a wrong link: 401", async () => {
    for (const body of [
      next,
      { ...next, reset_password_token: "x" },
      { ...next, reset_password_token: "" },
    ]) {
      const answer = await put(body);
      expect([answer.status, await answer.json()]).toEqual([
        401,
        { success: false, errors: ["Unauthorized"], code: "password_unauthorized" },
      ]);
      expect(answer.headers.has("access-token")).toBe(false);
    }
  });

  test("by an ordinary session: other sessions end, this one goes on; a wrong current password is refused (security 14)", async () => {
    const one = await person();
    const [held, other] = [await signIn(t, one), await signIn(t, one)];
    const wrong = await put({ ...next, current_password: "wrong" }, held);
    expect([wrong.status, (await bodyOf(wrong)).errors["current_password"]]).toEqual([422, ["is invalid"]]);
    const changed = await put({ ...next, current_password: one.password }, held);
    expect(changed.status).toBe(200);
    expect(await status("GET /auth/validate_token", credentialsOf(changed))).toBe(200);
    expect(await status("GET /auth/validate_token", held)).toBe(401);
    expect(await status("GET /auth/validate_token", other)).toBe(401);
  });

  test("removeTokensAfterPasswordReset: false lets the others go on, but no session of the used link", async () => {
    const one = await startAuth({ removeTokensAfterPasswordReset: false });
    const who = await person(one);
    const other = await signIn(one, who);
    const link = await follow(who.email, one);
    expect((await put({ ...next, reset_password_token: link["reset_password_token"] }, {}, one)).status).toBe(
      200,
    );
    expect(await status("GET /auth/validate_token", other, one)).toBe(200);
    expect(await status("GET /auth/validate_token", headersOf(link), one)).toBe(401);
    await one.auth.close();
  });
});

test("requireClientPasswordResetToken: the URL has the link's secret and no credential; PUT /password takes it (security 34)", async () => {
  const one = await startAuth({
    requireClientPasswordResetToken: true,
    defaultPasswordResetUrl: redirect_url,
  });
  const who = await person(one);
  const link = await follow(who.email, one);
  expect(Object.keys(link)).toEqual(["x", "reset_password_token"]);
  const answer = await put({ ...next, reset_password_token: link["reset_password_token"] }, {}, one);
  expect(answer.status).toBe(200);
  expect(await status("GET /auth/sessions", credentialsOf(answer), one)).toBe(200);
  const used = new URLSearchParams({ redirect_url, ...link });
  const again = await one.request(`GET /auth/password/edit?${used}`);
  expect(again.headers.get("location")).toBe(`${redirect_url}&reset_password=false`);
  await one.auth.close();
});

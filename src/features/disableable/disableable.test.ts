import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failure, password } from "../../../test/fixtures/http.js";
import { credentialsOf, testAuth } from "../../testing/testing.js";

const redirect_url = "http://localhost:5173/";
const models = {
  user: { mountAt: "/auth", disableable: true, lockable: true },
  admin: { mountAt: "/admin_auth", confirmable: false },
} as const;
const start = (paranoid = false) =>
  testAuth({ models, paranoid, requireClientPasswordResetToken: true, maximumAttempts: 3 });
type Fixture = Awaited<ReturnType<typeof start>>;

let t: Fixture;
beforeAll(async () => {
  t = await start();
});
afterAll(() => t.auth.close());

let people = 0;
async function person(fixture = t, isConfirmed = true) {
  const email = `person${++people}@example.com`;
  await fixture.request("POST /auth", { body: { email, password, confirm_success_url: redirect_url } });
  await fixture.settled();
  if (isConfirmed) await fixture.auth.handle(new Request(fixture.linkTo(email)));
  const account = await fixture.auth.accounts.findByEmail("user", email);
  if (!account) throw new Error("There is no account");
  return { email, account };
}
const signIn = (email: string, given = password, fixture = t) =>
  fixture.request("POST /auth/sign_in", { body: { email, password: given } });

describe("accounts.disable", () => {
  test("ends the sessions, and enable lets the account in again (shape 30; security 13)", async () => {
    const { email, account } = await person();
    const held = credentialsOf(await signIn(email));
    await t.auth.accounts.disable("user", account);
    expect((await t.request("GET /auth/validate_token", { headers: held })).status).toBe(401);
    expect((await signIn(email)).status).toBe(401);
    await t.auth.accounts.enable("user", account);
    expect((await signIn(email)).status).toBe(200);
    const names = t.events.map(({ name }) => name).filter((name) => /abled/.test(name));
    expect(names).toEqual(["account.disabled", "account.enabled"]);
  });

  test("is told at sign-in to whoever knows the password only (security 30)", async () => {
    const { email, account } = await person();
    await t.auth.accounts.disable("user", account);
    expect(await (await signIn(email)).json()).toEqual(failure("Your account has been disabled."));
    expect(await (await signIn(email, "wrong violet hour")).json()).toEqual(
      failure("Invalid login credentials. Please try again."),
    );
  });

  test("is told to nobody in paranoid mode (security 30)", async () => {
    const one = await start(true);
    const { email, account } = await person(one);
    await one.auth.accounts.disable("user", account);
    expect(await (await signIn(email, password, one)).json()).toEqual(
      failure("Invalid login credentials. Please try again."),
    );
    await one.auth.close();
  });

  test("leaves no way in by a reset, one that was mailed before or is asked for afterwards (shape 30)", async () => {
    const { email, account } = await person();
    const next = { password: "another violet hour", password_confirmation: "another violet hour" };
    const ask = () => t.request("POST /auth/password", { body: { email, redirect_url } });
    const redeem = async () => {
      const reset_password_token = new URL(t.linkTo(email)).searchParams.get("reset_password_token");
      return (await t.request("PUT /auth/password", { body: { ...next, reset_password_token } })).status;
    };
    await ask();
    await t.auth.accounts.disable("user", account);
    expect(await redeem()).toBe(401);
    await ask();
    expect(await redeem()).toBe(401);
    await t.auth.accounts.enable("user", account);
    expect((await signIn(email)).status).toBe(200);
  });

  test("leaves no way in by a confirmation or an unlock", async () => {
    const { email, account } = await person(t, false);
    await t.auth.accounts.disable("user", account);
    await t.request("POST /auth/confirmation", { body: { email, redirect_url } });
    await t.auth.handle(new Request(t.linkTo(email)));
    for (let i = 0; i < 3; i++) await signIn(email, "wrong violet hour");
    await t.settled();
    const unlock = t.linkTo(email);
    expect(new URL(unlock).pathname).toBe("/auth/unlock");
    await t.auth.handle(new Request(unlock));
    expect((await signIn(email)).status).toBe(401);
    await expect(t.auth.createNewAuthToken("user", account)).rejects.toMatchObject({ status: 401 });
  });

  test("refuses an account that is not there, and a model that does not ask for it", async () => {
    await expect(t.auth.accounts.disable("user", 9999)).rejects.toMatchObject({ code: "account_not_found" });
    await expect(t.auth.accounts.enable("user", 9999)).rejects.toMatchObject({ code: "account_not_found" });
    await expect(t.auth.accounts.disable("admin", 1)).rejects.toThrow("models.admin needs disableable: true");
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newEmail, redirectUrl, startAccounts } from "../../test/fixtures/accounts.js";
import { password } from "../../test/fixtures/http.js";
import type { AuthError } from "../errors.js";

let t: Awaited<ReturnType<typeof startAccounts>>;
beforeAll(async () => {
  t = await startAccounts();
});
afterAll(() => t.auth.close());

describe("accounts.create", () => {
  test("makes an account with fields that clients cannot write, and mails its confirmation link", async () => {
    const email = newEmail();
    const created = await t.auth.accounts.create("user", {
      email: ` ${email.toUpperCase()} `,
      password,
      name: "Ada",
      plan: "gold",
      age: 36,
    });
    expect(created).toMatchObject({
      email,
      uid: email,
      provider: "email",
      name: "Ada",
      plan: "gold",
      age: 36,
    });
    expect(JSON.stringify(created)).not.toContain("argon2");
    expect((await t.signIn(email)).status).toBe(401);
    await t.auth.handle(new Request(t.linkTo(email)));
    expect((await t.signIn(email)).status).toBe(200);
  });

  test("needs no session, and makes the first administrator while registration is closed (shape 28)", async () => {
    const email = newEmail();
    const body = { email, password, confirm_success_url: redirectUrl };
    expect((await t.request("POST /admin_auth", { body })).status).toBe(403);
    await t.auth.accounts.create("admin", { email, password }, { confirmed: true });
    expect((await t.signIn(email, password, "/admin_auth")).status).toBe(200);
    expect(await t.mailsTo(email)).toEqual([]);
  });

  test("checks what a registration checks, all at once, and makes nothing", async () => {
    const { email } = await t.person();
    const values = { email, password: "short", age: "old" as unknown as number };
    const refused = await t.auth.accounts.create("user", values).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "invalid" });
    expect([...(refused as AuthError).problems.keys()].sort()).toEqual(["age", "email", "password"]);
    for (const [bad, problem] of [
      [{ email: newEmail(), password: "a breached violet hour" }, "breached"],
      [{ email: `refused${newEmail()}`, password }, "is refused"],
    ] as const) {
      const error = await t.auth.accounts.create("user", bad).catch((one: unknown) => one);
      expect(JSON.stringify([...(error as AuthError).problems])).toContain(problem);
      expect(await t.auth.accounts.findByEmail("user", bad.email)).toBeUndefined();
    }
  });

  test("of two that make the same account at once one succeeds, and the other says that the address is taken (shape 28)", async () => {
    const email = newEmail();
    const make = () => t.auth.accounts.create("user", { email, password }, { confirmed: true });
    const done = await Promise.allSettled([make(), make(), make()]);
    expect(done.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected"]);
  });

  test("tells the hooks how the account arises", async () => {
    t.told.length = 0;
    const [form, code] = [newEmail(), newEmail()];
    await t.request("POST /auth", { body: { email: form, password, confirm_success_url: redirectUrl } });
    await t.auth.accounts.create("user", { email: code, password });
    expect(t.told).toEqual([
      [form, "form"],
      [form, "form"],
      [code, "code"],
      [code, "code"],
    ]);
  });

  test("a name that is no field is a TypeError, and so is a password where there are none", async () => {
    const misspelt = { email: newEmail(), nmae: "Ada" } as { email: string };
    await expect(t.auth.accounts.create("user", misspelt)).rejects.toThrow(
      '"nmae" is no field of models.user',
    );
    const given = { email: newEmail(), password };
    await expect(t.auth.accounts.create("guest", given)).rejects.toThrow("have no passwords");
  });
});

describe("an account without a password", () => {
  test("gets no mail, cannot sign in, and is its owner's by the link that sets one", async () => {
    const email = newEmail();
    const account = await t.auth.accounts.create("user", { email });
    expect(await t.mailsTo(email)).toEqual([]);
    expect((await t.signIn(email, "")).status).toBe(401);
    const link = new URL(await t.auth.accounts.createPasswordLink("user", account));
    expect(link.href).toMatch(/^http:\/\/localhost:3000\/auth\/password\/edit\?/);
    const reset_password_token = link.searchParams.get("reset_password_token");
    const body = { reset_password_token, password, password_confirmation: password };
    expect((await t.request("PUT /auth/password", { body })).status).toBe(200);
    expect((await t.signIn(email)).status).toBe(200);
  });

  test("is sent that link by mail, which leads where it may only", async () => {
    const email = newEmail();
    const account = await t.auth.accounts.create("user", { email });
    await t.auth.accounts.mailPasswordLink("user", account, { redirectUrl: "http://localhost:4000/set" });
    expect(new URL(t.linkTo(email)).searchParams.get("redirect_url")).toBe("http://localhost:4000/set");
    const elsewhere = { redirectUrl: "https://evil.example.com/" };
    await expect(t.auth.accounts.mailPasswordLink("user", account, elsewhere)).rejects.toMatchObject({
      code: "redirect_refused",
    });
  });
});

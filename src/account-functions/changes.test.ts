import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { password } from "../../test/fixtures/http.js";
import type { RegisteredVia } from "../accounts/hooks.js";
import { AuthError } from "../errors.js";
import { developer } from "../features/omniauthable/providers/developer.js";
import { credentialsOf, testAuth } from "../testing/testing.js";

const redirectUrl = "http://localhost:5173/";
const next = "another violet hour";
const told: [string, RegisteredVia][] = [];
const start = () =>
  testAuth({
    models: {
      user: {
        mountAt: "/auth",
        lockable: true,
        fields: {
          name: { type: "string", writable: true },
          plan: { type: "string" },
          age: { type: "integer" },
        },
      },
      admin: { mountAt: "/admin_auth", registration: false },
      guest: { mountAt: "/guest_auth", databaseAuthenticatable: false, omniauthable: ["developer"] },
    },
    providers: { developer: developer() },
    defaultPasswordResetUrl: redirectUrl,
    requireClientPasswordResetToken: true,
    removeTokensAfterPasswordReset: false,
    isPasswordBreached: (given) => given === "a breached violet hour",
    hooks: {
      user: {
        beforeRegister({ email, via }) {
          told.push([email, via]);
          if (email.startsWith("refused"))
            throw new AuthError("invalid", { problems: { email: "is refused" } });
          return {};
        },
        afterRegister: ({ email }, { via }) => told.push([email ?? "", via]),
        beforeUpdate: ({ fields }) => (fields.plan === "free" ? { age: 1 } : {}),
      },
    },
  });

let t: Awaited<ReturnType<typeof start>>;
beforeAll(async () => {
  t = await start();
});
afterAll(() => t.auth.close());

let people = 0;
const newEmail = (): string => `person${++people}@example.com`;
const signIn = (email: string, given = password, mountAt = "/auth") =>
  t.request(`POST ${mountAt}/sign_in`, { body: { email, password: given } });
async function person() {
  const email = newEmail();
  const account = await t.auth.accounts.create("user", { email, password }, { confirmed: true });
  return { email, account, held: credentialsOf(await signIn(email)) };
}
const lastEvents = (count: number) =>
  t.events.slice(-count).map(({ name, accountId, actor }) => ({ name, accountId, actor }));
const mailsTo = async (to: string) => {
  await t.settled();
  return t.outbox.messages({ to }).map(({ subject }) => subject);
};

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
    expect((await signIn(email)).status).toBe(401);
    await t.auth.handle(new Request(t.linkTo(email)));
    expect((await signIn(email)).status).toBe(200);
  });

  test("needs no session, and makes the first administrator while registration is closed (shape 28)", async () => {
    const email = newEmail();
    const body = { email, password, confirm_success_url: redirectUrl };
    expect((await t.request("POST /admin_auth", { body })).status).toBe(403);
    await t.auth.accounts.create("admin", { email, password }, { confirmed: true });
    expect((await signIn(email, password, "/admin_auth")).status).toBe(200);
    expect(await mailsTo(email)).toEqual([]);
  });

  test("checks what a registration checks, all at once, and makes nothing", async () => {
    const { email } = await person();
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
    told.length = 0;
    const [form, code] = [newEmail(), newEmail()];
    await t.request("POST /auth", { body: { email: form, password, confirm_success_url: redirectUrl } });
    await t.auth.accounts.create("user", { email: code, password });
    expect(told).toEqual([
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
    expect(await mailsTo(email)).toEqual([]);
    expect((await signIn(email, "")).status).toBe(401);
    const link = new URL(await t.auth.accounts.createPasswordLink("user", account));
    expect(link.href).toMatch(/^http:\/\/localhost:3000\/auth\/password\/edit\?/);
    const reset_password_token = link.searchParams.get("reset_password_token");
    const body = { reset_password_token, password, password_confirmation: password };
    expect((await t.request("PUT /auth/password", { body })).status).toBe(200);
    expect((await signIn(email)).status).toBe(200);
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

describe("accounts.update", () => {
  test("changes what it names, runs the hook, and refuses what a field cannot hold", async () => {
    const { account } = await person();
    const updated = await t.auth.accounts.update("user", account, { plan: "free", name: undefined });
    expect(updated).toMatchObject({ plan: "free", age: 1, name: null });
    const age = "old" as unknown as number;
    await expect(t.auth.accounts.update("user", account, { age })).rejects.toMatchObject({ code: "invalid" });
    await expect(t.auth.accounts.update("user", 9999, {})).rejects.toMatchObject({
      code: "account_not_found",
    });
    const withPassword = { password: next } as object;
    await expect(t.auth.accounts.update("user", account, withPassword)).rejects.toThrow("setPassword");
  });

  test("a new address waits for its link, unless the code says that it is its owner's", async () => {
    const { account, email } = await person();
    const [first, second] = [newEmail(), newEmail()];
    expect(await t.auth.accounts.update("user", account, { email: first })).toMatchObject({ email });
    expect(await mailsTo(email)).toHaveLength(1);
    const link = t.linkTo(first);
    const sure = { confirmed: true };
    expect(await t.auth.accounts.update("user", account, { email: second }, sure)).toMatchObject({
      email: second,
      uid: second,
    });
    // The link of before must not take the address back.
    await t.auth.handle(new Request(link));
    expect(await t.auth.accounts.find("user", account.id)).toMatchObject({ email: second });
    const { email: taken } = await person();
    await expect(t.auth.accounts.update("user", account, { email: taken })).rejects.toMatchObject({
      code: "invalid",
    });
  });

  test("a confirmation link of the old address does not confirm the new one", async () => {
    const [old, email] = [newEmail(), newEmail()];
    const account = await t.auth.accounts.create("user", { email: old, password });
    const link = t.linkTo(old);
    await t.auth.accounts.update("user", account, { email }, { confirmed: true });
    await t.auth.handle(new Request(link));
    expect((await t.auth.accounts.state("user", account))?.confirmedAt).toBeNull();
  });
});

describe("accounts.setPassword", () => {
  test("ends every session and open link, and tells the owner by mail (shape 30)", async () => {
    const { account, email, held } = await person();
    await t.auth.accounts.mailPasswordLink("user", account);
    const reset_password_token = new URL(t.linkTo(email)).searchParams.get("reset_password_token");
    await t.auth.accounts.setPassword("user", account, next);
    expect((await t.request("GET /auth/validate_token", { headers: held })).status).toBe(401);
    expect((await signIn(email)).status).toBe(401);
    expect((await signIn(email, next)).status).toBe(200);
    const body = { reset_password_token, password, password_confirmation: password };
    expect((await t.request("PUT /auth/password", { body })).status).toBe(401);
    expect((await mailsTo(email)).join()).toMatch(/password.*changed/i);
  });

  test("obeys the policy, and changes nothing otherwise (shape 30)", async () => {
    const { account, email, held } = await person();
    for (const bad of ["short", "password1", email, "a breached violet hour", "", undefined as never])
      await expect(t.auth.accounts.setPassword("user", account, bad)).rejects.toMatchObject({
        code: "invalid",
      });
    expect((await t.request("GET /auth/validate_token", { headers: held })).status).toBe(200);
  });
});

describe("accounts.confirm", () => {
  test("lets an account in, and ends the open link (shape 30)", async () => {
    const email = newEmail();
    const account = await t.auth.accounts.create("user", { email, password });
    const link = t.linkTo(email);
    await t.auth.accounts.confirm("user", account);
    expect((await signIn(email)).status).toBe(200);
    expect((await t.auth.handle(new Request(link))).status).toBe(404);
    const count = t.events.length;
    await t.auth.accounts.confirm("user", account);
    expect(t.events).toHaveLength(count);
    await expect(t.auth.accounts.confirm("user", 9999)).rejects.toMatchObject({ code: "account_not_found" });
  });
});

describe("events of changes", () => {
  test("say that code made them, on whose behalf, or that the owner did (shape 31)", async () => {
    const { account, email } = await person();
    const accountId = String(account.id);
    const options = { actor: "support: Lea" };
    const lea = { kind: "code", name: "support: Lea" };
    await t.auth.accounts.update("user", account, { name: "Ada" }, options);
    await t.auth.accounts.setPassword("user", account, next, options);
    await t.auth.accounts.unlock("user", account);
    expect(lastEvents(3)).toEqual([
      { name: "account.updated", accountId, actor: lea },
      { name: "password.changed", accountId, actor: lea },
      { name: "account.unlocked", accountId, actor: { kind: "code" } },
    ]);
    const headers = credentialsOf(await signIn(email, next));
    await t.request("PUT /auth", { headers, body: { name: "Ada L." } });
    expect(lastEvents(1)).toEqual([{ name: "account.updated", accountId, actor: { kind: "owner" } }]);
    await signIn(email, "wrong violet hour");
    expect(lastEvents(1)).toEqual([{ name: "sign_in.failed", accountId, actor: undefined }]);
    await t.auth.accounts.endSessions("user", account, options);
    await t.auth.accounts.delete("user", account, options);
    expect(lastEvents(2)).toEqual([
      { name: "session.ended", accountId, actor: lea },
      { name: "account.deleted", accountId, actor: lea },
    ]);
  });
});

describe("accounts.list", () => {
  test("shows accounts with their state and no hash, page by page, and how many a search finds (shape 31)", async () => {
    const one = await start();
    const names = ["Ann_1", "ANNA", "Bea", "ann", "Cleo"];
    for (const name of names) {
      const values = { email: newEmail(), password, name };
      await one.auth.accounts.create("user", values, { confirmed: name !== "ann" });
    }
    const list = one.auth.accounts.list;
    const first = await list("user", { search: "ann", limit: 2 });
    expect(first.accounts.map(({ account }) => account.name)).toEqual(["Ann_1", "ANNA"]);
    expect([first.total, first.next]).toEqual([3, first.accounts[1]?.account.id]);
    const last = await list("user", { search: "ann", limit: 2, after: first.next ?? "" });
    expect(last).toMatchObject({ total: 3, next: undefined, accounts: [{ confirmedAt: null }] });
    expect((await list("user", { search: "n_1" })).total).toBe(1);
    expect((await list("user")).total).toBe(5);
    expect((await list("user", { search: "\0" })).total).toBe(0);
    expect(JSON.stringify(await list("user"))).not.toMatch(/argon2|hash/);
    for (const limit of [0, -1, 1.5, 1001, Number.NaN])
      await expect(list("user", { limit })).rejects.toThrow('"limit"');
    await expect(list("user", { after: "x" })).rejects.toThrow('"after"');
    await one.auth.close();
  });
});

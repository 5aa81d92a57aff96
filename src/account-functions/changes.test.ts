import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newEmail, startAccounts } from "../../test/fixtures/accounts.js";
import { password } from "../../test/fixtures/http.js";
import { credentialsOf } from "../testing/testing.js";

let t: Awaited<ReturnType<typeof startAccounts>>;
beforeAll(async () => {
  t = await startAccounts();
});
afterAll(() => t.auth.close());

const next = "another violet hour";
const lastEvents = (count: number) =>
  t.events.slice(-count).map(({ name, accountId, actor }) => ({ name, accountId, actor }));

describe("accounts.update", () => {
  test("changes what it names, runs the hook, and refuses what a field cannot hold", async () => {
    const { account } = await t.person();
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
    const { account, email } = await t.person();
    const [first, second] = [newEmail(), newEmail()];
    expect(await t.auth.accounts.update("user", account, { email: first })).toMatchObject({ email });
    expect(await t.mailsTo(email)).toHaveLength(1);
    const link = t.linkTo(first);
    const sure = { confirmed: true };
    expect(await t.auth.accounts.update("user", account, { email: second }, sure)).toMatchObject({
      email: second,
      uid: second,
    });
    // The link of before must not take the address back.
    await t.auth.handle(new Request(link));
    expect(await t.auth.accounts.find("user", account.id)).toMatchObject({ email: second });
    const { email: taken } = await t.person();
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
    const { account, email, held } = await t.person();
    await t.auth.accounts.mailPasswordLink("user", account);
    const reset_password_token = new URL(t.linkTo(email)).searchParams.get("reset_password_token");
    await t.auth.accounts.setPassword("user", account, next);
    expect((await t.request("GET /auth/validate_token", { headers: held })).status).toBe(401);
    expect((await t.signIn(email)).status).toBe(401);
    expect((await t.signIn(email, next)).status).toBe(200);
    const body = { reset_password_token, password, password_confirmation: password };
    expect((await t.request("PUT /auth/password", { body })).status).toBe(401);
    expect((await t.mailsTo(email)).join()).toMatch(/password.*changed/i);
  });

  test("obeys the policy, and changes nothing otherwise (shape 30)", async () => {
    const { account, email, held } = await t.person();
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
    expect((await t.signIn(email)).status).toBe(200);
    expect((await t.auth.handle(new Request(link))).status).toBe(404);
    const count = t.events.length;
    await t.auth.accounts.confirm("user", account);
    expect(t.events).toHaveLength(count);
    await expect(t.auth.accounts.confirm("user", 9999)).rejects.toMatchObject({ code: "account_not_found" });
  });
});

describe("events of changes", () => {
  test("say that code made them, on whose behalf, or that the owner did (shape 31)", async () => {
    const { account, email } = await t.person();
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
    const headers = credentialsOf(await t.signIn(email, next));
    await t.request("PUT /auth", { headers, body: { name: "Ada L." } });
    expect(lastEvents(1)).toEqual([{ name: "account.updated", accountId, actor: { kind: "owner" } }]);
    await t.signIn(email, "wrong violet hour");
    expect(lastEvents(1)).toEqual([{ name: "sign_in.failed", accountId, actor: undefined }]);
    await t.auth.accounts.endSessions("user", account, options);
    await t.auth.accounts.delete("user", account, options);
    expect(lastEvents(2)).toEqual([
      { name: "session.ended", accountId, actor: lea },
      { name: "account.deleted", accountId, actor: lea },
    ]);
  });
});

describe("accounts.forgetKnownDevices", () => {
  test("forgets one device of the list, or all, says who did it, and ends no session", async () => {
    const { account, email, held } = await t.person();
    const accountId = String(account.id);
    await t.signIn(email);
    const devices = await t.auth.accounts.listKnownDevices("user", account);
    expect(devices.length).toBeGreaterThan(1);
    const { id = "" } = devices[0] ?? {};
    const options = { actor: "support: Lea", id };
    expect(await t.auth.accounts.forgetKnownDevices("user", account, options)).toBe(1);
    expect(lastEvents(1)).toEqual([
      { name: "device.forgotten", accountId, actor: { kind: "code", name: "support: Lea" } },
    ]);
    const count = t.events.length;
    expect(await t.auth.accounts.forgetKnownDevices("user", account, options)).toBe(0);
    expect(await t.auth.accounts.forgetKnownDevices("user", 9999)).toBe(0);
    expect(t.events).toHaveLength(count);
    await expect(t.auth.accounts.forgetKnownDevices("user", account, { id: 1 as never })).rejects.toThrow(
      TypeError,
    );
    expect((await t.auth.accounts.listKnownDevices("user", account)).map((one) => one.id)).not.toContain(id);
    expect(await t.auth.accounts.forgetKnownDevices("user", account)).toBe(devices.length - 1);
    expect(await t.auth.accounts.listKnownDevices("user", account)).toEqual([]);
    expect(await t.auth.accounts.listKnownDevices("user", 9999)).toEqual([]);
    expect((await t.request("GET /auth/validate_token", { headers: held })).status).toBe(200);
  });
});

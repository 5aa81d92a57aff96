import { describe, expect, test } from "vitest";
import { AuthError } from "../src/errors.js";
import { ada, confirm_success_url, email, start } from "./fixtures/hooks.js";
import { followReset, password } from "./fixtures/http.js";

describe("after", () => {
  /** Hooks that note what they are told, a moment later. */
  function noting() {
    const told: unknown[] = [];
    const note = (name: string) => async (given: object) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      told.push([name, given]);
    };
    const hooks = {
      afterCreate: note("afterCreate"),
      afterSignIn: note("afterSignIn"),
      afterDelete: note("afterDelete"),
    };
    return { told, hooks: { user: hooks, admin: hooks } };
  }
  const account = expect.objectContaining({ uid: email, created_at: expect.any(String) });

  test("registering, signing in and deleting: each is told, and the answer waits for it", async () => {
    const { told, hooks } = noting();
    const t = await start(hooks);
    await t.ask("POST /auth", ada);
    expect(told.splice(0)).toEqual([["afterCreate", account]]);
    await t.auth.handle(new Request(t.linkTo(email)));
    await t.ask("POST /auth/sign_in", { email, password: "wrong" });
    expect(told).toEqual([]);
    const { held } = await t.ask("POST /auth/sign_in", { email, password });
    expect(told.splice(0)).toEqual([["afterSignIn", { account, client: held["client"] }]]);
    await t.ask("GET /auth/validate_token", undefined, held);
    await t.ask("DELETE /auth", undefined, held);
    expect(told).toEqual([["afterDelete", account]]);
  });

  test("registering where nothing must be confirmed signs in; deleting from the app's own code deletes", async () => {
    const { told, hooks } = noting();
    const t = await start(hooks);
    const { body, held } = await t.ask("POST /admin_auth", { email, password });
    await t.auth.accounts.delete("admin", Number(body.data["id"]));
    expect(told).toEqual([
      ["afterCreate", account],
      ["afterSignIn", { account, client: held["client"] }],
      ["afterDelete", account],
    ]);
  });

  test("a reset link signs in when the new password is set, not when it is visited", async () => {
    const { told, hooks } = noting();
    const t = await start(hooks);
    await t.signUp();
    const next = { password: "another quiet hour", password_confirmation: "another quiet hour" };
    told.length = 0;
    const link = await followReset(t, email, confirm_success_url);
    expect(told).toEqual([]);
    const { client = "", token = "", uid = "", reset_password_token = "" } = link;
    await t.ask("PUT /auth/password", next, { client, uid, "access-token": token });
    expect(told.splice(0)).toEqual([["afterSignIn", { account, client }]]);

    await t.ask("POST /auth/password", { email, redirect_url: confirm_success_url });
    expect(reset_password_token).not.toBe("");
    const secret = new URL(t.linkTo(email)).searchParams.get("reset_password_token");
    const set = await t.ask("PUT /auth/password", { ...next, reset_password_token: secret });
    expect(told.splice(0)).toEqual([["afterSignIn", { account, client: set.held["client"] }]]);
    // Whoever is signed in and sets a password is not signed in once more.
    await t.ask("PUT /auth/password", next, set.held);
    expect(told).toEqual([]);
  });

  test("an account whose mail could not be sent was never registered", async () => {
    const { told, hooks } = noting();
    const send = async () => {
      throw new Error("no mail server");
    };
    const t = await start(hooks, { mail: { from: "a@example.com", send } });
    expect((await t.ask("POST /auth", ada)).status).toBe(503);
    expect(told).toEqual([]);
  });

  test("one that throws is logged and changes no answer", async () => {
    const fail = (): never => {
      throw new AuthError("invalid", { problems: { base: "too late to refuse" } });
    };
    const t = await start({
      user: { afterCreate: fail, afterSignIn: async () => fail(), afterDelete: fail },
    });
    const registered = await t.ask("POST /auth", ada);
    await t.auth.handle(new Request(t.linkTo(email)));
    const { status, held } = await t.ask("POST /auth/sign_in", { email, password });
    const deleted = await t.ask("DELETE /auth", undefined, held);
    expect([registered.status, status, deleted.status]).toEqual([200, 200, 200]);
    expect(t.logged).toEqual([
      "Error: hooks.user.afterCreate failed",
      "Error: hooks.user.afterSignIn failed",
      "Error: hooks.user.afterDelete failed",
    ]);
    expect(await t.stored()).toBeUndefined();
  });
});

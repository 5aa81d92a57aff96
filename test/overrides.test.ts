import { expect, test } from "vitest";
import type { Override } from "../src/accounts/overrides.js";
import { ada, confirm_success_url, email, type models, start } from "./fixtures/hooks.js";
import { password } from "./fixtures/http.js";

/** A method of the app's model, as in the example of devise_token_auth. */
const operatingThetan = (account: { readonly age: number | null }) => (account.age ?? 0) + 1;

test("validate_token shows a method of the model, and carries the next token all the same", async () => {
  const validateToken: Override<typeof models.user, "validateToken"> = async (call, original) => {
    const { status, body } = await original();
    return {
      status,
      body: { ...body, data: { ...body.data, operating_thetan: operatingThetan(call.account) } },
    };
  };
  const t = await start({}, { overrides: { user: { validateToken } } });
  const { held } = await t.signUp();
  t.clock.forward("6s");
  const validated = await t.ask("GET /auth/validate_token", undefined, held);
  expect([validated.status, validated.body.success]).toEqual([200, true]);
  expect(validated.body.data).toMatchObject({ uid: email, name: "Ada", operating_thetan: 1 });
  expect(validated.held["access-token"]).toBeTruthy();
  expect(validated.held["access-token"]).not.toBe(held["access-token"]);
  expect(validated.headers.get("cache-control")).toBe("no-store");
  // Both methods are one action.
  const posted = await t.ask("POST /auth/validate_token", {}, validated.held);
  expect(posted.body.data).toMatchObject({ operating_thetan: 1 });
});

test("one function serves two models: each sees its own account, and both keep their tokens", async () => {
  const seen: unknown[] = [];
  const shared: Override = async ({ model, action, account, client, caller }, original) => {
    const response = await original();
    seen.push([model, action, account?.uid, typeof client, caller.address]);
    return { ...response, body: { ...response.body, model } };
  };
  const overrides = {
    user: { validateToken: shared, updateAccount: shared },
    admin: { validateToken: shared, updateAccount: shared },
  };
  const t = await start({}, { overrides });
  const user = await t.signUp();
  const admin = await t.ask("POST /admin_auth", { email: "grace@example.com", password });
  for (const [mount, { held }, uid] of [
    ["/auth", user, email],
    ["/admin_auth", admin, "grace@example.com"],
  ] as const) {
    t.clock.forward("6s");
    const first = await t.ask(`GET ${mount}/validate_token`, undefined, held);
    t.clock.forward("6s");
    const second = await t.ask(`PUT ${mount}`, { email: uid }, first.held);
    const tokens = [held, first.held, second.held].map((one) => one["access-token"]);
    expect(new Set(tokens).size).toBe(3);
    expect([first.body, second.body]).toMatchObject([{ data: { uid } }, { data: { uid } }]);
  }
  expect(seen).toEqual([
    ["user", "validateToken", email, "string", null],
    ["user", "updateAccount", email, "string", null],
    ["admin", "validateToken", "grace@example.com", "string", null],
    ["admin", "updateAccount", "grace@example.com", "string", null],
  ]);
});

test("an action that is replaced without calling the original still carries the token", async () => {
  const t = await start(
    {},
    { overrides: { user: { validateToken: () => ({ status: 203, body: { mine: 1 } }) } } },
  );
  const { held } = await t.signUp();
  t.clock.forward("6s");
  const validated = await t.ask("GET /auth/validate_token", undefined, held);
  expect([validated.status, validated.body]).toEqual([203, { mine: 1 }]);
  expect(validated.held["access-token"]).not.toBe(held["access-token"]);
  t.clock.forward("6s");
  expect((await t.ask("GET /auth/validate_token", undefined, validated.held)).status).toBe(203);
  // Whoever is not signed in does not reach it.
  expect((await t.ask("GET /auth/validate_token")).body.code).toBe("invalid_token");
});

test("the account is null until there is one, and then what the original has made of it", async () => {
  const seen: unknown[] = [];
  const watch: Override<typeof models.user> = async (call, original) => {
    const before = call.account;
    const response = await original();
    seen.push([call.action, before?.name, call.account?.name, before !== null || call.account !== null]);
    return response;
  };
  const user = {
    register: watch,
    confirmAddress: watch,
    signIn: watch,
    updateAccount: watch,
    requestPasswordReset: watch,
    followResetLink: watch,
    setPassword: watch,
    signOut: watch,
    deleteAccount: watch,
  };
  const t = await start({}, { overrides: { user } });
  const { held } = await t.signUp();
  await t.ask("PUT /auth", { name: "Countess" }, held);
  await t.ask("POST /auth/password", { email, redirect_url: confirm_success_url });
  await t.auth.handle(new Request(t.linkTo(email)));
  const next = { password, password_confirmation: password };
  const set = await t.ask("PUT /auth/password", next, held);
  await t.ask("DELETE /auth/sign_out", undefined, set.held);
  const again = await t.ask("POST /auth/sign_in", { email, password });
  await t.ask("DELETE /auth", undefined, again.held);
  expect(seen).toEqual([
    ["register", undefined, "Ada", true],
    ["confirmAddress", undefined, "Ada", true],
    ["signIn", undefined, "Ada", true],
    ["updateAccount", "Ada", "Countess", true],
    // Whoever asks for a link has proven nothing.
    ["requestPasswordReset", undefined, undefined, false],
    ["followResetLink", undefined, "Countess", true],
    ["setPassword", "Countess", "Countess", true],
    ["signOut", "Countess", "Countess", true],
    ["signIn", undefined, "Countess", true],
    ["deleteAccount", "Countess", "Countess", true],
  ]);
});

test("the original takes other parameters in the place of single ones", async () => {
  const signIn: Override<typeof models.user, "signIn"> = async ({ params }, original) =>
    original({ email: `${params["username"]}@example.com` });
  const t = await start({}, { overrides: { user: { signIn } } });
  await t.signUp();
  const { status, held } = await t.ask("POST /auth/sign_in", { username: "ada", password });
  expect([status, held["uid"]]).toEqual([200, email]);
});

test("what an override is given are copies, and params that no prototype shines through", async () => {
  const validateToken: Override = async (call, original) => {
    Object.assign(call.account ?? {}, { uid: "eve" });
    expect(call.params["constructor"]).toBeUndefined();
    expect(call.header("UID")).toBe(email);
    return original();
  };
  const t = await start({}, { overrides: { user: { validateToken } } });
  const { held } = await t.signUp();
  const validated = await t.ask("GET /auth/validate_token", undefined, held);
  expect([validated.status, validated.body.data["uid"], validated.held["uid"]]).toEqual([200, email, email]);
});

test("signing out takes the cookie away, whatever the override responds", async () => {
  const signOut: Override = async (_call, original) => {
    await original();
    return { status: 204 };
  };
  const t = await start({}, { cookieEnabled: true, overrides: { user: { signOut } } });
  const { held } = await t.signUp();
  const response = await t.request("DELETE /auth/sign_out", { headers: held });
  expect([response.status, await response.text()]).toEqual([204, ""]);
  expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-keyturn=;.*Max-Age=0/)]);
  expect(response.headers.get("access-token")).toBeNull();
});

test("a page or a redirect of the original can be changed, and keeps its policy", async () => {
  const confirmAddress: Override<typeof models.user, "confirmAddress"> = async ({ account }, original) => {
    const response = await original();
    if (response.redirect !== undefined) return { redirect: `${response.redirect}&from=override` };
    return { ...response, html: (response.html ?? "").replace("<h1>", `<h1>${account === null}: `) };
  };
  const t = await start({}, { overrides: { user: { confirmAddress } } });
  await t.ask("POST /auth", ada);
  const link = t.linkTo(email);
  const redirected = await t.auth.handle(new Request(link));
  expect([redirected.status, redirected.headers.get("location")]).toEqual([
    302,
    "http://localhost:5173/?account_confirmation_success=true&from=override",
  ]);
  const page = await t.auth.handle(new Request(link.replace(/&redirect_url=[^&]*/, "")));
  expect(await page.text()).toContain("<h1>true: Address confirmed");
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
});

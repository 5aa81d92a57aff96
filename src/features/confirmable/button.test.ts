import { describe, expect, test } from "vitest";
import { pressOf } from "../../../test/fixtures/button.js";
import { ada, bodyOf, password, signIn, startAuth } from "../../../test/fixtures/http.js";
import { app, credentialsIn, type OAuth, resultOf, startOAuth } from "../../../test/fixtures/oauth.js";
import { createPasswordHasher } from "../../accounts/password-hasher.js";
import { credentialsOf } from "../../testing/testing.js";

/** Mail scanners follow the links of a mail, each with a GET of its own, and press no buttons. */

const { email } = ada;
const next = { password: "another violet hour", password_confirmation: "another violet hour" };
const success = `${app}?account_confirmation_success=true`;

/** What both fixtures have. */
interface Server {
  readonly auth: { handle(request: Request): Promise<Response> };
}

const visit = (t: Server, link: string) => t.auth.handle(new Request(link));
const press = async (t: Server, page: Response) => t.auth.handle(await pressOf(page));
const passwordStatus = async (t: Server, of: string, given: string) => {
  const [headers, body] = [
    { "content-type": "application/json" },
    JSON.stringify({ email: of, password: given }),
  ];
  const request = new Request("http://localhost:3000/auth/sign_in", { method: "POST", headers, body });
  return (await t.auth.handle(request)).status;
};

/** Somebody signs in with a provider that has verified nothing, and names an address that need not be theirs. */
async function squat(t: OAuth) {
  t.provider.person = { sub: "squatter", email, email_verified: false };
  return credentialsIn(resultOf(await t.browser().signIn("/auth/example")));
}

async function isConfirmed(t: OAuth): Promise<boolean> {
  const [model] = t.connected.models;
  const record = model && (await t.connected.store?.accounts.findByEmail(model, email));
  if (!record) throw new Error("There is no account");
  return record.confirmedAt !== null;
}

/** The secret of a new reset link. */
async function resetSecret(t: OAuth) {
  await t.request("POST /auth/password", { body: { email, redirect_url: app } });
  return new URL(t.linkTo(email)).searchParams.get("reset_password_token");
}

describe("the confirmation link of an account that a provider's sign-in made", () => {
  test("confirms nothing by itself, however often a scanner follows it; its button does (security 24)", async () => {
    const t = await startOAuth();
    await squat(t);
    const link = t.linkTo(email);
    for (const page of [await visit(t, link), await visit(t, link)]) {
      expect([page.status, page.headers.get("location")]).toEqual([200, null]);
      expect(page.headers.get("content-security-policy")).toContain(
        "form-action http://localhost:3000 http://localhost:5173;",
      );
    }
    expect(await isConfirmed(t)).toBe(false);
    const done = await press(t, await visit(t, link));
    expect([done.status, done.headers.get("location")]).toEqual([302, success]);
    expect(await isConfirmed(t)).toBe(true);
    expect((await visit(t, link)).headers.get("location")).toBe(success);
  });

  test("shows the same when it is asked for again", async () => {
    const t = await startOAuth();
    await squat(t);
    await t.request("POST /auth/confirmation", { body: { email, redirect_url: app } });
    expect((await visit(t, t.linkTo(email))).status).toBe(200);
    expect(await isConfirmed(t)).toBe(false);
  });

  test("moves the account to another address by its button only", async () => {
    const t = await startOAuth();
    t.provider.person = { sub: "squatter", email: "eve@example.com", email_verified: true };
    const headers = credentialsIn(resultOf(await t.browser().signIn("/auth/example")));
    await t.request("PUT /auth", { body: { email, redirect_url: app }, headers });
    const page = await visit(t, t.linkTo(email));
    expect(page.status).toBe(200);
    const before = await t.request("GET /auth/validate_token", { headers });
    expect((await bodyOf(before)).data["email"]).toBe("eve@example.com");
    expect((await press(t, page)).headers.get("location")).toBe(success);
    const after = await t.request("GET /auth/validate_token", { headers });
    expect((await bodyOf(after)).data["email"]).toBe(email);
  });

  test("leads nowhere that the allow-list does not have, and says no more than the link did", async () => {
    const t = await startOAuth();
    await squat(t);
    const link = new URL(t.linkTo(email));
    link.searchParams.set("redirect_url", 'https://evil.example/"><script>');
    const page = await visit(t, link.href);
    expect(await page.clone().text()).not.toContain("evil.example");
    const done = await press(t, page);
    expect([done.status, done.headers.get("location")]).toEqual([200, null]);
    expect(await isConfirmed(t)).toBe(true);
  });

  test("redirects with false, without a page, once it is over", async () => {
    const t = await startOAuth({ confirmWithin: "1h" });
    await squat(t);
    const [link, page] = [t.linkTo(email), await visit(t, t.linkTo(email))];
    t.clock.forward("61m");
    const failure = `${app}?account_confirmation_success=false`;
    expect((await visit(t, link)).headers.get("location")).toBe(failure);
    expect((await press(t, page)).headers.get("location")).toBe(failure);
    expect(await isConfirmed(t)).toBe(false);
  });

  test("speaks the language of the mail, and so does what follows its button", async () => {
    const t = await startOAuth({ locales: ["en", "de"], chooseLocale: () => "de" });
    t.provider.person = { sub: "squatter", email, email_verified: false };
    await t.browser().signIn("/auth/example");
    const link = new URL(t.linkTo(email));
    link.searchParams.delete("redirect_url");
    const page = await visit(t, link.href);
    expect([page.headers.get("content-language"), await page.clone().text()]).toEqual([
      "de",
      expect.stringContaining("<button>Adresse bestätigen</button>"),
    ]);
    const request = await pressOf(page);
    expect(new URL(request.url).searchParams.get("locale")).toBe("de");
  });
});

describe("the confirmation link of a registration with a password", () => {
  test("confirms by itself, as old clients know it, also where people may come from a provider", async () => {
    const t = await startOAuth();
    await t.request("POST /auth", { body: { email, password, confirm_success_url: app } });
    expect((await visit(t, t.linkTo(email))).headers.get("location")).toBe(success);
  });

  test("has a button too with confirmByButton, and so has a new address", async () => {
    const t = await startAuth({ confirmByButton: true });
    await t.request("POST /auth", { body: { email, password, confirm_success_url: app } });
    const page = await visit(t, t.linkTo(email));
    expect([page.status, await signIn(t)]).toEqual([200, {}]);
    expect((await press(t, page)).headers.get("location")).toBe(success);
    const headers = await signIn(t);
    await t.request("PUT /auth", { body: { email: "new@example.com", redirect_url: app }, headers });
    const moved = await visit(t, t.linkTo("new@example.com"));
    expect(moved.status).toBe(200);
    expect(await signIn(t, { email: "new@example.com", password })).toEqual({});
    await press(t, moved);
    expect(await signIn(t, { email: "new@example.com", password })).not.toEqual({});
    await t.auth.close();
  });

  test("is not undone by a button whose address was confirmed meanwhile", async () => {
    const t = await startAuth({ confirmByButton: true });
    await t.request("POST /auth", { body: { email, password, confirm_success_url: app } });
    const page = await visit(t, t.linkTo(email));
    for (const done of [await press(t, page), await press(t, page)])
      expect(done.headers.get("location")).toBe(success);
    await t.auth.close();
  });
});

describe("a reset by mail of an account without a password (security 41)", () => {
  const confirmed = async (t: OAuth) => {
    const squatter = await squat(t);
    await press(t, await visit(t, t.linkTo(email)));
    t.clock.forward("2m");
    return squatter;
  };

  test("gives it to whoever reads the mail, also where the address was confirmed: a stranger's identity and sessions go", async () => {
    const t = await startOAuth();
    const squatter = await confirmed(t);
    const body = { ...next, reset_password_token: await resetSecret(t) };
    const response = await t.request("PUT /auth/password", { body });
    const { data } = await bodyOf(response.clone());
    expect([response.status, data["uid"], data["provider"]]).toEqual([200, email, "email"]);
    expect((await t.request("GET /auth/validate_token", { headers: squatter })).status).toBe(401);
    expect(resultOf(await t.browser().signIn("/auth/example"))["error"]).toBe("email_taken");
    expect(await passwordStatus(t, email, next.password)).toBe(200);
    const { password_confirmation, ...current } = next;
    const changed = await t.request("PUT /auth/password", {
      body: { password, password_confirmation: password, current_password: current.password },
      headers: credentialsOf(response),
    });
    expect([changed.status, password_confirmation]).toEqual([200, current.password]);
  });

  test("costs somebody nothing whose provider vouches for the address", async () => {
    const t = await startOAuth();
    t.provider.person = { sub: "ada", email, email_verified: true };
    await t.browser().signIn("/auth/example");
    const body = { ...next, reset_password_token: await resetSecret(t) };
    expect((await t.request("PUT /auth/password", { body })).status).toBe(200);
    expect(resultOf(await t.browser().signIn("/auth/example"))["uid"]).toBe(email);
  });

  test("leaves its identities and other sessions where the settings say so, under the new uid", async () => {
    const t = await startOAuth({
      removeIdentitiesAfterPasswordReset: false,
      removeTokensAfterPasswordReset: false,
    });
    const headers = await confirmed(t);
    const body = { ...next, reset_password_token: await resetSecret(t) };
    expect((await t.request("PUT /auth/password", { body })).status).toBe(200);
    const other = await t.request("GET /auth/validate_token", { headers });
    expect([other.status, other.headers.get("uid")]).toEqual([200, email]);
    expect(resultOf(await t.browser().signIn("/auth/example"))["uid"]).toBe(email);
    expect(await passwordStatus(t, email, next.password)).toBe(200);
  });

  test("takes an account over that devise_token_auth made and that has no identity of ours yet", async () => {
    const t = await startOAuth();
    const { store, models } = t.connected;
    const [model] = models;
    if (!store || !model) throw new Error("The store was not opened");
    await store.accounts.create(model, {
      provider: "example",
      uid: "ada-1815",
      email,
      passwordHash: await createPasswordHasher().hash("random, as the gem makes it"),
      confirmed: true,
      fields: {},
    });
    const body = { ...next, reset_password_token: await resetSecret(t) };
    const response = await t.request("PUT /auth/password", { body });
    expect([response.status, (await bodyOf(response)).data["uid"]]).toEqual([200, email]);
  });

  test("by an operator's link does the same; without an address there is none", async () => {
    const t = await startOAuth({}, { emailRequired: false });
    t.provider.person = { sub: "ada", email, email_verified: true };
    await t.browser().signIn("/auth/example");
    const [known] = (await t.auth.accounts.list("user", {})).accounts;
    const id = String(known?.account.id);
    const link = new URL(await t.auth.accounts.createPasswordLink("user", id, { redirectUrl: app }));
    const secret = link.searchParams.get("reset_password_token");
    const body = { ...next, reset_password_token: secret };
    expect((await t.request("PUT /auth/password", { body })).status).toBe(200);
    t.provider.person = { sub: "grace" };
    const { uid } = resultOf(await t.browser().signIn("/auth/example"));
    const grace = (await t.auth.accounts.list("user", {})).accounts.find(
      ({ account }) => account.uid === uid,
    );
    await expect(
      t.auth.accounts.createPasswordLink("user", String(grace?.account.id), { redirectUrl: app }),
    ).rejects.toMatchObject({ code: "password_not_required" });
  });

  test("is refused to a session that did not come from the mail, as in the gem", async () => {
    const t = await startOAuth();
    const headers = await squat(t);
    const refused = await t.request("PUT /auth/password", { body: next, headers });
    expect([refused.status, (await bodyOf(refused)).code]).toEqual([422, "password_not_required"]);
  });
});

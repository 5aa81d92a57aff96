import { describe, expect, test } from "vitest";
import { pressOf } from "../../../test/fixtures/button.js";
import { bodyOf } from "../../../test/fixtures/http.js";
import { credentialsIn, resultOf, startOAuth } from "../../../test/fixtures/oauth.js";
import { createPasswordHasher } from "../../accounts/password-hasher.js";
import { credentialsOf } from "../../testing/testing.js";

const password = "a quiet violet hour";
const email = "ada@example.com";
const confirm_success_url = "http://localhost:5173/";

type OAuth = Awaited<ReturnType<typeof startOAuth>>;

async function register({ auth, request, linkTo }: OAuth, { confirmed = true } = {}) {
  await request("POST /auth", { body: { email, password, confirm_success_url } });
  if (confirmed) await auth.handle(new Request(linkTo(email)));
}

// A number past 2^53 in JSON; Node 20 can write it as text only.
const asNumber = (id: string): unknown => Reflect.get(JSON, "rawJSON")?.(id) ?? id;

const signInByPassword = ({ request }: OAuth) => request("POST /auth/sign_in", { body: { email, password } });

describe("an account with the same address (security 41)", () => {
  test("is linked if both sides have verified it; its password stays, because its owner is proven", async () => {
    const t = await startOAuth();
    await register(t);
    const result = resultOf(await t.browser().signIn("/auth/example"));
    expect([result["uid"], result["oauth_registration"]]).toEqual([email, undefined]);
    expect((await signInByPassword(t)).status).toBe(200);
    expect(t.events.filter(({ name }) => name === "identity.linked")).toHaveLength(1);
  });

  test.each<[string, unknown]>([
    ["says no", false],
    ["says nothing (case 22)", undefined],
    ["says it in another type", "true"],
  ])("is not touched if the provider %s about the address", async (_name, email_verified) => {
    const t = await startOAuth();
    await register(t);
    t.provider.person = { ...t.provider.person, email_verified };
    expect(resultOf(await t.browser().signIn("/auth/example"))).toEqual({
      blank: "true",
      error: "email_taken",
    });
    expect((await signInByPassword(t)).status).toBe(200);
  });

  test("of somebody who registered first and waits: password, session and links are gone (case 22)", async () => {
    const t = await startOAuth();
    await register(t, { confirmed: false });
    const squatted = await t.auth.accounts.findByEmail("user", email);
    const held = await t.auth.createNewAuthToken("user", squatted?.id ?? 0);
    const link = t.linkTo(email);
    const result = resultOf(await t.browser().signIn("/auth/example"));
    expect(result["error"]).toBeUndefined();
    const mine = await t.request("GET /auth/validate_token", { headers: credentialsIn(result) });
    expect((await bodyOf(mine)).data["id"]).toBe(squatted?.id);
    expect((await signInByPassword(t)).status).toBe(401);
    expect((await t.request("GET /auth/validate_token", { headers: held })).status).toBe(401);
    const confirmed = await t.auth.handle(new Request(link));
    expect(confirmed.headers.get("location")).toContain("account_confirmation_success=false");
  });

  test("of somebody who came first with another identity and an unproven address is the owner's alone (case 22)", async () => {
    const t = await startOAuth();
    t.provider.person = { sub: "squatter", email, email_verified: false };
    const squatter = credentialsIn(resultOf(await t.browser().signIn("/auth/example")));
    t.provider.person = { sub: "owner", email, email_verified: true };
    const owner = resultOf(await t.browser().signIn("/auth/example"));
    expect([owner["error"], owner["uid"]]).toEqual([undefined, email]);
    expect((await t.request("GET /auth/validate_token", { headers: squatter })).status).toBe(401);
    t.provider.person = { sub: "squatter", email, email_verified: false };
    expect(resultOf(await t.browser().signIn("/auth/example"))).toEqual({
      blank: "true",
      error: "email_taken",
    });
  });

  test("of a model that confirms nothing is never linked by its address", async () => {
    const t = await startOAuth();
    await t.request("POST /admin_auth", { body: { email, password } });
    expect(resultOf(await t.browser().signIn("/admin_auth/example"))).toEqual({
      blank: "true",
      error: "email_taken",
    });
  });
});

describe("a person who comes back", () => {
  test("is found by the identity alone: a new address at the provider changes nothing here (case 23)", async () => {
    const t = await startOAuth();
    await t.browser().signIn("/auth/example");
    const account = await t.auth.accounts.findByEmail("user", email);
    t.provider.person = { ...t.provider.person, email: "ada.king@example.com", name: "Ada King" };
    const result = resultOf(await t.browser().signIn("/auth/example"));
    expect(result["oauth_registration"]).toBeUndefined();
    expect(await t.auth.accounts.find("user", account?.id ?? 0)).toEqual(account);
    expect(await t.auth.accounts.findByEmail("user", "ada.king@example.com")).toBeUndefined();
  });

  test("a recycled address is somebody else (case 23)", async () => {
    const t = await startOAuth();
    await t.browser().signIn("/auth/example");
    t.provider.person = { ...t.provider.person, sub: "another-person", email_verified: false };
    expect(resultOf(await t.browser().signIn("/auth/example"))).toEqual({
      blank: "true",
      error: "email_taken",
    });
  });

  test("20 sign-ins at once of somebody new make one account", async () => {
    const t = await startOAuth();
    const results = await Promise.all(
      Array.from({ length: 20 }, async () => resultOf(await t.browser().signIn("/auth/example"))),
    );
    const ids = new Set<unknown>();
    for (const result of results) {
      const valid = await t.request("GET /auth/validate_token", { headers: credentialsIn(result) });
      if (valid.status === 200) ids.add((await bodyOf(valid)).data["id"]);
    }
    expect(results.map(({ error }) => error).filter(Boolean)).toEqual([]);
    expect(results.filter(({ oauth_registration }) => oauth_registration)).toHaveLength(1);
    expect(t.events.filter(({ name }) => name === "account.registered")).toHaveLength(1);
    expect(ids.size).toBe(1);
  });

  test("two models with one provider have an account each, and neither's credentials are the other's", async () => {
    const t = await startOAuth();
    const browser = t.browser();
    const user = resultOf(await browser.signIn("/auth/example"));
    const admin = resultOf(await browser.signIn("/admin_auth/example"));
    expect([user["oauth_registration"], admin["oauth_registration"]]).toEqual(["true", "true"]);
    const status = async (route: string, result: Record<string, string>) =>
      (await t.request(`GET ${route}/validate_token`, { headers: credentialsIn(result) })).status;
    expect([await status("/auth", user), await status("/admin_auth", admin)]).toEqual([200, 200]);
    expect([await status("/admin_auth", user), await status("/auth", admin)]).toEqual([401, 401]);
  });

  test("an account that devise_token_auth made is found by its provider and uid", async () => {
    const { sqlite } = await import("../../database/sqlite/sqlite.js");
    const database = sqlite(":memory:");
    let made: unknown;
    const older: typeof database = {
      async connect(options) {
        const store = await database.connect(options);
        const [model] = options.models;
        const migrate: typeof store.migrate = async (mode) => {
          const warnings = await store.migrate(mode);
          const account = {
            provider: "example",
            uid: "ada-1815",
            email,
            passwordHash: "x",
            confirmed: true,
            fields: {},
          };
          const record = model && (await store.accounts.create(model, account));
          made = record && record !== "taken" ? record.account.id : undefined;
          return warnings;
        };
        return { ...store, migrate };
      },
    };
    const t = await startOAuth({ database: older });
    const result = resultOf(await t.browser().signIn("/auth/example"));
    expect([result["uid"], result["oauth_registration"]]).toEqual(["ada-1815", undefined]);
    const valid = await t.request("GET /auth/validate_token", { headers: credentialsIn(result) });
    expect((await bodyOf(valid)).data["id"]).toBe(made);
  });
});

describe("addresses and names", () => {
  test("without an address there is no account, and nothing half-made (case 25)", async () => {
    const t = await startOAuth();
    t.provider.person = { sub: "ada-1815", name: "Ada Lovelace" };
    expect(resultOf(await t.browser().signIn("/auth/example"))).toEqual({
      blank: "true",
      error: "email_required",
    });
    expect(t.events.filter(({ name }) => name === "account.registered")).toEqual([]);
    t.provider.person = { ...t.provider.person, email: "no address", email_verified: true };
    expect(resultOf(await t.browser().signIn("/auth/example"))).toEqual({
      blank: "true",
      error: "email_required",
    });
  });

  test("a name that is told once is there when the account comes later, and is never blanked (case 26)", async () => {
    const t = await startOAuth();
    t.provider.person = { sub: "ada-1815", name: "Ada Lovelace" };
    await t.browser().signIn("/auth/example");
    t.provider.person = { sub: "ada-1815", email, email_verified: true };
    for (let i = 0; i < 2; i++) {
      const held = credentialsIn(resultOf(await t.browser().signIn("/auth/example")));
      const listed = await t.request("GET /auth/identities", { headers: held });
      expect(await listed.json()).toMatchObject({
        data: [{ name: "Ada Lovelace", uid: "ada-1815", provider: "example" }],
      });
    }
  });

  test("an unverified address is confirmed by mail, and signing in by the identity goes on", async () => {
    const t = await startOAuth();
    t.provider.person = { ...t.provider.person, email_verified: false };
    const result = resultOf(await t.browser().signIn("/auth/example"));
    expect(result["uid"]).toBe("ada-1815");
    const link = new URL(t.linkTo(email));
    expect(link.pathname).toBe("/auth/confirmation");
    const page = await t.auth.handle(new Request(link));
    const confirmed = await t.auth.handle(await pressOf(page));
    expect(confirmed.headers.get("location")).toContain("account_confirmation_success=true");
  });

  test("fields of the sign-up come along, those that a client may write, and the profile fills the rest", async () => {
    const t = await startOAuth();
    t.provider.person = { ...t.provider.person, nickname: "from-provider" };
    await t
      .browser()
      .signIn("/auth/example", { nickname: "countess", plan: "gold", provider: "email", uid: "x" });
    const account = await t.auth.accounts.findByEmail("user", email);
    expect(account).toMatchObject({
      name: "Ada Lovelace",
      nickname: "countess",
      plan: null,
      uid: "ada-1815",
    });
  });

  test("a field that does not fit is a failure with a code, and no account", async () => {
    const t = await startOAuth();
    const result = resultOf(await t.browser().signIn("/auth/example", { nickname: "x".repeat(300) }));
    expect(result).toEqual({ blank: "true", error: "invalid" });
    expect(await t.auth.accounts.findByEmail("user", email)).toBeUndefined();
  });

  test("ids that are numbers are text, also past 2^53 (case 24)", async () => {
    const { oauth2 } = await import("./providers/oauth2.js");
    const t = await startOAuth();
    const { url } = t.provider;
    const own = await startOAuth({
      providers: {
        example: oauth2({
          label: "Numbers",
          issuer: url,
          clientId: "app",
          clientSecret: "s",
          authorizationEndpoint: `${url}/authorize`,
          tokenEndpoint: `${url}/token`,
          profileEndpoint: `${url}/userinfo`,
          profile: ({ id, email: address }) => ({
            subject: String(id),
            email: String(address),
            emailVerified: true,
          }),
        }),
      },
    });
    // As JSON the first of them has no quotes.
    const ids = ["9007199254740993", "9007199254740992"];
    const uids: unknown[] = [];
    for (const [index, id] of ids.entries()) {
      t.provider.person = {};
      t.provider.lies.userinfo = (response) => {
        response.body = { id: asNumber(id), email: `person${index}@example.com` };
      };
      uids.push(resultOf(await own.browser().signIn("/auth/example"))["uid"]);
    }
    expect(uids).toEqual(ids);
  });
});

describe("the model's settings", () => {
  test("registration: false lets nobody new in by a provider, and people who are there stay", async () => {
    const t = await startOAuth({}, { registration: false });
    const hash = await createPasswordHasher().hash(password);
    const { store } = t.connected;
    const [model] = t.connected.models;
    if (!store || !model) throw new Error("The store was not opened");
    const account = { provider: "email", uid: email, email, passwordHash: hash, confirmed: true, fields: {} };
    await store.accounts.create(model, account);
    expect(resultOf(await t.browser().signIn("/auth/example"))["uid"]).toBe(email);
    t.provider.person = { ...t.provider.person, sub: "new", email: "new@example.com" };
    expect(resultOf(await t.browser().signIn("/auth/example"))).toEqual({
      blank: "true",
      error: "registration_disabled",
    });
  });

  test("an account of a provider has no password to set, as in the gem", async () => {
    const t = await startOAuth();
    const held = credentialsIn(resultOf(await t.browser().signIn("/auth/example")));
    const body = { password, password_confirmation: password };
    const refused = await t.request("PUT /auth/password", { body, headers: held });
    expect([refused.status, (await bodyOf(refused)).code]).toEqual([422, "password_not_required"]);
    expect(credentialsOf(refused)["uid"]).toBe("ada-1815");
  });
});

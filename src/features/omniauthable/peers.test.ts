import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { app, credentialsIn, example, resultOf, startOAuth } from "../../../test/fixtures/oauth.js";
import { startProvider } from "../../../test/fixtures/provider-server.js";
import { sqlite } from "../../database/sqlite/sqlite.js";
import { openSqlite } from "../../database/sqlite/sqlite-driver.js";
import { github } from "./providers/github.js";

/** Inputs that have failed elsewhere: public reports about peers, each named where the input is. */

const email = "ada@example.com";
const person = (given: object) => ({ sub: "ada-1815", email, email_verified: true, name: "Ada", ...given });

describe("what providers tell", () => {
  test.each<[string, object, object]>([
    ["an address in capitals (better-auth#7806)", { email: "Ada@Example.COM" }, { email }],
    [
      "a picture whose address no column holds (next-auth#818)",
      { picture: `https://x.example/${"p".repeat(3000)}` },
      {},
    ],
    ["a picture that is an object (omniauth)", { picture: { data: { url: "https://x.example/1" } } }, {}],
    ["a name with emoji (Autolab#1061)", { name: "Ada 🅱️👽" }, { name: "Ada 🅱️👽" }],
    ["a name with a zero byte (omniauth#550)", { name: "Ada\u0000" }, {}],
    ["half a character in the name (omniauth#460)", { name: "Ada \ud83d" }, {}],
    ["a name of ten thousand letters", { name: "a".repeat(10_000) }, {}],
    ["a name that is a number, and one that is a list", { name: 7, nickname: ["ada"] }, {}],
    ["an address with blanks around it (reactive-resume#2874)", { email: ` ${email} ` }, { email }],
  ])("%s costs at most that, and never the sign-in", async (_name, claims, account) => {
    const t = await startOAuth();
    t.provider.person = person(claims);
    const result = resultOf(await t.browser().signIn("/auth/example"));
    expect([result["error"], result["uid"]]).toEqual([undefined, "ada-1815"]);
    expect(await t.auth.accounts.findByEmail("user", email)).toMatchObject(account);
    const again = resultOf(await t.browser().signIn("/auth/example"));
    expect(again["uid"]).toBe("ada-1815");
  });

  test.each<[string, object]>([
    ["expires_in as text", { expires_in: "3600" }],
    ["no scope", { scope: undefined }],
    ["fields of its own", { ok: true, team: { id: "T1" }, error: "" }],
    ["token_type in capitals", { token_type: "BEARER" }],
  ])("a token response with %s is fine", async (_name, fields) => {
    const t = await startOAuth();
    t.provider.lies.tokens = (response) => {
      response.body = { ...response.body, ...fields };
    };
    expect(resultOf(await t.browser().signIn("/auth/example"))["uid"]).toBe("ada-1815");
  });

  test("a refresh token that comes at the first consent only is kept (django-social-auth#299, lowcoder#763)", async () => {
    const server = await startProvider();
    const t = await startOAuth({
      providers: { example: example(server, { keepTokens: true }) },
      serverKeys: ["k".repeat(43)],
    });
    let refreshed = 0;
    server.lies.tokens = (response) => {
      response.body = { ...response.body, expires_in: 1, refresh_token: "the-first" };
    };
    await t.browser().signIn("/auth/example");
    server.lies.tokens = (response) => {
      refreshed++;
      response.body = { ...response.body, expires_in: refreshed === 1 ? 1 : 3600, refresh_token: undefined };
    };
    await t.browser().signIn("/auth/example");
    const account = await t.auth.accounts.findByEmail("user", email);
    expect(await t.auth.providerToken("user", account?.id ?? 0, "example")).toEqual(expect.any(String));
    expect(refreshed).toBe(2);
  });

  test.each([
    ["https://github.com/login/oauth", undefined],
    [undefined, undefined],
    ["https://evil.example", "identity_unproven"],
  ])("GitHub's callback with iss %s (case 14; langfuse#13091)", async (iss, error) => {
    const server = await startProvider();
    const { url } = server;
    const own = {
      ...github({ clientId: "app", clientSecret: "secret" }),
      endpoints: { authorization: `${url}/authorize`, token: `${url}/token` },
      profileRequests: [{ as: "user", url: `${url}/userinfo` }],
      profile: () => ({
        subject: "1",
        email,
        emailVerified: true,
        name: null,
        nickname: null,
        image: null,
      }),
    };
    const t = await startOAuth({ providers: { example: own } });
    server.lies.redirect = (target) => {
      if (iss !== undefined) target.searchParams.set("iss", iss);
    };
    expect(resultOf(await t.browser().signIn("/auth/example"))["error"]).toBe(error);
  });
});

describe("what callbacks carry", () => {
  test.each([
    ["nothing at all (devise_token_auth#586)", ""],
    ["a code and no state (passport-oauth2#159)", "?code=1"],
    ["names that cannot be decoded", "?%E0%A4%A=1&code=%ff"],
    ["a state that is no text", "?state[]=1&state[a]=2&code[]=3"],
    ["names of an object's own", "?__proto__=1&constructor=2&state=toString&code=1"],
    ["an error with markup", "?error=<script>&error_description=<img src=x>&state=x"],
  ])("%s shows a page, and never a failure of the server", async (_name, query) => {
    const t = await startOAuth();
    const response = await t.browser().visit(`/omniauth/example/callback${query}`);
    expect([response.status, response.headers.get("location")]).toEqual([401, null]);
    expect(await response.text()).not.toMatch(/<script>|<img/);
    expect(t.events.at(-1)).toMatchObject({ name: "sign_in.failed", reason: "state_invalid" });
  });

  test("a code or a state that stands there twice signs nobody in who has not begun it (passport)", async () => {
    const t = await startOAuth();
    const browser = t.browser();
    const callback = await browser.consent(await browser.begin("/auth/example"));
    const response = await browser.visit(`${callback}&code=another&state=another`);
    expect(response.status).toBeLessThan(500);
    expect(t.events.some(({ name }) => name === "sign_in.succeeded")).toBe(false);
  });

  test("the query and the fragment of auth_origin_url stay (devise_token_auth#421)", async () => {
    const t = await startOAuth();
    const target = `${app}?tab=2&q=a%20b#/inbox`;
    const response = await t.browser().signIn("/auth/example", { auth_origin_url: target });
    const url = new URL(response.headers.get("location") ?? "");
    expect([url.searchParams.get("tab"), url.searchParams.get("q")]).toEqual(["2", "a b"]);
    expect(url.hash.startsWith("#/inbox")).toBe(true);
  });
});

test("somebody whose row an app has deleted by itself comes back as somebody new (next-auth)", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "keyturn-orphan-")), "app.db");
  const t = await startOAuth({ database: sqlite(path) });
  const first = credentialsIn(resultOf(await t.browser().signIn("/auth/example")));
  const direct = await openSqlite(path);
  expect(direct.prepare("delete from users").run([], false).changes).toBe(1);
  direct.close();
  expect((await t.request("GET /auth/validate_token", { headers: first })).status).toBe(401);
  const again = resultOf(await t.browser().signIn("/auth/example"));
  expect([again["error"], again["uid"], again["oauth_registration"]]).toEqual([
    undefined,
    "ada-1815",
    "true",
  ]);
});

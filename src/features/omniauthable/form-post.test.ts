import { describe, expect, test } from "vitest";
import { app, credentialsIn, resultOf, startOAuth, type TestBrowser } from "../../../test/fixtures/oauth.js";
import { apple } from "./providers/apple.js";
import { developer } from "./providers/developer.js";

const form = (fields: Record<string, string>, headers: Record<string, string> = {}) => ({
  method: "POST",
  headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
  body: new URLSearchParams(fields).toString(),
});

/** Apple's flow against the provider of the test; the fields of the form that its page would post. */
async function appleFlow() {
  const first = await startOAuth();
  const { provider } = first;
  const endpoints = {
    authorization: `${provider.url}/authorize`,
    token: `${provider.url}/token`,
    keys: `${provider.url}/jwks`,
  };
  const own = { ...apple({ clientId: "app", clientSecret: "x" }), endpoints };
  const t = await startOAuth({ baseUrl: "https://api.example.com", providers: { example: own } });
  provider.lies.idToken = ({ payload }) => {
    Object.assign(payload, { iss: "https://appleid.apple.com", email_verified: "true", name: undefined });
  };
  const fieldsOf = async (browser: TestBrowser) => {
    const host = { headers: { host: "api.example.com" } };
    const begun = await browser.visit(`https://api.example.com/auth/example?auth_origin_url=${app}`, host);
    const authorization = new URL(begun.headers.get("location") ?? "");
    expect(authorization.searchParams.get("response_mode")).toBe("form_post");
    const callback = new URL(await browser.consent(authorization.href));
    return Object.fromEntries(callback.searchParams);
  };
  return { ...t, fieldsOf };
}

const callback = "https://api.example.com/omniauth/example/callback";
const fromApple = { host: "api.example.com", origin: "https://appleid.apple.com" };

describe("a callback that a form posts (cases 5, 26)", () => {
  test("signs in, is answered with 303, and brings the name that comes once (security 44)", async () => {
    const t = await appleFlow();
    const browser = t.browser();
    const fields = await t.fieldsOf(browser);
    const user = '{"name":{"firstName":"Ada","lastName":"King"},"email":"eve@example.com"}';
    const response = await browser.visit(callback, form({ ...fields, user }, fromApple));
    expect(response.status).toBe(303);
    const held = credentialsIn(resultOf(response));
    const valid = await t.request("GET /auth/validate_token", { headers: held });
    expect(await valid.json()).toMatchObject({ data: { name: "Ada King", email: "ada@example.com" } });
  });

  test("a later sign-in without the name does not blank it, and a broken one costs nothing", async () => {
    const t = await appleFlow();
    for (const user of ['{"name":{"firstName":"Ada"}}', "{broken", ""]) {
      const browser = t.browser();
      const fields = await t.fieldsOf(browser);
      const response = await browser.visit(callback, form({ ...fields, user }, fromApple));
      const listed = await t.request("GET /auth/identities", { headers: credentialsIn(resultOf(response)) });
      expect(await listed.json()).toMatchObject({ data: [{ name: "Ada" }] });
    }
  });

  test("a denial in a form is one too (case 10)", async () => {
    const t = await appleFlow();
    const browser = t.browser();
    const { state = "" } = await t.fieldsOf(browser);
    const fields = { state, error: "user_cancelled_authorize" };
    const response = await browser.visit(callback, form(fields, fromApple));
    expect([response.status, resultOf(response)]).toEqual([303, { blank: "true", error: "access_denied" }]);
  });

  test("is not taken for a forged request where cookies are enabled", async () => {
    const t = await startOAuth({
      cookieEnabled: true,
      cors: { origins: ["https://app.example.com"] },
      providers: { example: developer() },
    });
    const browser = t.browser();
    const page = await browser.visit(`/auth/example?auth_origin_url=${app}`);
    const state = /name="state" value="([^"]+)"/.exec(await page.text())?.[1] ?? "";
    const fields = { state, code: "developer", email: "ada@example.com", name: "Ada" };
    const response = await browser.visit(
      "/omniauth/example/callback",
      form(fields, { origin: "https://evil.example" }),
    );
    expect(response.status).toBe(303);
    // As in the gem, the cookie comes with the sign-in.
    expect(browser.cookies.has("__Host-keyturn")).toBe(true);
    const valid = await browser.visit("/auth/validate_token");
    expect(await valid.json()).toMatchObject({ data: { email: "ada@example.com" } });
  });
});

describe("the developer provider", () => {
  test("asks in a form of its own, which posts to itself only, and believes what it is told", async () => {
    const t = await startOAuth({ providers: { example: developer() } });
    const browser = t.browser();
    const page = await browser.visit(`/auth/example?auth_origin_url=${app}`);
    expect(page.headers.get("content-security-policy")).toContain(
      "form-action 'self' http://localhost:5173;",
    );
    const html = await page.text();
    expect(html).toContain('action="http://localhost:3000/omniauth/example/callback"');
    const state = /name="state" value="([^"]+)"/.exec(html)?.[1] ?? "";
    const fields = { state, code: "developer", email: "Ada@Example.com", name: "Ada" };
    const stranger = await t.browser().visit("/omniauth/example/callback", form(fields));
    expect(stranger.status).toBe(401);
    const result = resultOf(await browser.visit("/omniauth/example/callback", form(fields)));
    // Its subject is an address, which is never the uid.
    expect([result["uid"], result["oauth_registration"]]).toEqual([
      expect.stringMatching(/^[\w-]{43}$/),
      "true",
    ]);
    const account = await t.auth.accounts.findByEmail("user", "ada@example.com");
    expect(account).toMatchObject({ provider: "example", name: "Ada" });
  });
});

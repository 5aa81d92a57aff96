import { describe, expect, onTestFinished, test } from "vitest";
import { actionNames, actionTable } from "../src/accounts/actions.js";
import type { ModelOverrides, Override } from "../src/accounts/overrides.js";
import { AuthError } from "../src/errors.js";
import { routes, siteRoutes } from "../src/features/list.js";
import { developer } from "../src/features/omniauthable/providers/developer.js";
import { credentialsOf, testAuth } from "../src/testing/testing.js";
import { bodyOf, password, silent } from "./fixtures/http.js";
import { credentialsIn, newBrowser, resultOf } from "./fixtures/oauth.js";

/** Two models that have every action there is, once their addresses are confirmed. */
async function start(
  overrides: ModelOverrides<{ mountAt: "/auth" }>,
  registration: boolean | "invitation" = true,
) {
  const model = { omniauthable: true, lockable: true, confirmable: false, reconfirmable: true } as const;
  const models = {
    user: { ...model, registration, mountAt: "/auth" },
    admin: { ...model, registration, mountAt: "/admin_auth" },
  } as const;
  const t = await testAuth({
    models,
    providers: { developer: developer() },
    overrides: { user: overrides, admin: overrides },
    logger: silent,
    cookieEnabled: true,
  });
  onTestFinished(() => t.auth.close());
  return { ...t, browser: newBrowser((request) => t.auth.handle(request)) };
}

test("the table of actions says of each what its routes say", () => {
  const named = [...routes, ...siteRoutes].map(({ name }) => name);
  expect(new Set(named)).toEqual(new Set(actionNames));
  for (const { name, access, output } of routes) {
    const { access: said, shows } = actionTable[name];
    expect([name, said, shows === "browser"]).toEqual([name, access, output === "redirect"]);
  }
});

test("every action of every model can be replaced, under each of its methods, and keeps the token", async () => {
  let isReplaced = false;
  const replace: Override = (call, original) =>
    isReplaced
      ? { body: { model: call.model, action: call.action, uid: call.account?.uid ?? null, path: call.path } }
      : original();
  const t = await start(Object.fromEntries(actionNames.map((name) => [name, replace])), "invitation");
  for (const [model, mountAt] of [
    ["user", "/auth"],
    ["admin", "/admin_auth"],
  ] as const) {
    isReplaced = false;
    const { token } = await t.auth.accounts.createInvitation(model);
    const body = { email: "ada@example.com", password, invitation_token: token };
    const held = credentialsOf(await t.request(`POST ${mountAt}`, { body }));
    isReplaced = true;
    for (const { method, path, name, access } of routes) {
      const asked =
        mountAt + path.replace(":provider", "developer").replace(":id", "some").replace(/^\/$/, "");
      const response = await t.request(`${method} ${asked}`, { headers: held });
      const uid = access === "anyone" ? null : body.email;
      const found = await bodyOf(response);
      expect([method, asked, found]).toMatchObject([method, asked, { model, action: name, uid }]);
      expect([asked, response.headers.get("uid")]).toEqual([asked, uid]);
      expect(response.headers.get("cache-control")).toBe("no-store");
    }
  }
});

describe("a sign-in with a provider", () => {
  const person = "email=ada%40example.com&name=Ada";
  const form = { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" } };
  /** Begins a sign-in, fills the provider's form in, and comes back. */
  async function signIn(t: Awaited<ReturnType<typeof start>>) {
    const page = await t.browser.visit("/auth/developer?auth_origin_url=http://localhost:5173/");
    const state = /name="state" value="([^"]+)"/.exec(await page.text())?.[1] ?? "";
    return t.browser.visit("/omniauth/developer/callback", { ...form, body: `${person}&state=${state}` });
  }
  const credentialCookie = (response: Response) =>
    response.headers.getSetCookie().filter((line) => line.startsWith("__Host-keyturn="));

  test("keeps its cookies and its result under overrides that pass on what the original responds", async () => {
    const seen: unknown[] = [];
    const watch: Override = async (call, original) => {
      const response = await original();
      seen.push([
        call.model,
        call.action,
        call.path["provider"],
        call.account?.uid ?? null,
        Object.keys(response),
      ]);
      return response;
    };
    const t = await start({ signInWithProvider: watch, providerCallback: watch });
    const response = await signIn(t);
    expect(seen).toEqual([
      ["user", "signInWithProvider", "developer", null, ["status", "html"]],
      ["user", "providerCallback", "developer", expect.stringMatching(/^[\w-]{43}$/), ["status", "redirect"]],
    ]);
    expect(credentialCookie(response)).toHaveLength(1);
    // The flow's own cookie is gone.
    expect([...t.browser.cookies.keys()]).toEqual(["__Host-keyturn", "__Host-keyturn-device"]);
    const held = credentialsIn(resultOf(response));
    expect((await t.request("GET /auth/validate_token", { headers: held })).status).toBe(200);
  });

  test("leaves no session behind where an override refuses who has come back", async () => {
    const providerCallback: Override = async (_call, original) => {
      await original();
      throw new AuthError("disabled");
    };
    const t = await start({ providerCallback });
    const response = await signIn(t);
    expect([response.status, (await bodyOf(response)).code, credentialCookie(response)]).toEqual([
      401,
      "disabled",
      [],
    ]);
    expect(await t.auth.accounts.listSessions("user", 1)).toEqual([]);
  });

  test("is led elsewhere only where the allow-list has the address", async () => {
    let redirect = "http://localhost:5173/staff";
    const t = await start({ providerCallback: () => ({ status: 303, redirect }) });
    const elsewhere = await signIn(t);
    expect([elsewhere.status, elsewhere.headers.get("location")]).toEqual([303, redirect]);
    redirect = "https://evil.example/";
    const refused = await signIn(t);
    expect([refused.status, (await bodyOf(refused)).code]).toEqual([500, "internal"]);
  });
});

import { describe, expect, test } from "vitest";
import { resultOf, startOAuth as start } from "../../../test/fixtures/oauth.js";

const startOAuth = () => start({}, { registration: "invitation" });

describe("a sign-up with a provider, of a model that needs an invitation", () => {
  test("is refused without one, or with one that is no good; nothing is left", async () => {
    const t = await startOAuth();
    expect(resultOf(await t.browser().signIn("/auth/example"))).toMatchObject({
      error: "invitation_required",
    });
    const guess = await t.browser().signIn("/auth/example", { invitation_token: "x".repeat(43) });
    expect(resultOf(guess)).toMatchObject({ error: "invitation_invalid" });
    expect(await t.auth.accounts.findByEmail("user", "ada@example.com")).toBeUndefined();
  });

  test("takes its token from the start to the account, once; who has an account needs none", async () => {
    const t = await startOAuth();
    const { token } = await t.auth.accounts.createInvitation("user", { plan: "team" });
    const result = resultOf(await t.browser().signIn("/auth/example", { invitation_token: token }));
    expect(result["oauth_registration"]).toBe("true");
    expect(await t.auth.accounts.findByEmail("user", "ada@example.com")).toMatchObject({ plan: "team" });
    expect(resultOf(await t.browser().signIn("/auth/example"))["auth_token"]).toBeDefined();
    t.provider.person = { ...t.provider.person, sub: "somebody-else", email: "eve@example.com" };
    const again = resultOf(await t.browser().signIn("/auth/example", { invitation_token: token }));
    expect(again).toMatchObject({ error: "invitation_invalid" });
  });

  test("is for the address that it names, as the provider tells it", async () => {
    const t = await startOAuth();
    const { token } = await t.auth.accounts.createInvitation("user", { email: "eve@example.com" });
    const refused = resultOf(await t.browser().signIn("/auth/example", { invitation_token: token }));
    expect(refused).toMatchObject({ error: "invitation_invalid" });
  });
});

import { expect, test } from "vitest";
import { bodyOf } from "../../../test/fixtures/http.js";
import { resultOf, startOAuth } from "../../../test/fixtures/oauth.js";
import type { BotCheckRequest, BotVerdict } from "../../checks/bot-check.js";

const check = ({ parameter }: BotCheckRequest): BotVerdict => (parameter("token") ? "passed" : "missing");

test("the start of a sign-in with a provider may have a bot check: the page that waits is told, and the token is no field of the account", async () => {
  const t = await startOAuth({ botCheck: { check, for: ["signInWithProvider"] } });
  const refused = await t.browser().visit("/auth/example?auth_origin_url=http://localhost:5173/welcome");
  expect([refused.status, resultOf(refused)]).toEqual([302, { blank: "true", error: "bot_check_required" }]);
  expect(refused.headers.getSetCookie()).toEqual([]);
  expect(resultOf(await t.browser().signIn("/auth/example", { token: "x" }))["uid"]).toBe("ada-1815");
});

test("so may a native app's nonce, and its ID token", async () => {
  const t = await startOAuth({ botCheck: { check, for: ["askNonce", "exchangeNativeSignIn"] } });
  for (const path of ["nonce", "token"]) {
    const refused = await t.request(`POST /auth/example/${path}`, { body: {} });
    expect([refused.status, (await bodyOf(refused)).code]).toEqual([403, "bot_check_required"]);
    const passed = await t.request(`POST /auth/example/${path}`, { body: { token: "x" } });
    expect((await bodyOf(passed)).code).not.toBe("bot_check_required");
  }
});

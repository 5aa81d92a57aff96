import { expect, test } from "vitest";
import { bodyOf } from "../../../test/fixtures/http.js";
import { newBrowser, resultOf, startOAuth } from "../../../test/fixtures/oauth.js";

const guesser = "192.0.2.1";

test("too many sign-ins that are begun from one address: the page that waits is told, another address goes on", async () => {
  const t = await startOAuth({
    rateLimits: true,
    rateLimitRules: { providerStartsByAddress: { limit: 2, per: "10m" } },
  });
  const browser = (peer: string) => newBrowser((request) => t.auth.handle(request, { peer }));
  const flood = browser(guesser);
  for (let i = 0; i < 2; i++) expect(resultOf(await flood.signIn("/auth/example"))["uid"]).toBe("ada-1815");
  const refused = await flood.visit("/auth/example?auth_origin_url=http://localhost:5173/welcome");
  expect([refused.status, resultOf(refused)]).toEqual([302, { blank: "true", error: "too_many_requests" }]);
  expect(refused.headers.getSetCookie()).toEqual([]);
  expect(resultOf(await browser("198.51.100.7").signIn("/auth/example"))["uid"]).toBe("ada-1815");
  t.clock.forward("11m");
  expect(resultOf(await flood.signIn("/auth/example"))["uid"]).toBe("ada-1815");
});

test("nonces and ID tokens of native apps are counted with them, and get a 429", async () => {
  const t = await startOAuth({
    rateLimits: true,
    rateLimitRules: { providerStartsByAddress: { limit: 1, per: "10m" } },
  });
  const ask = (path: string) =>
    t.auth.handle(new Request(`http://localhost:3000${path}`, { method: "POST" }), { peer: guesser });
  expect((await ask("/auth/example/nonce")).status).toBe(200);
  for (const path of ["/auth/example/nonce", "/auth/example/token"]) {
    const refused = await ask(path);
    expect([refused.status, (await bodyOf(refused)).code]).toEqual([429, "too_many_requests"]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  }
});

test("an account that is disabled is let in by no provider, and is again once it is enabled (shape 30)", async () => {
  const t = await startOAuth({}, { disableable: true });
  const browser = t.browser();
  await browser.signIn("/auth/example");
  const account = await t.auth.accounts.findByEmail("user", "ada@example.com");
  if (!account) throw new Error("There is no account");
  await t.auth.accounts.disable("user", account);
  const refused = resultOf(await browser.signIn("/auth/example"));
  expect(refused).toEqual({ blank: "true", error: "disabled" });
  expect(await t.auth.accounts.listSessions("user", account)).toEqual([]);
  await t.auth.accounts.enable("user", account);
  expect(resultOf(await browser.signIn("/auth/example"))["uid"]).toBe("ada-1815");
});

import { describe, expect, onTestFinished, test } from "vitest";
import { password } from "../../test/fixtures/http.js";
import { app, challenge, newBrowser, resultOf, startOAuth } from "../../test/fixtures/oauth.js";
import { testAuth } from "../testing/testing.js";

const redirect_url = "http://localhost:5173/there";
const email = "ada@example.com";
const models = { user: { mountAt: "/auth", lockable: true } } as const;

type Links = Awaited<ReturnType<typeof start>>;

async function start() {
  const t = await testAuth({ models, unlockStrategy: "email", maximumAttempts: 1, rateLimits: false });
  onTestFinished(() => t.auth.close());
  await t.request("POST /auth", { body: { email, password, confirm_success_url: redirect_url } });
  return t;
}

/** The links of mails, and what shows that somebody has followed one. */
const links: readonly [string, (t: Links) => Promise<string>, event: string][] = [
  ["/confirmation", async (t) => t.linkTo(email), "account.confirmed"],
  [
    "/unlock",
    async (t) => {
      await t.request("POST /auth/sign_in", { body: { email, password: "wrong" } });
      await t.settled();
      return t.linkTo(email);
    },
    "account.unlocked",
  ],
  [
    "/password/edit",
    async (t) => {
      await t.request("POST /auth/password", { body: { email, redirect_url } });
      return t.linkTo(email);
    },
    "session.created",
  ],
];

const asks: readonly [string, RequestInit, number][] = [
  ["HEAD", { method: "HEAD" }, 204],
  ["Sec-Purpose: prefetch", { headers: { "sec-purpose": "prefetch" } }, 503],
  ["Sec-Purpose: prefetch;prerender", { headers: { "sec-purpose": "prefetch;prerender" } }, 503],
  ["Purpose: prefetch", { headers: { purpose: "prefetch" } }, 503],
  ["X-Purpose: preview", { headers: { "x-purpose": "preview" } }, 503],
  ["X-Moz: prefetch", { headers: { "x-moz": "prefetch" } }, 503],
];

describe.each(links)("the link %s", (path, linkOf, event) => {
  test.each(asks)(
    "does nothing for %s, and works for whoever follows it then",
    async (_name, init, status) => {
      const t = await start();
      const link = await linkOf(t);
      expect(new URL(link).pathname).toBe(`/auth${path}`);
      const happened = () => t.events.filter(({ name }) => name === event).length;
      const before = happened();
      const looked = await t.auth.handle(new Request(link, init));
      expect([looked.status, looked.headers.get("location"), await looked.text()]).toEqual([
        status,
        null,
        "",
      ]);
      expect(looked.headers.get("cache-control")).toBe("no-store");
      expect(happened()).toBe(before);
      await t.auth.handle(new Request(link));
      expect(happened()).toBe(before + 1);
    },
  );
});

describe("the callback of a provider", () => {
  test.each(asks)("is not used up by %s (case 7)", async (_name, init, status) => {
    const t = await startOAuth();
    const browser = newBrowser((request) => t.auth.handle(request));
    const params = { auth_origin_url: app, code_challenge: challenge };
    const callback = await browser.consent(await browser.begin("/auth/example", params));
    const looked = await browser.visit(callback, init);
    expect([looked.status, looked.headers.get("location")]).toEqual([status, null]);
    expect([browser.cookies.size, t.provider.counts.tokens]).toEqual([1, 0]);
    expect(resultOf(await browser.visit(callback))["omniauth_code"]).toMatch(/^[\w-]{43}$/);
  });
});

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, launchChromium } from "./fixtures/browser.js";
import { frontEndPage } from "./fixtures/front-end.js";
import { challenge, verifier } from "./fixtures/oauth.js";
import { listen, type OAuthWorldOptions, openOAuthWorld } from "./fixtures/oauth-world.js";

if (!chromiumPath)
  console.log("skipped: signing in with a provider in a browser (no Chromium; CHROMIUM names one)");

/** What the demo's provider has for a subject is an address, and never the uid. */
const uid = /^[\w-]{43}$/;

let browser: Browser;
const closing: (() => unknown)[] = [];
beforeAll(async () => {
  if (chromiumPath) browser = await launchChromium();
});
afterAll(() => browser?.close());
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const open = (options: Omit<OAuthWorldOptions, "frontEnd"> = {}) =>
  openOAuthWorld(browser, closing, { ...options, frontEnd: frontEndPage });

/** Opens the popup, and signs in there or declines. */
async function popup(page: Page, { answer = "yes", params = {} } = {}): Promise<Page> {
  const opened = page.waitForEvent("popup");
  await page.evaluate((given) => Reflect.get(globalThis, "openPopup")(given), params);
  const window = await opened;
  await window.click(`button[value=${answer}]`);
  return window;
}

const received = async (page: Page): Promise<Record<string, unknown>> => {
  await page.waitForFunction('document.getElementById("got").textContent !== ""');
  return JSON.parse((await page.textContent("#got")) ?? "");
};

describe.skipIf(!chromiumPath)("a popup", { timeout: 60_000 }, () => {
  test("delivers credentials to the page that opened it, and closes, behind helmet's defaults (security 42)", async () => {
    const { api, page } = await open();
    const window = await popup(page);
    const closed = window.waitForEvent("close");
    const data = await received(page);
    expect(data).toMatchObject({
      origin: api,
      message: "deliverCredentials",
      email: "ada@example.com",
      name: "Ada Lovelace",
      config: "default",
      oauth_registration: true,
    });
    await closed;
    const headers = {
      "access-token": String(data["auth_token"]),
      client: String(data["client_id"]),
      uid: String(data["uid"]),
    };
    expect((await fetch(`${api}/auth/validate_token`, { headers })).status).toBe(200);
  });

  test("tells that the person declined (case 10)", async () => {
    const { page } = await open();
    await popup(page, { answer: "no" });
    expect(await received(page)).toMatchObject({ message: "authFailure", error: "access_denied" });
  });

  test("that is closed leaves everything as it was, and the next one works", async () => {
    const { page } = await open();
    const opened = page.waitForEvent("popup");
    await page.evaluate(() => Reflect.get(globalThis, "openPopup")({}));
    const first = await opened;
    await first.waitForSelector("button");
    await first.close();
    expect(await page.textContent("#got")).toBe("");
    await popup(page);
    expect(await received(page)).toMatchObject({ message: "deliverCredentials" });
  });

  test("two at once, in two tabs of one browser, end each by itself (case 6)", async () => {
    const { page, context, front } = await open();
    const other = await context.newPage();
    await other.goto(front);
    const windows: Page[] = [];
    for (const tab of [page, other]) {
      const opened = tab.waitForEvent("popup");
      await tab.evaluate(() => Reflect.get(globalThis, "openPopup")({}));
      windows.push(await opened);
    }
    for (const window of windows.toReversed()) await window.click("button[value=yes]");
    const uids = [(await received(page))["uid"], (await received(other))["uid"]];
    expect(uids).toEqual([expect.stringMatching(uid), uids[0]]);
  });

  test("of an origin that is not the flow's gets nothing (security 42)", async () => {
    const { page, context, api, front } = await open();
    const port = await listen(closing, (_req, res) =>
      res.writeHead(200, { "content-type": "text/html" }).end(frontEndPage(api)),
    );
    const foreign = await context.newPage();
    await foreign.goto(`http://127.0.0.1:${port}`);
    // It names an origin that is allowed, in the hope that the page does not look who asks.
    const window = await popup(foreign, { params: { auth_origin_url: front } });
    await window.waitForSelector("#next", { state: "attached" });
    await foreign.waitForTimeout(700);
    expect(await foreign.textContent("#got")).toBe("");
    expect(await page.textContent("#got")).toBe("");
  });

  test("that lost its opener goes on by itself with the result (case 1)", async () => {
    const { page, front } = await open({
      providerHeaders: { "cross-origin-opener-policy": "same-origin" },
    });
    const window = await popup(page);
    await window.waitForURL((url) => url.origin === front);
    const result = new URL(window.url()).searchParams;
    expect([result.get("uid"), result.get("blank")]).toEqual([expect.stringMatching(uid), "true"]);
    expect(await page.textContent("#got")).toBe("");
  });

  test("that lost its opener goes on with a one-time code, where the flow has a challenge (case 1)", async () => {
    const { page, front, api } = await open({
      providerHeaders: { "cross-origin-opener-policy": "same-origin" },
    });
    const window = await popup(page, { params: { code_challenge: challenge } });
    await window.waitForURL((url) => url.origin === front);
    const url = new URL(window.url());
    expect(url.search).toBe("");
    const omniauth_code = new URLSearchParams(url.hash.slice(1)).get("omniauth_code");
    const redeemed = await fetch(`${api}/auth/omniauth_code`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ omniauth_code, code_verifier: verifier }),
    });
    expect(redeemed.status).toBe(200);
  });
});

describe.skipIf(!chromiumPath)("the same window", { timeout: 60_000 }, () => {
  test("comes back with the result, and with no fragment of the provider's (cases 2, 13)", async () => {
    const { page, api, front } = await open();
    await page.goto(`${api}/auth/example?auth_origin_url=${encodeURIComponent(front)}`);
    await page.click("button[value=yes]");
    await page.waitForURL((url) => url.origin === front);
    const url = new URL(page.url());
    expect([url.searchParams.get("uid"), url.hash]).toEqual([expect.stringMatching(uid), ""]);
  });

  test.each(["yes", "no"])(
    "a fragment that the provider adds does not come along: %s (case 13)",
    async (answer) => {
      // As Facebook does.
      const { page, api, front } = await open({ fragment: "#_=_" });
      const seen: string[] = [];
      page.on("response", (response) => seen.push(response.headers()["location"] ?? ""));
      await page.goto(`${api}/auth/example?auth_origin_url=${encodeURIComponent(front)}`);
      await page.click(`button[value=${answer}]`);
      await page.waitForURL((url) => url.origin === front);
      expect(seen.some((url) => url.includes("/callback?") && url.endsWith("#_=_"))).toBe(true);
      expect(new URL(page.url()).hash).toBe("");
    },
  );

  test("a browser without the cookie gets a page that it can read, with a way back (case 4)", async () => {
    const { page, context, api, front } = await open();
    await page.goto(`${api}/auth/example?auth_origin_url=${encodeURIComponent(front)}`);
    await context.clearCookies({ name: /^keyturn-flow-/ });
    await page.click("button[value=yes]");
    await page.waitForSelector("#text");
    expect(await page.textContent("#text")).toContain("browser_mismatch");
    expect(await page.getAttribute("#next", "href")).toBe(front);
  });
});

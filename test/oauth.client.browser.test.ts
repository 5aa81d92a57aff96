import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { build } from "tsdown";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { root } from "../scripts/entries.mjs";
import { chromiumPath, launchChromium } from "./fixtures/browser.js";
import { type OAuthWorldOptions, openOAuthWorld } from "./fixtures/oauth-world.js";

if (!chromiumPath)
  console.log("skipped: the client with a provider in a browser (no Chromium; CHROMIUM names one)");

let browser: Browser;
let script = "";
const closing: (() => unknown)[] = [];
beforeAll(async () => {
  if (!chromiumPath) return;
  const outDir = mkdtempSync(join(tmpdir(), "keyturn-page-"));
  await build({
    entry: { page: `${root}test/fixtures/provider-page.ts` },
    outDir,
    format: "esm",
    platform: "browser",
    dts: false,
    config: false,
    logLevel: "silent",
    fixedExtension: false,
  });
  script = readFileSync(join(outDir, "page.js"), "utf8");
  browser = await launchChromium();
}, 60_000);
afterAll(() => browser?.close());
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** An app with Keyturn's client, on a server that gives credentials to nobody who cannot prove a challenge. */
async function open(options: Omit<OAuthWorldOptions, "frontEnd"> = {}) {
  const frontEnd = (api: string): string => `<!doctype html><p id="status"></p>
    <script>globalThis.api = ${JSON.stringify(api)}</script><script type="module">${script}</script>`;
  const world = await openOAuthWorld(browser, closing, { requireOmniauthCode: true, ...options, frontEnd });
  // Every address that any window was sent to.
  const shown: string[] = [];
  world.context.on("request", (request) => shown.push(request.url()));
  world.context.on("response", (response) => shown.push(response.headers()["location"] ?? ""));
  return { ...world, shown };
}

const statusOf = (page: Page) => page.locator("#status").textContent();
const kept = (page: Page) => page.evaluate<string[]>("Object.keys(sessionStorage)");
const click = (page: Page, options: object = {}) =>
  page.evaluate<string>(
    `signInWith(client, "example", ${JSON.stringify(options)}).then(() => "in", ({ code, cause }) => code + " " + cause)`,
  );
const signedIn = "signed-in ada@example.com";

describe.skipIf(!chromiumPath)("signInWith, with a one-time code (security 43)", { timeout: 60_000 }, () => {
  test("in a popup: signs in, closes it, and keeps no verifier", async () => {
    const { page, shown } = await open();
    const opened = page.waitForEvent("popup");
    const done = click(page);
    const popup = await opened;
    await popup.click("button[value=yes]");
    expect(await done).toBe("in");
    await expect.poll(() => statusOf(page)).toBe(signedIn);
    await expect.poll(() => popup.isClosed()).toBe(true);
    expect(await kept(page)).toEqual([]);
    expect(shown.some((url) => url.includes("code_challenge="))).toBe(true);
    expect(shown.join()).not.toContain("auth_token");
  });

  test("in the same window: the page comes back, takes the code out of its address and signs in", async () => {
    const { page, shown, front } = await open();
    void click(page, { windowType: "sameWindow" }).catch(() => undefined);
    await page.click("button[value=yes]");
    await page.waitForURL((url) => url.origin === front);
    await expect.poll(() => statusOf(page)).toBe(signedIn);
    expect(await page.evaluate("arrived")).toEqual({ kind: "signed-in", registered: true });
    expect(new URL(page.url()).hash).toBe("");
    expect(await kept(page)).toEqual([]);
    expect(shown.some((url) => /#.*omniauth_code=/.test(url))).toBe(true);
    expect(shown.join()).not.toContain("auth_token");
    // The same address once more, as from the history, is worth nothing.
    await page.goto(shown.find((url) => /#.*omniauth_code=/.test(url)) ?? "");
    await page.reload();
    expect(await page.evaluate("arrived")).toBeUndefined();
    expect(await statusOf(page)).toBe(signedIn);
  });

  test("in a popup that lost its opener: goes on there, with the verifier that it took along (case 1)", async () => {
    const { page, front, shown } = await open({
      providerHeaders: { "cross-origin-opener-policy": "same-origin" },
    });
    const opened = page.waitForEvent("popup");
    const done = click(page);
    const popup = await opened;
    await popup.click("button[value=yes]");
    await popup.waitForURL((url) => url.origin === front);
    expect(await done).toBe("in");
    await expect.poll(() => statusOf(page)).toBe(signedIn);
    expect(shown.join()).not.toContain("auth_token");
  });

  test("that is declined has its code, in a popup and in the same window (case 10)", async () => {
    const { page, front } = await open();
    const opened = page.waitForEvent("popup");
    const done = click(page);
    await (await opened).click("button[value=no]");
    expect(await done).toBe("provider_refused access_denied");
    await page.evaluate("client.on('oauth-failed', ({ error }) => { globalThis.failed = error })");
    void click(page, { windowType: "sameWindow" }).catch(() => undefined);
    await page.click("button[value=no]");
    await page.waitForURL((url) => url.origin === front);
    expect(await page.evaluate("client.arrival")).toEqual({ kind: "oauth-failed", error: "access_denied" });
  });

  test("leaves a code alone that was not asked for in this tab", async () => {
    const { page, front } = await open();
    await page.goto(`${front}/#omniauth_code=somebody-elses`);
    await page.reload();
    expect(await page.evaluate("arrived")).toBeUndefined();
    expect(new URL(page.url()).hash).toBe("#omniauth_code=somebody-elses");
  });
});

import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import type { AuthConfig } from "keyturn";
import { oidc } from "keyturn/providers";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, launchChromium } from "../test/fixtures/browser.js";
import { startSite } from "./site-fixture.js";

if (!chromiumPath) console.log("skipped: the demo's provider in a browser (no Chromium; CHROMIUM names one)");

let browser: Browser;
const closing: (() => unknown)[] = [];
beforeAll(async () => {
  if (chromiumPath) browser = await launchChromium();
});
afterAll(() => browser?.close());
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const text = { type: "string", writable: true } as const;
const models: AuthConfig["models"] = {
  user: { mountAt: "/auth", fields: { name: text }, omniauthable: true },
  admin: { mountAt: "/admin_auth", fields: { name: text }, omniauthable: true, confirmable: false },
};

/** The demo with its own provider, and its page. `problems`: what the browser complained about. */
async function open() {
  type App = Awaited<ReturnType<typeof startSite>>["app"];
  let app: App | undefined;
  const server = serve({
    fetch: (request, env) => app?.fetch(request, env) ?? new Response(null, { status: 503 }),
    port: 0,
    hostname: "127.0.0.1",
  });
  await new Promise((resolve) => server.once("listening", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = `${baseUrl}/idp`;
  const site = await startSite({
    baseUrl,
    models,
    providers: {
      demo: oidc({ issuer, clientId: "demo", clientSecret: "secret", label: "the demo provider" }),
    },
  });
  app = site.app;
  const context = await browser.newContext();
  closing.push(async () => {
    await context.close();
    await new Promise((resolve) => server.close(resolve));
    await site.auth.close();
  });
  const page = await context.newPage();
  page.setDefaultTimeout(12_000);
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  await page.goto(baseUrl);
  return { page, problems, baseUrl };
}

const agree = async (window: Page, email = "ada@example.com"): Promise<void> => {
  await window.fill("input[name=email]", email);
  await window.click("button[value=yes]");
};

describe.skipIf(!chromiumPath)("the demo's provider", { timeout: 60_000 }, () => {
  test("signs in by a popup, and the page goes on with a token of its own", async () => {
    const { page, problems } = await open();
    const opened = page.waitForEvent("popup");
    await page.click("text=Sign in with the demo provider");
    await agree(await opened);
    await page.waitForSelector("text=You have a new account.");
    await page.waitForSelector("text=Ada Lovelace");
    expect(problems).toEqual([]);
  });

  test("signs in in the same window, as the other model too, and leaves nothing in the address", async () => {
    const { page, problems, baseUrl } = await open();
    await page.click("button.tab >> text=admin");
    await page.click("text=in this window");
    await agree(page, "root@example.com");
    await page.waitForSelector("text=You have a new account.");
    expect(page.url()).toBe(`${baseUrl}/`);
    await page.reload();
    await page.waitForSelector("text=Ada Lovelace");
    expect(problems).toEqual([]);
  });

  test("goes on in the same window where the browser blocks the popup (case 2)", async () => {
    const { page, problems } = await open();
    await page.evaluate(() => Object.assign(globalThis, { open: () => null }));
    await page.click("text=Sign in with the demo provider");
    await agree(page);
    await page.waitForSelector("text=You have a new account.");
    expect(problems).toEqual([]);
  });

  test("says so when the person declines", async () => {
    const { page } = await open();
    await page.click("text=in this window");
    await page.click("button[value=no]");
    await page.waitForSelector("text=You declined at the provider.");
  });
});

import { existsSync, mkdirSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import type { AuthConfig } from "keyturn";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startSite } from "./site-fixture.js";

const places = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];
const executable = places.find((path) => path !== undefined && existsSync(path));
if (!executable) console.log("skipped: the demo's page in a browser (no Chromium; CHROMIUM names one)");

const password = "violet kettle 47 marsh";
const text = { type: "string", writable: true } as const;
const fields = { name: text, nickname: text, image: text };
const models: AuthConfig["models"] = {
  user: { mountAt: "/auth", fields },
  admin: { mountAt: "/admin_auth", fields, confirmable: false },
};

let browser: Browser;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  if (!executable) return;
  const flags = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ];
  browser = await chromium.launch({ executablePath: executable, args: flags });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(async () => {
  await browser?.close();
});

/** The real server with an empty database, and a page of it. `problems`: what the browser complained about. */
async function open(config: Partial<AuthConfig> = {}, context: BrowserContextOptions = {}) {
  let answer: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 });
  const server = serve({ fetch: (request) => answer(request), port: 0, hostname: "127.0.0.1" });
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}`;
  const { app, auth, outbox } = await startSite({
    baseUrl,
    models,
    lostResponses: "recover",
    batchRequestBufferThrottle: "1s",
    ...config,
  });
  answer = (request) => app.fetch(request);
  const tab = await browser.newContext({
    viewport: { width: 1280, height: 1000 },
    reducedMotion: "reduce",
    ...context,
  });
  const page = await tab.newPage();
  page.setDefaultTimeout(8000);
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  // A refused request is what some of the tests are about; everything else on the console is a mistake of the page.
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) problems.push(message.text());
  });
  closing.push(
    () => auth.close(),
    () => new Promise((resolve) => server.close(resolve)),
    () => tab.close(),
  );
  await page.goto(baseUrl);
  await page.locator("#account form").waitFor();
  return { page, baseUrl, problems, outbox };
}

const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
const said = (page: Page, sentence: string | RegExp) =>
  page.locator("main").getByText(sentence).first().waitFor();
const heldToken = (page: Page) => page.locator(".held-title").textContent();
const windowOver = (page: Page) => said(page, "Window over: the next request brings a new token.");

async function register(page: Page, email: string): Promise<void> {
  await page.getByLabel("Name").fill("Ada Lovelace");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await press(page, "Register");
}

async function signIn(page: Page, given = password): Promise<void> {
  // After signing out the forms of the account are there for a moment more, with passwords of their own.
  await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  await page.getByLabel("Password").fill(given);
  await press(page, "Sign in");
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

async function openMail(page: Page, link: string): Promise<void> {
  await page.frameLocator("#mailbox iframe").getByRole("link", { name: link }).first().click();
}

describe.skipIf(!executable)("the demo's page", { timeout: 60_000 }, () => {
  test("a person registers, confirms by mail, watches the token rotate, and signs out", async () => {
    const { page, problems, baseUrl } = await open();
    await register(page, "ada@example.com");
    await page.getByRole("link", { name: "Open the inbox" }).click();
    await page.frameLocator("iframe").getByRole("link", { name: "Confirm my account" }).click();
    await said(page, "The address is confirmed. Sign in now.");
    expect(page.url()).toBe(`${baseUrl}/`);

    await signIn(page);
    expect(await heldToken(page)).toMatch(/^Token 1/);
    await windowOver(page);
    await press(page, "One request");
    await said(page, "Welcome Ada Lovelace. Token 1 became token 2.");
    await press(page, "One request");
    await said(page, "Welcome Ada Lovelace. Still token 2.");

    await windowOver(page);
    await press(page, "Batch of 20");
    await said(
      page,
      "20 of 20 parallel requests with one token were accepted; all answers agree on token 3.",
    );
    await press(page, "Group “member”");
    await said(page, "Let in: Welcome Ada Lovelace.");
    await press(page, "The admin’s door");
    await said(page, "Refused with 401, as it should be: a user’s token opens nothing of the admin’s.");
    await press(page, "admin");
    await said(page, "Sign in to send requests.");
    await press(page, "user");
    await said(page, "Refused with 401, as it should be");

    await press(page, "Replay an old token");
    await said(page, "token 1 was replaced by token 3");
    await page.locator(".events li", { hasText: /token\.reused.*this account/ }).waitFor();
    mkdirSync("artifacts", { recursive: true });
    await page.screenshot({ path: "artifacts/demo.png", fullPage: true });

    await press(page, "Sign out");
    await said(page, "Signed out. The token is worth nothing any more.");
    expect(await page.evaluate("JSON.stringify(localStorage)")).not.toContain("access-token");
    expect(problems).toEqual([]);
  });

  test("whoever has not confirmed yet is told so, and finds the mail again after a reload, or a new one", async () => {
    const { page, problems, outbox } = await open();
    await register(page, "ada@example.com");
    await page.frameLocator("#mailbox iframe").getByRole("link", { name: "Confirm my account" }).waitFor();
    await page.reload();
    await page.frameLocator("#mailbox iframe").getByRole("link", { name: "Confirm my account" }).waitFor();

    await page.getByLabel("Password").fill(password);
    await press(page, "Sign in");
    await said(page, "The password was right, the address is not confirmed yet.");
    await press(page, "Send the link again");
    await said(page, "An email has been sent to 'ada@example.com'");
    await expect.poll(() => page.locator("#mailbox .mail-line").count()).toBe(2);
    expect(outbox.messages({ to: "ada@example.com" })).toHaveLength(2);
    await openMail(page, "Confirm my account");
    await said(page, "The address is confirmed. Sign in now.");
    expect(await page.locator("#mailbox").isVisible()).toBe(false);
    expect(problems).toEqual([]);
  });

  test("an answer that is thrown away costs nothing: the next request brings the same successor", async () => {
    const { page } = await open();
    await press(page, "admin");
    await register(page, "root@example.com");
    await windowOver(page);
    await press(page, "Lose an answer");
    await said(page, "The next request still succeeds.");
    expect(await heldToken(page)).toMatch(/^Token 1/);
    await press(page, "One request");
    await said(page, "Token 1 became token 2.");
  });

  test("a reset link's credentials leave the address bar at once, and lead to a new password", async () => {
    const { page, baseUrl, problems } = await open();
    await press(page, "admin");
    await register(page, "root@example.com");
    await press(page, "Sign out");
    await press(page, "Forgot the password");
    await press(page, "Send me a link");
    await openMail(page, "Change my password");
    await page.getByRole("heading", { name: "Set a new password" }).waitFor();
    expect(page.url()).toBe(`${baseUrl}/`);

    await page.getByLabel("New password").fill("another violet kettle 48");
    await page.getByLabel("Once more").fill("another violet kettle 48");
    await press(page, "Set the password");
    await said(page, "Your password has been successfully updated.");
    await press(page, "Sign out");
    await signIn(page, "another violet kettle 48");
    expect(problems).toEqual([]);
  });

  test("a second device has tokens of its own, and can be ended from the first", async () => {
    const { page } = await open();
    await press(page, "admin");
    await register(page, "root@example.com");
    await press(page, "Sign in on another device…");
    await page.getByLabel("Password of root@example.com").fill(password);
    await press(page, "Sign in there");
    await expect.poll(() => page.locator(".devices li").count()).toBe(2);
    const ends = page.locator(".devices").getByRole("button", { name: /^End session/ });
    const names = await Promise.all((await ends.all()).map((one) => one.getAttribute("aria-label")));
    expect(new Set(names).size).toBe(2);
    await page.locator(".devices li", { hasText: "admin, device 2" }).waitFor();
    await press(page, "admin, device 2");
    expect(await page.locator(".devices li").count()).toBe(2);
    expect(await page.locator(".devices li", { hasText: "this device" }).count()).toBe(1);
    await press(page, "admin");
    await press(page, "End all others");
    await expect.poll(() => page.locator(".devices li").count()).toBe(1);
    await press(page, "admin, device 2");
    await press(page, "One request");
    await said(page, "The server no longer accepts this token. Sign in again.");
    await press(page, "admin");
    await press(page, "One request");
    await said(page, /^Welcome Ada Lovelace/);
  });

  test("a configuration with one model and no window is drawn as it is, and fits a phone", async () => {
    const customer = { mountAt: "/customers", confirmable: false };
    const only = { models: { customer }, groups: {}, batchRequestBufferThrottle: "0s" } as const;
    const { page, problems } = await open(only, {
      viewport: { width: 360, height: 740 },
      colorScheme: "dark",
    });
    await page.getByLabel("E-mail").fill("eve@example.com");
    await page.getByLabel("Password").fill(password);
    await press(page, "Register");
    for (const number of [2, 3]) {
      await press(page, "One request");
      await said(page, `Token ${number - 1} became token ${number}.`);
    }
    const top = async (part: string) => (await page.locator(part).boundingBox())?.y ?? 0;
    expect(await top("#held")).toBeLessThan(await top("#account"));
    expect(await page.getByRole("button", { name: /door|Group/ }).count()).toBe(0);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    expect(problems).toEqual([]);
  });
});

import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import {
  chromiumPath,
  demoBrowser,
  heldToken,
  password,
  press,
  said,
  tryAs,
  windowOver,
} from "./browser-fixture.js";

const open = demoBrowser("the demo's page in a browser");

async function register(page: Page, email: string): Promise<void> {
  await press(page, "Register");
  const name = page.getByLabel("Name");
  if ((await name.count()) > 0) await name.fill("Ada Lovelace");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await press(page, "Register");
}

async function signIn(page: Page, given = password): Promise<void> {
  await page.getByLabel("Password").fill(given);
  await press(page, "Sign in");
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

async function openMail(page: Page, link: string): Promise<void> {
  await page.frameLocator("#mailbox iframe").getByRole("link", { name: link }).first().click();
}

describe.skipIf(!chromiumPath)("the demo's page", { timeout: 60_000 }, () => {
  test("a person registers, confirms by mail, watches the token rotate, and signs out", async () => {
    const { page, problems, baseUrl } = await open();
    await register(page, "ada@example.com");
    await page.getByRole("link", { name: "Open the inbox" }).click();
    await page.frameLocator("iframe").getByRole("link", { name: "Confirm my account" }).click();
    await said(page, "The address is confirmed. Sign in now.");
    expect(page.url()).toBe(`${baseUrl}/`);

    await signIn(page);
    expect(await heldToken(page)).toMatch(/^Token 1/);
    await press(page, "One request");
    await said(page, /^Welcome Ada Lovelace\. Still token 1: the next one can come in [\d.]+ s\.$/);
    await windowOver(page);
    await press(page, "One request");
    await said(page, "Welcome Ada Lovelace. Token 1 became token 2.");

    await windowOver(page);
    await press(page, "Batch of 20");
    await said(page, "20 of 20 parallel requests were accepted; all responses agree on token 3.");
    await press(page, "Group “member”");
    await said(page, "Let in: Welcome Ada Lovelace.");
    await press(page, "The admin’s door");
    await said(page, "Refused with 401, as it should be. This route is for other accounts.");
    await press(page, "admin");
    await page.getByRole("button", { name: "Try as Grace" }).waitFor();
    await press(page, "user");

    await press(page, "Replay an old token");
    await said(page, "The old token was refused.");
    await page.locator(".events li", { hasText: /token\.reused.*this account/ }).waitFor();
    mkdirSync("artifacts", { recursive: true });
    await page.screenshot({ path: "artifacts/demo.png" });

    await press(page, "Sign out");
    await said(page, "Signed out. The token is worth nothing any more.");
    expect(await heldToken(page)).toMatch(/^No token/);
    expect(await page.evaluate("JSON.stringify(localStorage)")).not.toContain('\\"token\\"');
    expect(problems).toEqual([]);
  });

  test("a ready account signs in at one click, and is the same one the next time", async () => {
    const { page, problems } = await open();
    await tryAs(page, "Ada");
    const email = () => page.locator(".account-bar .hint").textContent();
    const first = await email();
    expect(first).toMatch(/ada-.+@example\.com/);
    await press(page, "Sign out");
    await tryAs(page, "Ada");
    expect(await email()).toBe(first);
    await press(page, "admin");
    await tryAs(page, "Grace");
    await press(page, "Group “member”");
    await said(page, "Let in: Welcome Grace Hopper.");
    expect(problems).toEqual([]);
  });

  test("whoever has not confirmed yet is told so, and finds the mail, or a new one", async () => {
    const { page, problems, outbox } = await open();
    await register(page, "ada@example.com");
    await page.frameLocator("#mailbox iframe").getByRole("link", { name: "Confirm my account" }).waitFor();
    expect(await page.evaluate("document.activeElement.id")).toBe("mailbox-title");
    await page.reload();
    await press(page, "Sign in");
    await signInRefused(page);
    await page.frameLocator("#mailbox iframe").getByRole("link", { name: "Confirm my account" }).waitFor();
    await press(page, "Send the link again");
    await said(page, "A mail was sent to ada@example.com.");
    await expect.poll(() => page.locator("#mailbox .mail-line").count(), { timeout: 5000 }).toBe(2);
    expect(outbox.messages({ to: "ada@example.com" })).toHaveLength(2);
    await openMail(page, "Confirm my account");
    await said(page, "The address is confirmed. Sign in now.");
    expect(await page.locator("#mailbox").count()).toBe(0);
    expect(problems).toEqual([]);
  });

  test("a reset link's token leaves the address bar at once, and leads to a new password", async () => {
    const { page, baseUrl, problems } = await open();
    await press(page, "admin");
    await register(page, "root@example.com");
    await press(page, "Sign out");
    await press(page, "Sign in");
    await press(page, "Forgot the password");
    await press(page, "Send me a link");
    await openMail(page, "Change my password");
    await page.getByRole("heading", { name: "Set a new password" }).waitFor();
    expect(page.url()).toBe(`${baseUrl}/`);

    await page.getByLabel("New password").fill("another violet kettle 48");
    await page.getByLabel("Once more").fill("another violet kettle 48");
    await press(page, "Set the password");
    await said(page, "The password is set, and you are signed in.");
    await press(page, "Sign out");
    await press(page, "Sign in");
    await signIn(page, "another violet kettle 48");
    expect(problems).toEqual([]);
  });

  test("a second device has tokens of its own, and can be ended from the first", async () => {
    const { page } = await open();
    await press(page, "admin");
    await register(page, "root@example.com");
    await press(page, "Sign in on another device");
    await page.getByLabel("Password of root@example.com").fill(password);
    await press(page, "Sign in there");
    await expect.poll(() => page.locator(".devices li").count()).toBe(2);
    const ends = page.locator(".devices").getByRole("button", { name: /^End session/ });
    const names = await Promise.all((await ends.all()).map((one) => one.getAttribute("aria-label")));
    expect(new Set(names).size).toBe(2);
    expect(await page.locator(".devices li", { hasText: "this device" }).count()).toBe(1);
    expect(await page.locator(".held").count()).toBe(2);
    await press(page, "End all others");
    await expect.poll(() => page.locator(".devices li").count()).toBe(1);
    await press(page, "Send as other device");
    await page.locator(".cell.mirrored.refused").first().waitFor();
    await press(page, "One request");
    await said(page, /^Welcome Ada Lovelace/);
  });

  test("a session that was ended elsewhere says so, and leads to the sign-in", async () => {
    const { page } = await open();
    await press(page, "admin");
    await tryAs(page, "Grace");
    await press(page, "Show the list");
    await page.getByRole("button", { name: /^End session 1: this device/ }).click();
    await page.getByRole("button", { name: "Try as Grace" }).waitFor();
    expect(await heldToken(page)).toMatch(/^No token/);
  });

  test("a configuration with one model and no window is drawn as it is, and fits a phone", async () => {
    const customer = { mountAt: "/customers", confirmable: false };
    const only = { models: { customer }, groups: {}, batchRequestBufferThrottle: "0s" } as const;
    const { page, problems } = await open(only, {
      viewport: { width: 360, height: 740 },
      colorScheme: "dark",
    });
    await register(page, "eve@example.com");
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    for (const number of [2, 3]) {
      await press(page, "One request");
      await said(page, `Token ${number - 1} became token ${number}.`);
    }
    expect(await page.getByRole("button", { name: /door|Group/ }).count()).toBe(0);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    expect(problems).toEqual([]);
  });
});

async function signInRefused(page: Page): Promise<void> {
  await page.getByLabel("Password").fill(password);
  await press(page, "Sign in");
  await said(page, "The password was right, the address is not confirmed yet.");
}

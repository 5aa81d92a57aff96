import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { build } from "vite";
import { afterEach, describe, expect, test } from "vitest";
import { root } from "../scripts/entries.mjs";
import { chromiumPath, demoBrowser, press, said, tryAs, windowOver } from "./browser-fixture.js";

const open = demoBrowser("the demo's page as a static page in a browser");
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const types: Readonly<Record<string, string>> = {
  js: "text/javascript",
  css: "text/css",
  html: "text/html",
  svg: "image/svg+xml",
};

/** Builds the page for an API, and serves the files from an origin of their own. Returns their address. */
async function publish(settings: Readonly<Record<`VITE_${string}`, string>>): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), "keyturn-page-"));
  closing.push(() => rmSync(outDir, { recursive: true }));
  Object.assign(process.env, settings);
  try {
    const configFile = `${root}demo/page/vite.config.ts`;
    await build({ configFile, logLevel: "silent", build: { outDir, emptyOutDir: true } });
  } finally {
    for (const name of Object.keys(settings)) delete process.env[name];
  }
  const server = serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch({ url }) {
      const name = new URL(url).pathname.replace(/^\/folder\//, "") || "index.html";
      const type = types[name.split(".").at(-1) ?? ""] ?? "text/plain";
      return new Response(readFileSync(join(outDir, name)), { headers: { "content-type": type } });
    },
  });
  await new Promise((resolve) => server.once("listening", resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/folder/`;
}

describe.skipIf(!chromiumPath)("the demo's page from another origin", { timeout: 60_000 }, () => {
  test("works against the API that the build names", async () => {
    const { page, problems } = await open({}, {}, (baseUrl) => publish({ VITE_API_URL: baseUrl }));
    await tryAs(page, "Ada");
    await windowOver(page);
    await press(page, "One request");
    await said(page, "Welcome Ada Lovelace. Token 1 became token 2.");
    await page.locator(".events li", { hasText: "session.created" }).waitFor();
    await press(page, "Sign out");
    await press(page, "Register");
    await page.getByLabel("E-mail").fill("ada@example.com");
    await page.getByLabel("Password").fill("violet kettle 47 marsh");
    await press(page, "Register");
    // Another origin may not frame a mail, so it is text.
    await page.locator("#mailbox a", { hasText: "/auth/confirmation" }).first().click();
    await said(page, "The address is confirmed. Sign in now.");
    expect(page.url()).toContain("/folder/");
    expect(problems).toEqual([]);
  });

  test("needs nothing of the demo's own routes: the build says which model there is", async () => {
    const { page } = await open({}, {}, async (baseUrl) => {
      const address = await publish({
        VITE_API_URL: baseUrl,
        VITE_MODEL: "admin",
        VITE_MOUNT_AT: "/admin_auth",
        VITE_WINDOW: "1000",
      });
      return address;
    });
    await page.route("**/demo/**", (route) => route.abort());
    await page.reload();
    await press(page, "Register");
    await page.getByLabel("E-mail").fill("root@example.com");
    await page.getByLabel("Password").fill("violet kettle 47 marsh");
    await press(page, "Register");
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    await windowOver(page);
    await press(page, "One request");
    await said(page, "Token 1 became token 2.");
    expect(await page.locator(".path", { hasText: "/admin_auth/validate_token" }).count()).toBeGreaterThan(0);
  });
});

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { chromiumPath, demoBrowser, press, said, tryAs } from "./browser-fixture.js";

const open = demoBrowser("the demo's accessibility in a browser");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Finding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe finds on the page as it is, in short. */
async function findings(page: Page): Promise<readonly string[]> {
  // By the debugger, not by a script element: the page's policy allows none but its own.
  await page.evaluate(axe);
  const { violations }: { violations: readonly Finding[] } = await page.evaluate(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })",
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
  );
}

describe.skipIf(!chromiumPath)("the demo's page, for everybody", { timeout: 90_000 }, () => {
  test.each([
    ["light", { width: 1280, height: 800 }],
    ["dark", { width: 1280, height: 800 }],
    ["light", { width: 390, height: 844 }],
    ["dark", { width: 390, height: 844 }],
  ] as const)("axe finds nothing in any state, %s, %o", async (colorScheme, viewport) => {
    const { page } = await open({}, { colorScheme, viewport });
    await said(page, "It sends a request.");
    expect(await findings(page)).toEqual([]);

    await press(page, "Register");
    await page.getByLabel("Name").fill("Ada Lovelace");
    await page.getByLabel("E-mail").fill("ada@example.com");
    await page.getByLabel("Password").fill("short");
    await press(page, "Register");
    await page.locator(".problems p").waitFor();
    expect(await findings(page)).toEqual([]);
    await page.getByLabel("Password").fill("violet kettle 47 marsh");
    await press(page, "Register");
    await page.frameLocator("#mailbox iframe").getByRole("link").first().waitFor();
    expect(await findings(page)).toEqual([]);

    await press(page, "Try without a form");
    await tryAs(page, "Ada");
    await press(page, "Batch of 20");
    await said(page, "20 of 20 parallel requests were accepted");
    await press(page, "Replay an old token");
    await said(page, "The old token was refused.");
    await press(page, "Sign in on another device");
    await page.locator(".devices li").first().waitFor();
    for (const summary of await page.locator("summary").all()) await summary.click();
    expect(await findings(page)).toEqual([]);
    await press(page, "Delete the account…");
    expect(await findings(page)).toEqual([]);
  });

  test("somebody without a mouse signs in, sends, and hears what came of it", async () => {
    const { page } = await open();
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.className")).toBe("skip");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Try as Ada");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    await page.getByRole("button", { name: "One request" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("Welcome Ada Lovelace").waitFor();
    await page.getByText("The diagram as a table").click();
    await page.getByRole("cell", { name: /Server responds 200 with token 1/ }).waitFor();
  });
});

import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { chromiumPath, demoBrowser, heldToken, press, said, tryAs, windowOver } from "./browser-fixture.js";

const open = demoBrowser("the demo's scenes in a browser");

const laptop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

/** Whether the token and a good part of the diagram are in sight without scrolling. */
async function isInSight(page: Page): Promise<boolean> {
  const height = page.viewportSize()?.height ?? 0;
  const [held, scroller] = await Promise.all(
    ["#held", "#scroller"].map((part) => page.locator(part).boundingBox()),
  );
  if (!held || !scroller) return false;
  const seen = Math.min(scroller.y + scroller.height, height) - Math.max(scroller.y, 0);
  return held.y >= 0 && held.y + held.height <= height && seen >= 120;
}

const title = (page: Page, lane: number) => page.locator(".held-title").nth(lane).textContent();
const refused = (page: Page) => page.locator(".cell.refused").count();

describe.skipIf(!chromiumPath)("the demo's scenes", { timeout: 60_000 }, () => {
  test.each([
    ["a laptop", laptop],
    ["a phone", phone],
  ])(
    "token and diagram are on the first screen of %s, before and after signing in and after a click",
    async (_name, viewport) => {
      const { page, problems } = await open({}, { viewport });
      expect(await isInSight(page)).toBe(true);
      await tryAs(page, "Ada");
      await page.evaluate("scrollTo(0, 0)");
      expect(await isInSight(page)).toBe(true);
      await press(page, "The admin’s door");
      await said(page, "Refused with 401");
      expect(await isInSight(page)).toBe(true);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(viewport.width);
      expect(problems).toEqual([]);
    },
  );

  test("while nobody is signed in an example plays with real traffic, and can be stopped and played again", async () => {
    const { page, problems } = await open();
    await said(page, "It sends a request.");
    await said(page, "Eight requests leave at once");
    await page.locator(".times", { hasText: "× 8" }).first().waitFor();
    expect(await heldToken(page)).toMatch(/^Token [23]/);
    await press(page, "Stop");
    await press(page, "Play the example");
    await page.getByRole("button", { name: "Stop" }).waitFor();
    await tryAs(page, "Ada");
    expect(await page.locator(".lifelines").textContent()).toBe("This pageServer");
    expect(problems).toEqual([]);
  });

  test("each button has a line of its own that says what it does", async () => {
    const { page } = await open();
    await tryAs(page, "Ada");
    const buttons = page.locator("#controls button");
    const lines = await Promise.all(
      (await buttons.all()).map(async (button) => {
        const id = await button.getAttribute("aria-describedby");
        return page.locator(`[id="${id}"]`).textContent();
      }),
    );
    expect(lines.length).toBeGreaterThanOrEqual(11);
    expect(lines.filter((line) => !line?.endsWith("."))).toEqual([]);
    expect(new Set(lines).size).toBe(lines.length);
  });

  test("a lost response is asked for again by the client, which is given the same token", async () => {
    const { page } = await open();
    await tryAs(page, "Ada");
    await windowOver(page);
    await press(page, "Lose a response");
    await said(page, "The client asked again by itself and was given token 2.");
    expect(await page.locator(".cell.lost").count()).toBe(1);
  });

  test("who copies a token is refused when it was replaced twice, and the owner stays signed in", async () => {
    const { page, problems } = await open();
    await tryAs(page, "Ada");
    await press(page, "Steal this token");
    await said(page, "It is accepted: a copy looks like its owner.");
    await said(
      page,
      "The thief is refused, and the server reports a token that was reused. You stay signed in.",
    );
    expect(await Promise.all([title(page, 0), title(page, 1)])).toEqual([
      expect.stringMatching(/^Token 4/),
      expect.stringMatching(/^Token 2/),
    ]);
    expect(await refused(page)).toBe(1);
    await press(page, "Send as the thief");
    await expect.poll(() => page.locator(".cell.mirrored.sent").count()).toBe(3);
    await press(page, "Close");
    await press(page, "One request");
    await said(page, /^Welcome Ada Lovelace/);
    expect(problems).toEqual([]);
  });

  test("with “expire” one replacement is enough to refuse the thief", async () => {
    const { page } = await open({ lostResponses: "expire" });
    await tryAs(page, "Ada");
    await press(page, "Steal this token");
    await said(page, "The thief is refused, because the token was replaced. You stay signed in.");
    expect(await title(page, 0)).toMatch(/^Token 3/);
  });

  test("a thief who rotates twice first leaves the owner outside, on an account that is thrown away", async () => {
    const { page } = await open();
    await tryAs(page, "Ada");
    await press(page, "A faster thief");
    await said(page, "The owner is refused and has to sign in again.");
    expect(await Promise.all([title(page, 0), title(page, 1)])).toEqual([
      expect.stringMatching(/^No token/),
      expect.stringMatching(/^Token 3/),
    ]);
    await press(page, "Close");
    await press(page, "One request");
    await said(page, /^Welcome Ada Lovelace/);
  });

  test("the same loss is survived with “recover” and ends the session with “expire”, side by side", async () => {
    const { page, problems } = await open();
    await tryAs(page, "Ada");
    await press(page, "Compare recover and expire");
    await said(page, "“recover” gives the token again. “expire” refuses it");
    expect(await Promise.all([title(page, 0), title(page, 1)])).toEqual([
      expect.stringMatching(/^Token [23]/),
      expect.stringMatching(/^No token/),
    ]);
    expect(await page.locator(".cell.lost").count()).toBe(2);
    expect(problems).toEqual([]);
  });

  test("two tabs share a session: what one of them is given, the other one uses", async () => {
    const { page, problems } = await open();
    await tryAs(page, "Ada");
    await press(page, "Two tabs");
    await said(page, "it looked into the storage before it asked");
    await expect
      .poll(() => Promise.all([title(page, 0), title(page, 1)]))
      .toEqual([expect.stringMatching(/^Token 3/), expect.stringMatching(/^Token 3/)]);
    expect(await refused(page)).toBe(0);
    expect(problems).toEqual([]);
  });

  test("a button that is pressed during a scene ends it, and what it says is what is shown", async () => {
    const { page } = await open();
    await tryAs(page, "Ada");
    await press(page, "Steal this token");
    await said(page, "It is accepted");
    await press(page, "One request");
    await said(page, /^Welcome Ada Lovelace/);
    await page.waitForTimeout(1500);
    await said(page, /^Welcome Ada Lovelace/);
    expect(await page.locator(".held").count()).toBe(1);
  });
});

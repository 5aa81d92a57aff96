/**
 * `node scripts/screenshots.mjs http://localhost:3000`: makes the pictures of README from a demo that runs, one of a laptop and one of a
 * phone. By hand, when the page looks different.
 */
import { chromium } from "playwright-core";
import { root } from "./entries.mjs";

const url = process.argv[2] ?? "http://localhost:3000";
const places = {
  demo: { width: 1280, height: 800 },
  "demo-phone": { width: 390, height: 844 },
};

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
for (const [name, viewport] of Object.entries(places)) {
  const context = await browser.newContext({ viewport, reducedMotion: "reduce" });
  const page = await context.newPage();
  const press = (button) => page.getByRole("button", { name: button, exact: true }).click();
  const windowOver = () => page.locator("#held").getByText("A request brings a new token.").waitFor();
  await page.goto(url);
  await press("Try as Ada");
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  await windowOver();
  await press("One request");
  await page.getByText("became token").waitFor();
  await windowOver();
  await press("Batch of 20");
  await page.getByText("parallel requests were accepted").waitFor();
  if (name === "demo") {
    await windowOver();
    await press("One request");
    await page.getByText("became token").waitFor();
  }
  await page.evaluate("scrollTo(0, 0)");
  await page.mouse.move(0, 0);
  await page.screenshot({ path: `${root}docs/images/${name}.png` });
  await context.close();
}
await browser.close();

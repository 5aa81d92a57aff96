import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import type { AuthConfig } from "keyturn";
import type { Outbox } from "keyturn/mail";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { chromiumPath, launchChromium } from "../test/fixtures/browser.js";
import { startSite } from "./site-fixture.js";

export { chromiumPath } from "../test/fixtures/browser.js";

export const password = "violet kettle 47 marsh";

const text = { type: "string", writable: true } as const;
const fields = { name: text, nickname: text, image: text };
const models: AuthConfig["models"] = {
  user: { mountAt: "/auth", fields },
  admin: { mountAt: "/admin_auth", fields, confirmable: false },
};

/** A page of the demo in a real browser. */
export interface OpenPage {
  readonly page: Page;
  readonly baseUrl: string;
  /** What the browser complained about. */
  readonly problems: readonly string[];
  readonly outbox: Outbox;
}

export type OpenDemo = (
  config?: Partial<AuthConfig>,
  context?: BrowserContextOptions,
  /** Where the page is, if it does not come from the server. */
  placeOf?: (baseUrl: string) => Promise<string>,
) => Promise<OpenPage>;

/** Starts a browser for the tests of a file. What is opened is closed after each test. */
export function demoBrowser(subject: string): OpenDemo {
  if (!chromiumPath) console.log(`skipped: ${subject} (no Chromium; CHROMIUM names one)`);
  let browser: Browser;
  const closing: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    if (chromiumPath) browser = await launchChromium();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  afterAll(() => browser?.close());

  return async (config = {}, context = {}, placeOf = async (baseUrl) => baseUrl) => {
    let respond: (request: Request) => Response | Promise<Response> = () =>
      new Response(null, { status: 503 });
    const server = serve({ fetch: (request) => respond(request), port: 0, hostname: "127.0.0.1" });
    await new Promise((resolve) => server.once("listening", resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { app, auth, outbox } = await startSite({
      baseUrl,
      models,
      lostResponses: "recover",
      batchRequestBufferThrottle: "1s",
      ...config,
    });
    respond = (request) => app.fetch(request);
    const tab = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      reducedMotion: "reduce",
      ...context,
    });
    const page = await tab.newPage();
    page.setDefaultTimeout(12_000);
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    // A refused request is what some of the tests are about; everything else on the console is a mistake of the page.
    page.on("console", (message) => {
      if (message.type() === "error" && !/status of 4\d\d/.test(message.text()))
        problems.push(message.text());
    });
    closing.push(
      () => auth.close(),
      () => new Promise((resolve) => server.close(resolve)),
      () => tab.close(),
    );
    await page.goto(await placeOf(baseUrl));
    await page.locator("#account").waitFor();
    return { page, baseUrl, problems, outbox };
  };
}

export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole("button", { name, exact: true }).click();

export const said = (page: Page, sentence: string | RegExp): Promise<void> =>
  page.locator("main").getByText(sentence).first().waitFor();

/** Waits until the next request can bring a new token. */
export const windowOver = (page: Page): Promise<void> =>
  page.locator("#held").getByText("A request brings a new token.").first().waitFor();

export const heldToken = (page: Page): Promise<string | null> =>
  page.locator(".held-title").first().textContent();

/** Signs in with a ready account. */
export async function tryAs(page: Page, name: string): Promise<void> {
  await press(page, `Try as ${name}`);
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

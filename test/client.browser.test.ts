import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { build } from "tsdown";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { root } from "../scripts/entries.mjs";
import { person, startServer } from "./fixtures/client-world.js";

const places = [process.env["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser"];
const executablePath = places.find((path) => path !== undefined && existsSync(path));
if (!executablePath) console.log("skipped: the client in a browser (no Chromium; CHROMIUM names one)");

let browser: Browser;
let script = "";
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  if (!executablePath) return;
  const outDir = mkdtempSync(join(tmpdir(), "keyturn-page-"));
  await build({
    entry: { page: `${root}test/fixtures/client-page.ts` },
    outDir,
    format: "esm",
    platform: "browser",
    define: { "process.env.NODE_ENV": '"development"' },
    noExternal: [/.*/],
    dts: false,
    config: false,
    logLevel: "silent",
    fixedExtension: false,
  });
  script = readFileSync(join(outDir, "page.js"), "utf8");
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
}, 60_000);
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => browser?.close());

/** The real server on one origin, and pages on another. */
async function start() {
  const server = await startServer({ now: () => Date.now(), batchRequestBufferThrottle: "1s" });
  let provider = "";
  const answer = async (request: Request): Promise<Response> => {
    if (!new URL(request.url).pathname.startsWith("/auth/fake")) return server.answer(request);
    return new Response(provider, { headers: { "content-type": "text/html" } });
  };
  const api = serve({ fetch: answer, port: 0, hostname: "127.0.0.1" });
  await new Promise((resolve) => api.once("listening", resolve));
  const portOf = (address: unknown): number => (address as { port: number }).port;
  const apiUrl = `http://127.0.0.1:${portOf(api.address())}`;
  const head = `<!doctype html><script>globalThis.api = ${JSON.stringify(apiUrl)}</script>`;
  const body = (inner: string): string => `${head}${inner}<script type="module" src="/page.js"></script>`;
  const drawn = '<div id="hydrated"><div><p id="status">loading nobody</p></div></div>';
  const pages = createServer((req, res) => {
    res.setHeader("content-type", req.url === "/page.js" ? "text/javascript" : "text/html");
    if (req.url === "/page.js") res.end(script);
    else res.end(body(req.url === "/hydrate" ? drawn : '<div id="root"></div>'));
  });
  await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
  const context = await browser.newContext();
  closing.push(
    () => server.auth.close(),
    () => new Promise((resolve) => api.close(resolve)),
    () => new Promise((resolve) => pages.close(resolve)),
    () => context.close(),
  );
  const setProvider = (html: string): void => {
    provider = html;
  };
  return { server, context, setProvider, origin: `http://127.0.0.1:${portOf(pages.address())}` };
}

async function open(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  await page.goto(url);
  await page.locator("#status").waitFor();
  return page;
}
const statusOf = (page: Page) => page.locator("#status").textContent();
const ask = (page: Page, path = "/members_only") =>
  page.evaluate<number>(`client.fetch(${JSON.stringify(path)}).then(({ status }) => status)`);
const signIn = (page: Page) => page.evaluate(`client.signIn(${JSON.stringify(person)}).then(() => 0)`);
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const signedIn = `signed-in ${person.email}`;

describe.skipIf(!executablePath)("React in Chromium", () => {
  test("signs in by a form, renders for a new state and for nothing else, and is right at once after a reload", async () => {
    const { context, origin } = await start();
    const page = await open(context, origin);
    expect(await statusOf(page)).toBe("signed-out nobody");
    await page.getByLabel("email").fill(person.email);
    await page.getByLabel("password").fill(person.password);
    await page.getByRole("button").click();
    await expect.poll(() => statusOf(page)).toBe(signedIn);
    expect(await page.locator("#name").textContent()).toBe(person.email);
    const renders = await page.evaluate<number>("renders");
    const token = () => page.evaluate<string>("client.headersFor('/')['access-token']");
    const first = await token();
    await pause(1200);
    expect(await ask(page)).toBe(200);
    expect(await token()).not.toBe(first);
    expect(await page.evaluate<number>("renders")).toBe(renders);
    await page.reload();
    await page.locator("#status").waitFor();
    expect(await statusOf(page)).toBe(signedIn);
  }, 60_000);

  test("hydrates what the server drew without a mismatch, although the session is there first", async () => {
    const { context, origin } = await start();
    const page = await open(context, origin);
    await signIn(page);
    const errors: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    await page.goto(`${origin}/hydrate`);
    await expect.poll(() => statusOf(page)).toBe(signedIn);
    expect(await page.evaluate("problems")).toEqual([]);
    expect(errors).toEqual([]);
  }, 60_000);
});

describe.skipIf(!executablePath)("several tabs in Chromium", () => {
  test("share one session through rotations, bursts and reloads in mid-flight, and sign out together", async () => {
    const { context, origin } = await start();
    const [one, two] = [await open(context, origin), await open(context, origin)];
    await signIn(one);
    await expect.poll(() => statusOf(two)).toBe(signedIn);
    for (let round = 0; round < 4; round++) {
      await pause(1100);
      // The request is on its way when the page goes: its response arrives at nobody.
      await one.evaluate(
        "void client.fetch('/members_only'); void client.fetch('/members_only', { method: 'POST' })",
      );
      const burst = Promise.all(Array.from({ length: 5 }, () => ask(two)));
      await one.reload();
      await one.locator("#status").waitFor();
      expect(await burst).toEqual([200, 200, 200, 200, 200]);
      expect(await ask(one)).toBe(200);
    }
    expect([await statusOf(one), await statusOf(two)]).toEqual([signedIn, signedIn]);
    await two.evaluate("client.signOut().then(() => 0)");
    await expect.poll(() => statusOf(one)).toBe("signed-out nobody");
  }, 90_000);

  test("a redirect is an error that shows nothing, and the session goes on", async () => {
    const { server, context, origin } = await start();
    const page = await open(context, origin);
    await signIn(page);
    await pause(1200);
    const code = await page.evaluate(
      "client.fetch('/gone_away').then(() => 'followed', (error) => error.code)",
    );
    expect(code).toBe("redirected");
    await pause(300);
    expect(server.calls.filter((call) => call.includes("gone_away"))).toHaveLength(1);
    expect(await ask(page)).toBe(200);
  }, 60_000);

  test("back from the bfcache after signing out elsewhere: nobody is shown", async () => {
    const { context, origin } = await start();
    const [one, two] = [await open(context, origin), await open(context, origin)];
    await signIn(one);
    await one.goto(`${origin}/page.js`);
    await two.evaluate("client.signOut().then(() => 0)");
    await one.goBack();
    await one.locator("#status").waitFor();
    await expect.poll(() => statusOf(one)).toBe("signed-out nobody");
  }, 60_000);
});

describe.skipIf(!executablePath)("uploads in Chromium", () => {
  test("tell how far they have got, send the token and keep the next one", async () => {
    const { context, origin } = await start();
    const page = await open(context, origin);
    await signIn(page);
    const token = () => page.evaluate<string>("client.headersFor('/')['access-token']");
    const first = await token();
    await pause(1200);
    const sent = await page.evaluate<{ status: number; loaded: number; length: number }>(`(async () => {
      let loaded = 0;
      const body = new Blob(["x".repeat(300000)]);
      const onProgress = (progress) => { loaded = progress.loaded; };
      const response = await upload(client, client.authUrl.replace("/auth", "/members_only"), body, { onProgress });
      return { status: response.status, loaded, length: (await response.json()).body.length };
    })()`);
    expect(sent).toEqual({ status: 200, loaded: 300_000, length: 300_000 });
    expect(await token()).not.toBe(first);
    expect(await ask(page)).toBe(200);
  }, 60_000);
});

describe.skipIf(!executablePath)("a provider's window in Chromium", () => {
  const replies = (message: object): string => `<!doctype html><script>
    addEventListener("message", ({ data, source, origin }) => {
      if (data === "requestCredentials") source.postMessage(${JSON.stringify(message)}, origin);
    });
  </script>`;
  const click = (page: Page) =>
    page.evaluate<string>(
      "signInWith(client, 'fake').then(() => 'in', ({ code, cause }) => code + ' ' + cause)",
    );

  test("delivers the session; another page's message does nothing", async () => {
    const { server, context, origin, setProvider } = await start();
    const page = await open(context, origin);
    const held = await server.auth.createNewAuthToken("user", 2);
    const { "access-token": auth_token, client: client_id, expiry, uid } = held;
    const credentials = {
      auth_token,
      client_id,
      expiry,
      uid,
      config: "default",
      message: "deliverCredentials",
    };
    setProvider("<!doctype html>nothing yet");
    const clicked = click(page);
    await page.evaluate(`postMessage(${JSON.stringify(credentials)}, "*")`);
    await pause(300);
    expect(await statusOf(page)).toBe("signed-out nobody");
    setProvider(replies(credentials));
    await context.pages().at(-1)?.reload();
    expect(await clicked).toBe("in");
    await expect.poll(() => statusOf(page)).toBe("signed-in bob@example.com");
    await expect.poll(() => context.pages().length).toBe(1);
  }, 60_000);

  test("refused, closed and blocked have codes of their own, and each settles", async () => {
    const { context, origin, setProvider } = await start();
    const page = await open(context, origin);
    setProvider(replies({ message: "authFailure", error: "access_denied" }));
    expect(await click(page)).toBe("provider_refused access_denied");
    setProvider("<!doctype html><script>close()</script>");
    expect(await click(page)).toBe("popup_closed undefined");
    await page.evaluate("window.open = () => null");
    expect(await click(page)).toBe("popup_blocked undefined");
    expect(await page.evaluate("Object.keys(sessionStorage).length")).toBe(0);
  }, 60_000);
});

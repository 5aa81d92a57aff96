import { hash } from "node:crypto";
import type { RequestListener } from "node:http";
import { haveIBeenPwned } from "keyturn/checks";
import { expect, test, vi } from "vitest";
import { listen } from "../../test/fixtures/listening.js";
import { testAuth } from "../testing/testing.js";

const breached = "a long secret that leaked";
const digest = hash("sha1", breached, "hex").toUpperCase();

/** Stands for the range API, with this count for the breached password, and lines that only pad. */
async function rangeApi(times: number, respond?: RequestListener) {
  const asked: { readonly url: string; readonly padding: string | undefined }[] = [];
  const { origin } = await listen((req, res) => {
    asked.push({ url: req.url ?? "", padding: [req.headers["add-padding"]].flat()[0] });
    if (respond) return void respond(req, res);
    const others = ["0018A45C4D1DEF81644B54AB7F969B88D65:10", "00D4F6E8FA6EECAD2A3AA415EEC418D38EC:0"];
    const own = req.url === `/range/${digest.slice(0, 5)}` ? [`${digest.slice(5)}:${times}`] : [];
    res.end([...others, ...own, "011053FD0102E94D6AE2F8B83D76FAF94F6:0"].join("\r\n"));
  });
  return { asked, endpoint: origin };
}

const register = (password: string) => ({
  body: {
    email: "ada@example.com",
    password,
    password_confirmation: password,
    confirm_success_url: "http://localhost:3000/confirmed",
  },
});

test("a password that stands in a breach is found, and five digits of its hash are all that is told", async () => {
  const { asked, endpoint } = await rangeApi(3);
  const isBreached = haveIBeenPwned({ endpoint });
  expect(await isBreached(breached)).toBe(true);
  expect(await isBreached("one that nobody has ever had")).toBe(false);
  expect(asked[0]).toEqual({ url: `/range/${digest.slice(0, 5)}`, padding: "true" });
  expect(asked.every(({ url }) => /^\/range\/[0-9A-F]{5}$/.test(url))).toBe(true);
});

test("a line that only pads the response finds nothing", async () => {
  const { endpoint } = await rangeApi(0);
  expect(await haveIBeenPwned({ endpoint })(breached)).toBe(false);
});

test.each(["\r\n", "\n"])("small letters and any end of a line (%j) are read", async (end) => {
  const lines = [`${digest.slice(5).toLowerCase()}:2`, "00d4f6e8fa6eecad2a3aa415eec418d38ec:0"];
  const { endpoint } = await rangeApi(0, (_req, res) => void res.end(lines.toReversed().join(end)));
  expect(await haveIBeenPwned({ endpoint })(breached)).toBe(true);
});

test("atLeast lets pass what was seen less often, and a mirror may end with a slash", async () => {
  const { endpoint } = await rangeApi(3);
  expect(await haveIBeenPwned({ endpoint: `${endpoint}/`, atLeast: 3 })(breached)).toBe(true);
  expect(await haveIBeenPwned({ endpoint: `${endpoint}/`, atLeast: 4 })(breached)).toBe(false);
});

test.each([
  ["responds with an error", (_req, res) => void res.writeHead(503).end()],
  [
    "has had too many questions",
    (_req, res) => void res.writeHead(429, { "retry-after": "2" }).end("slow down"),
  ],
  [
    "is behind a proxy that lets nobody out",
    (_req, res) => void res.writeHead(200, { "content-type": "text/html" }).end("<h1>Request blocked</h1>"),
  ],
  ["is another one", (_req, res) => void res.end('{"breached":0}')],
  ["leads elsewhere", (_req, res) => void res.writeHead(302, { location: "/elsewhere" }).end()],
  ["cuts the connection", (req) => void req.socket.destroy()],
  ["does not respond in time", () => undefined],
] satisfies [string, RequestListener][])("an API that %s rejects", async (_what, respond) => {
  const { endpoint } = await rangeApi(1, respond);
  await expect(haveIBeenPwned({ endpoint, timeout: 200 })(breached)).rejects.toThrow();
});

test("an API that failed three times in a row is not asked for a minute, and then again", async () => {
  let isDown = true;
  const { asked, endpoint } = await rangeApi(1, (_req, res) => {
    if (isDown) res.writeHead(503).end();
    else res.end(`${digest.slice(5)}:1`);
  });
  const check = haveIBeenPwned({ endpoint });
  const clock = vi.spyOn(performance, "now").mockReturnValue(1_000_000);
  for (let i = 0; i < 5; i++) await expect(check(breached)).rejects.toThrow();
  expect(asked).toHaveLength(3);
  clock.mockReturnValue(1_059_999);
  await expect(check(breached)).rejects.toThrow("is away");
  isDown = false;
  clock.mockReturnValue(1_060_000);
  expect(await check(breached)).toBe(true);
  // A response makes the failures before it forgotten.
  isDown = true;
  for (let i = 0; i < 2; i++) await expect(check(breached)).rejects.toThrow("503");
  clock.mockRestore();
  expect(asked).toHaveLength(6);
});

test("a mistake in the options is told when the check is made", () => {
  expect(() => haveIBeenPwned({ endpoint: "pwned.example" })).toThrow(/"endpoint" must be an absolute URL/);
  expect(() => haveIBeenPwned({ atLeast: 0 })).toThrow(/"atLeast" must be 1 or more/);
});

test("a registration with a breached password is refused at its field; another is not", async () => {
  const { endpoint } = await rangeApi(1);
  const { request } = await testAuth({ isPasswordBreached: haveIBeenPwned({ endpoint }) });
  const refused = await request("POST /auth", register(breached));
  expect(refused.status).toBe(422);
  expect(await refused.json()).toMatchObject({ codes: { password: ["breached"] } });
  expect((await request("POST /auth", register("one that nobody has ever had"))).status).toBe(200);
});

test("while the API is away passwords pass, with an event", async () => {
  const { endpoint } = await rangeApi(1, (_req, res) => void res.writeHead(500).end());
  const { request, events } = await testAuth({ isPasswordBreached: haveIBeenPwned({ endpoint }) });
  expect((await request("POST /auth", register(breached))).status).toBe(200);
  expect(events.map(({ name }) => name)).toContain("password.breach_check_failed");
});

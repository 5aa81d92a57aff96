import { createServer, type RequestListener } from "node:http";
import { connect } from "node:net";
import { getRequestListener } from "@hono/node-server";
import fc from "fast-check";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keyturn } from "../src/adapters/hono.js";
import { authenticateNode, toNodeListener } from "../src/adapters/node.js";
import { routes } from "../src/features/list.js";
import { credentialsOf, testAuth } from "../src/testing/testing.js";
import { paramsOf } from "./fixtures/routes.js";

/** Seconds for each entry point. */
const seconds = Number(process.env["FUZZ_SECONDS"] ?? 2);
const limit = 2000;
const models = {
  user: { mountAt: "/auth", confirmable: false, fields: { name: { type: "string", writable: true } } },
  guest: { mountAt: "/guests" },
} as const;

interface Attempt {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
  /** Bytes of the whole that are sent; the rest never comes. */
  readonly cutAt: number;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const params = [...new Set(routes.flatMap((route) => paramsOf(route).map((name) => name.replace("!", ""))))];
const names = fc.constantFrom(
  ...params,
  "name",
  "access-token",
  "client",
  "uid",
  "unbatch",
  "id",
  "__proto__",
);
const words = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "",
    " ",
    "\0",
    "\ud800",
    "ada@example.com",
    "a@b.co\r\nBcc: x@y.zz",
    "%",
    "x".repeat(5000),
    "http://localhost:1/",
    "//evil.example",
    "constructor",
    "correct horse battery staple",
  ),
);
const mounted = fc
  .tuple(fc.constantFrom("/auth", "/guests"), fc.constantFrom(...routes.map(({ path }) => path)))
  .map(([mount, path]) => mount + (path === "/" ? "" : path));
const odd = fc.constantFrom(
  "//auth",
  "/auth//",
  "/auth%2fsign_in",
  "/auth/..",
  "/auth/../auth/sign_in",
  "/auth/%00",
);
const odder = fc.constantFrom(
  "/auth/%",
  "/auth/sessions/%ff",
  "/auth/\\..\\",
  `/auth/${"x".repeat(9000)}`,
  "/auth;a=b",
);
const paths = fc.oneof({ weight: 6, arbitrary: mounted }, odd, odder, fc.webPath());
const queries = fc
  .array(fc.tuple(names, words), { maxLength: 4 })
  .map((pairs) =>
    new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value])).toString(),
  );
const rawQueries = fc.constantFrom(
  "",
  "%",
  "a=%ff&b=%",
  "&&==&",
  "email[]=1&email[a]=2",
  "=",
  "unbatch=true",
);
const headerText = fc
  .string({
    unit: fc
      .integer({ min: 0x20, max: 0xff })
      .filter((code) => code !== 0x7f)
      .map((code) => String.fromCharCode(code)),
  })
  .map((text) => text.trim());
const headerNames = fc.constantFrom(
  ..."access-token client uid token-type expiry authorization cookie origin user-agent x-forwarded-for referer".split(
    " ",
  ),
  ..."x-forwarded-host sec-fetch-site access-control-request-method accept if-none-match content-language".split(
    " ",
  ),
);
const jsonBodies = fc
  .array(fc.tuple(names, fc.oneof(words, fc.jsonValue(), fc.double())), { maxLength: 6 })
  .map((pairs) => utf8(JSON.stringify(Object.fromEntries(pairs))));
const formBodies = queries.map(utf8);
const bodies = fc.oneof(
  { weight: 5, arbitrary: jsonBodies.map((body) => ["application/json", body] as const) },
  { weight: 2, arbitrary: formBodies.map((body) => ["application/x-www-form-urlencoded", body] as const) },
  fc.tuple(
    fc.constantFrom(
      "application/json",
      "multipart/form-data; boundary=x",
      "text/plain",
      "application/vnd.api+json",
      "",
    ),
    fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      fc.json().map(utf8),
      fc.constantFrom(
        utf8('--x\r\ncontent-disposition: form-data; name="email"\r\n\r\na@b.co\r\n--x--\r\n'),
        utf8(`${"[".repeat(30_000)}`),
        new Uint8Array(70_000),
      ),
    ),
  ),
);
const methods = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS") },
  fc.constantFrom("PROPFIND", "MKCOL", "LINK", "QUERY"),
);
const attempts: fc.Arbitrary<Attempt & { signedIn: boolean }> = fc
  .record({
    method: methods,
    path: paths,
    query: fc.oneof(queries, rawQueries),
    headers: fc.array(fc.tuple(headerNames, headerText), { maxLength: 5 }),
    body: bodies,
    signedIn: fc.boolean(),
    cutAt: fc.oneof({ weight: 7, arbitrary: fc.constant(Number.POSITIVE_INFINITY) }, fc.nat(2000)),
  })
  .map(({ path, query, body: [type, body], headers, ...rest }) => ({
    ...rest,
    target: query === "" ? path : `${path}?${query}`,
    headers: [...(type === "" ? [] : [["content-type", type] as const]), ...headers],
    body,
  }));

let tested: Awaited<ReturnType<typeof start>>;
let held: Record<string, string> = {};
let accounts = 0;
const logged: unknown[] = [];
const start = () =>
  testAuth({
    models,
    defaultConfirmSuccessUrl: "http://localhost:1/",
    trustedProxies: ["127.0.0.1"],
    logger: { info() {}, warn() {}, error: (details) => logged.push(details) },
  });

beforeAll(async () => {
  tested = await start();
});
afterAll(() => tested.auth.close());

/** Some attempts come with good credentials, so that they get past the door; the account may be gone by then. */
async function credentials(): Promise<[string, string][]> {
  if (accounts++ % 50 === 0) {
    const body = { email: `a${accounts}@example.com`, password: "correct horse battery staple" };
    held = credentialsOf(await tested.request("POST /auth", { body }));
  }
  return Object.entries(held);
}

async function fuzz(send: (attempt: Attempt) => Promise<void>): Promise<void> {
  let sent = 0;
  const run = async ({ signedIn, ...attempt }: Attempt & { signedIn: boolean }): Promise<void> => {
    sent++;
    const own = signedIn ? await credentials() : [];
    const headers = [...attempt.headers.filter(([name]) => !own.some(([ours]) => ours === name)), ...own];
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${limit} ms`)), limit);
    });
    await Promise.race([send({ ...attempt, headers }), late]).finally(() => clearTimeout(timer));
    expect(logged).toEqual([]);
  };
  await fc.assert(fc.asyncProperty(attempts, run), {
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: seconds * 1000,
  });
  expect(sent).toBeGreaterThan(20);
  if (process.env["FUZZ_SECONDS"] !== undefined) console.info(`${sent} requests`);
}

function check(status: number, type: string | null, body: string, isHead: boolean): void {
  expect(status).toBeLessThan(500);
  if (status < 400 || isHead) return;
  if (type?.startsWith("text/html")) {
    expect(body).toContain("This link does not work");
    return;
  }
  expect(type).toMatch(/^application\/json/);
  expect(JSON.parse(body)).toHaveProperty("errors");
}

async function handled({ method, target, headers, body }: Attempt): Promise<void> {
  const hasBody = method !== "GET" && method !== "HEAD";
  const request = new Request(new URL(`http://localhost:3000${target}`), {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    ...(hasBody ? { body: new Uint8Array(body) } : {}),
  });
  const answer = await tested.auth.handle(request);
  check(answer.status, answer.headers.get("content-type"), await answer.text(), method === "HEAD");
}

/** Sends the bytes as they are; whoever cuts a request short also closes it. */
async function sent(port: number, { method, target, headers, body, cutAt }: Attempt): Promise<void> {
  // What cannot stand in a request line is not ours to refuse.
  const line = `${method} ${encodeURI(target).replace(/%25/g, "%")} HTTP/1.1`;
  const head = [line, "host: evil.example", "connection: close", `content-length: ${body.length}`];
  const lines = [...head, ...headers.map(([name, value]) => `${name}: ${value}`), "", ""].join("\r\n");
  const bytes = Buffer.concat([Buffer.from(lines, "latin1"), body]);
  const got = await new Promise<string>((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => {
      if (cutAt < bytes.length) socket.end(bytes.subarray(0, cutAt));
      else socket.write(bytes);
    });
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", () => {});
    socket.on("close", () => resolve(Buffer.concat(chunks).toString("latin1")));
  });
  const [answer = "", rest = ""] = got.split("\r\n\r\n");
  const text = /^transfer-encoding: chunked/im.test(answer) ? (rest.split("\r\n")[1] ?? "") : rest;
  const status = Number(answer.split(" ")[1] ?? 400);
  const type = /^content-type: (.*)$/im.exec(answer)?.[1] ?? null;
  // Node itself answers what is not HTTP, and what is cut short may have no answer at all.
  if ((status === 400 || status === 431) && type === null) return;
  if (cutAt < bytes.length && answer === "") return;
  expect(answer).toMatch(/^HTTP\/1\.1 \d{3} /);
  check(status, type, text, method === "HEAD");
}

const nothing = JSON.stringify({ errors: ["Nothing is here."] });
const servers: Record<string, () => RequestListener> = {
  "a node:http server": () =>
    toNodeListener(tested.auth, async (req, res) => {
      if (!(await authenticateNode(tested.auth, "user", req, res))) return;
      res.writeHead(404, { "content-type": "application/json" }).end(nothing);
    }),
  "a Hono server": () => {
    const app = new Hono();
    app.use(keyturn(tested.auth));
    app.notFound((c) => c.json({ errors: ["Nothing is here."] }, 404));
    return getRequestListener(app.fetch);
  },
};

describe("whatever is sent, the answer is one: no 5xx, no hang, JSON (security 10)", () => {
  test("to auth.handle", () => fuzz(handled), (seconds + 20) * 1000);

  test.each(Object.entries(servers))(
    "over a socket to %s",
    async (_name, listener) => {
      const server = createServer(listener());
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      await fuzz((attempt) => sent(port, attempt)).finally(() => server.close());
    },
    (seconds + 20) * 1000,
  );
});

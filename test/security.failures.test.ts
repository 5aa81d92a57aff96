import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database, Store } from "../src/database/port.js";
import { sqlite } from "../src/database/sqlite/sqlite.js";
import { AuthError } from "../src/errors.js";
import { internals } from "../src/internals.js";
import { credentialsOf, testAuth } from "../src/testing/testing.js";
import { failure } from "./fixtures/http.js";

const password = "correct horse battery staple";
const account = { email: "ada@example.com", password };
const models = { user: { mountAt: "/auth", confirmable: false }, careful: { mountAt: "/careful" } } as const;
const logged: string[] = [];
const logger = { info() {}, warn() {}, error: (_details: object, message: string) => logged.push(message) };

/** A database whose every verb does as it is told: works, throws, or does not come back until it is let go. */
function moodyDatabase() {
  const real = sqlite(":memory:");
  const mood = { now: "works" as "works" | "throws" | "breaks" | "stalls" | "missing", letGo: () => {} };
  const answer = async (call: () => unknown): Promise<unknown> => {
    if (mood.now === "throws")
      throw new AuthError("unavailable", {
        cause: new Error("the database is gone, its password is hunter2"),
      });
    if (mood.now === "breaks") throw new Error("a bug in line hunter2");
    if (mood.now === "stalls") {
      await new Promise<void>((resolve) => {
        mood.letGo = resolve;
      });
      throw new Error("timed out");
    }
    return call();
  };
  const moody = <T extends object>(verbs: T): T =>
    new Proxy(verbs, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value === "function" && name !== "close") {
          return (...args: unknown[]) => answer(() => Reflect.apply(value, target, args));
        }
        return typeof value === "object" && value !== null ? moody(value) : value;
      },
    });
  const database: Database = {
    async connect(options): Promise<Store> {
      if (mood.now === "missing") throw new Error("nobody listens there");
      return moody(await real.connect(options));
    },
  };
  return { database, mood };
}

const { database, mood } = moodyDatabase();
const mail = { fails: false, sent: 0 };
let app: Awaited<ReturnType<typeof start>>;
let held: Record<string, string>;
const start = () =>
  testAuth({
    models,
    database,
    logger,
    redirectAllowlist: ["https://app.example.com/*"],
    defaultConfirmSuccessUrl: "https://app.example.com/",
    defaultPasswordResetUrl: "https://app.example.com/",
    mail: {
      from: "Test <test@example.com>",
      async send() {
        if (mail.fails) throw new Error("no route to the mail server");
        mail.sent++;
      },
    },
  });

const protect = (headers: Record<string, string>) =>
  app.auth[internals].authenticate("user", {
    method: "GET",
    url: "/members",
    peer: "127.0.0.1",
    header: (name) => headers[name],
  });

async function everyRoute(headers: Record<string, string>): Promise<Response[]> {
  const body = { ...account, email: "new@example.com" };
  const change = { password: `${password}!`, password_confirmation: `${password}!` };
  const routes: [string, object?][] = [
    ["POST /auth", body],
    ["POST /auth/sign_in", account],
    ["GET /auth/validate_token"],
    ["PUT /auth", { email: "other@example.com" }],
    ["PUT /auth/password", change],
    ["POST /auth/password", account],
    ["GET /auth/password/edit?reset_password_token=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    ["GET /auth/sessions"],
    ["DELETE /auth/sessions"],
    ["DELETE /auth/sign_out"],
    ["DELETE /auth"],
  ];
  const answers: Response[] = [];
  for (const [route, sent] of routes)
    answers.push(await app.request(route, { headers, ...(sent ? { body: sent } : {}) }));
  return answers;
}

beforeAll(async () => {
  app = await start();
  held = credentialsOf(await app.request("POST /auth", { body: account }));
});
afterAll(() => app.auth.close());

describe("when the database fails", () => {
  test("every route answers 503 and asks to come again, none lets anybody pass or tells why (security 47)", async () => {
    app.clock.forward("6s");
    mood.now = "throws";
    const before = logged.length;
    for (const answer of await everyRoute(held)) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get("retry-after")).toMatch(/^[2-5]$/);
      expect(answer.headers.has("access-token")).toBe(false);
      expect(await answer.text()).not.toMatch(/hunter2|gone|Error/);
    }
    const protection = await protect(held);
    expect(protection.authentication).toBeUndefined();
    expect(protection).toMatchObject({ status: 503 });
    expect(logged.length).toBeGreaterThanOrEqual(before + 10);
    mood.now = "works";
    expect((await protect(held)).authentication?.account["email"]).toBe(account.email);
  });

  test("an error that nobody expected passes nobody either, and its text stays here (security 47)", async () => {
    mood.now = "breaks";
    for (const answer of await everyRoute(held)) {
      expect(answer.status).toBe(500);
      expect(answer.headers.has("access-token")).toBe(false);
      expect(await answer.json()).toEqual(failure("Something went wrong on our side."));
    }
    expect(await protect(held)).toMatchObject({ authentication: undefined, status: 503 });
    mood.now = "works";
  });

  test("a token that nobody issued is refused without asking it (security 10)", async () => {
    mood.now = "throws";
    const forged = { ...held, client: "someone-else" };
    expect(await protect(forged)).toMatchObject({ authentication: undefined, status: 401 });
    mood.now = "works";
  });

  test("a request that waits for it passes nobody, and is a 503 once it gives up (security 47)", async () => {
    mood.now = "stalls";
    let passed: unknown;
    const waiting = protect(held).then((protection) => {
      passed = protection;
    });
    await app.settled();
    expect(passed).toBeUndefined();
    mood.letGo();
    await waiting;
    expect(passed).toMatchObject({ authentication: undefined, status: 503 });
    mood.now = "works";
  });

  test("one that is not there at the start is tried again by each request, until it is (security 47)", async () => {
    const late = moodyDatabase();
    late.mood.now = "missing";
    await expect(testAuth({ models, database: late.database, logger })).rejects.toThrow(
      "nobody listens there",
    );
    late.mood.now = "works";
    const { auth } = await testAuth({ models, database: late.database, logger });
    await auth.close();
    late.mood.now = "missing";
    const ask = () =>
      auth.handle(
        new Request("http://localhost:3000/auth/validate_token", { headers: { "access-token": "x" } }),
      );
    expect((await ask()).status).toBe(503);
    const header = (name: string) => held[name];
    const head = { method: "GET", url: "/", peer: undefined, header };
    expect(await auth[internals].authenticate("user", head)).toMatchObject({
      authentication: undefined,
      status: 503,
    });
    late.mood.now = "throws";
    expect((await ask()).status).toBe(503);
    late.mood.now = "works";
    expect((await ask()).status).toBe(401);
    await auth.close();
  });
});

describe("when mail fails", () => {
  test("registration is a 503 and leaves no account, so that it succeeds later (security 47)", async () => {
    mail.fails = true;
    const body = { ...account, email: "careful@example.com" };
    expect((await app.request("POST /careful", { body })).status).toBe(503);
    expect((await app.request("POST /auth/password", { body: account })).status).toBe(503);
    expect(app.events.map(({ name }) => name)).toContain("mail.failed");
    mail.fails = false;
    expect((await app.request("POST /careful", { body })).status).toBe(200);
    expect((await app.request("POST /auth/password", { body: account })).status).toBe(200);
    expect(mail.sent).toBeGreaterThanOrEqual(2);
  });
});

test("without a mail transport, production mails nothing, logs no link and says so", async () => {
  const said: string[] = [];
  const note = (what: object, text: string) => void said.push(JSON.stringify(what) + text);
  const { auth, request } = await testAuth({
    baseUrl: "https://api.example.com",
    environment: "production",
    redirectAllowlist: ["https://app.example.com/*"],
    mail: { from: "Acme <no-reply@example.com>" },
    models: { admin: { mountAt: "/admin_auth", confirmable: false } },
    logger: { info: note, warn: note, error: note },
  });
  await auth.accounts.create("admin", { email: "ada@example.com", password: "a long secret of mine" });
  const response = await request("POST /admin_auth/password", {
    body: { email: "ada@example.com", redirect_url: "https://app.example.com/new" },
  });
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ code: "mail_unavailable" });
  expect(said.join("\n")).toMatch(/could not be sent/);
  expect(said.join("\n")).not.toMatch(/reset_password_token/);
  await auth.close();
});

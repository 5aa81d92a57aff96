import { afterEach, describe, expect, test } from "vitest";
import { callersOf } from "../../../test/fixtures/callers.js";
import { presentEngines } from "../../../test/fixtures/databases.js";
import { bodyOf, password, silent } from "../../../test/fixtures/http.js";
import type { Settings } from "../../config/config.js";
import { credentialsOf, testAuth } from "../../testing/testing.js";

/**
 * What an account's own session changes is told to its address, which nobody may have proved: it must not be a way to flood the
 * mailbox of whoever has that address, nor to use up the total of mails.
 */

const email = "stranger@example.com";
const redirect_url = "http://localhost:5173/";
const models = {
  user: { mountAt: "/auth", confirmable: false },
  careful: { mountAt: "/careful_auth", confirmable: false, reconfirmable: true },
} as const;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Servers in which somebody has registered with a stranger's address. */
async function start(mount: string, settings: Partial<Settings> = {}, servers = 1) {
  const all: (Awaited<ReturnType<typeof testAuth<typeof models>>> & {
    from: ReturnType<typeof callersOf>;
  })[] = [];
  for (let i = 0; i < servers; i++) {
    const t = await testAuth<typeof models>({
      rateLimits: true,
      logger: silent,
      models,
      ...settings,
    } as never);
    closing.unshift(() => t.auth.close());
    all.push({ ...t, from: callersOf(t.auth) });
  }
  let requests = 0;
  const ask = (route: string, body?: object, headers?: Record<string, string>) =>
    all[requests % servers]?.from(`192.0.2.${++requests}`, route, body, headers) as Promise<Response>;
  const register = async (address = email) =>
    credentialsOf(await ask(`POST ${mount}`, { email: address, password }));
  let passwords = 0;
  const newPassword = () => {
    const next = `${password} ${++passwords}`;
    return { password: next, password_confirmation: next };
  };
  const codeOf = async (response: Response) =>
    response.status === 200 ? 200 : ((await bodyOf(response)).code as string);
  const mails = async (to: string) => {
    for (const { settled } of all) await settled();
    return all.reduce((sum, { outbox }) => sum + outbox.messages({ to }).length, 0);
  };
  return { ...all[0], ask, register, newPassword, codeOf, mails, clock: all[0]?.clock };
}

/** Each way to change something again and again, with the session of one account. */
const ways = [
  ["PUT /auth, a password", "/auth", "", (n: object) => n],
  ["PATCH /auth, a password", "/auth", "", (n: object) => n],
  ["PUT /auth/password", "/auth", "/password", (n: object) => n],
  [
    "PUT /auth, both",
    "/auth",
    "",
    (n: object, i: number) => ({ ...n, email: i % 2 ? email : "x@example.com" }),
  ],
  [
    "PUT /auth, there and back",
    "/auth",
    "",
    (_: object, i: number) => ({ email: i % 2 ? email : "x@example.com" }),
  ],
  [
    "PUT /auth, proved by link",
    "/careful_auth",
    "",
    (_: object, i: number) => ({ email: `x${i}@example.com` }),
  ],
] as const;

describe.each(ways)("%s", (name, mount, path, bodyOf) => {
  test("tells the account's address five times an hour at most, and ten times a day, also of a new account with that address", async () => {
    const t = await start(mount);
    const method = name.startsWith("PATCH") ? "PATCH" : "PUT";
    for (let hour = 0; hour < 3; hour++) {
      for (let account = 0; account < 2; account++) {
        const held = await t.register();
        for (let i = 0; i < 6; i++) {
          const response = await t.ask(`${method} ${mount}${path}`, bodyOf(t.newPassword(), i), held);
          if (response.status === 200) Object.assign(held, credentialsOf(response));
        }
        await t.ask(`DELETE ${mount}`, undefined, held);
      }
      // Two mails where both change at once.
      const each = name.endsWith("both") ? 2 : 1;
      expect(await t.mails(email)).toBeLessThanOrEqual(5 * each * (hour + 1));
      expect(await t.mails(email)).toBeLessThanOrEqual(10 * each);
      expect(await t.mails(email)).toBeGreaterThanOrEqual(3);
      t.clock?.forward("61m");
    }
  });
});

describe("a change that is refused for it", () => {
  test("is a 429, changes nothing, and leaves the session", async () => {
    const t = await start("/auth");
    let held = await t.register();
    for (let i = 0; i < 5; i++) held = credentialsOf(await t.ask("PUT /auth", t.newPassword(), held));
    const refused = await t.ask("PUT /auth", { ...t.newPassword(), email: "other@example.com" }, held);
    expect([refused.status, (await bodyOf(refused)).code]).toEqual([429, "too_many_requests"]);
    expect(Number(refused.headers.get("retry-after"))).toBe(3600);
    expect(refused.headers.get("ratelimit-policy")).toContain("noticesByRecipient");
    const now = await t.ask("GET /auth/validate_token", undefined, held);
    expect((await bodyOf(now)).data).toMatchObject({ email });
    const still = { email, password: `${password} 5` };
    expect(await t.codeOf(await t.ask("POST /auth/sign_in", still))).toBe(200);
    t.clock?.forward("61m");
    expect(await t.codeOf(await t.ask("PUT /auth", t.newPassword(), held))).toBe(200);
  });

  test("takes no reset away: a thief cannot keep the owner out by using the changes up", async () => {
    const t = await start("/auth");
    let held = await t.register();
    for (let i = 0; i < 5; i++) held = credentialsOf(await t.ask("PUT /auth", t.newPassword(), held));
    expect(await t.codeOf(await t.ask("POST /auth/password", { email, redirect_url }))).toBe(200);
    const link = await t.auth?.handle(new Request(t.linkTo?.(email) ?? ""));
    const token = new URL(link?.headers.get("location") ?? "").searchParams.get("reset_password_token");
    const reset = { ...t.newPassword(), reset_password_token: token };
    expect(await t.codeOf(await t.ask("PUT /auth/password", reset))).toBe(200);
  });

  test("what is refused for other reasons is not counted", async () => {
    const t = await start("/auth");
    const held = await t.register();
    for (let i = 0; i < 7; i++)
      expect(
        await t.codeOf(await t.ask("PUT /auth", { password: "short", password_confirmation: "short" }, held)),
      ).toBe("invalid");
    expect(await t.codeOf(await t.ask("PUT /auth", { name: "nothing that is told" }, held))).not.toBe(
      "too_many_requests",
    );
    expect(await t.codeOf(await t.ask("PUT /auth", t.newPassword(), held))).toBe(200);
  });
});

test("an account whose address needs no proof names only so many new addresses too", async () => {
  const t = await start("/auth");
  let held = await t.register();
  const codes = [];
  for (let i = 0; i < 7; i++) {
    const response = await t.ask("PUT /auth", { email: `new${i}@example.com` }, held);
    if (response.status === 200) held = credentialsOf(response);
    codes.push(await t.codeOf(response));
  }
  expect(codes).toEqual([200, 200, 200, 200, 200, "too_many_requests", "too_many_requests"]);
});

test("the app's own code is not limited", async () => {
  const { auth, register } = await start("/auth");
  await register();
  const ada = await auth?.accounts.findByEmail("user", email);
  for (let i = 0; i < 7; i++)
    if (ada)
      expect(
        await auth?.accounts.update("user", ada, { email: `own${i}@example.com` } as never),
      ).toBeDefined();
});

test.each(presentEngines)(
  "20 changes at one moment over two servers on $name: five mails leave",
  async ({ create }) => {
    const own = await create();
    const now = Date.UTC(2026, 0, 2);
    const shared = {
      database: own.database,
      rateLimitStore: "database",
      rateLimitStoreTimeout: "8s",
      now: () => now,
    };
    const t = await start("/auth", shared as never, 2);
    closing.push(() => own.drop());
    const held = await t.register();
    const next = () => t.ask("PUT /auth", t.newPassword(), held);
    const statuses = (await Promise.all(Array.from({ length: 20 }, next))).map(({ status }) => status);
    expect(await t.mails(email)).toBeLessThanOrEqual(5);
    expect(await t.mails(email)).toBeGreaterThanOrEqual(1);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(1);
  },
);

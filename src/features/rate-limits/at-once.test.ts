import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { callersOf } from "../../../test/fixtures/callers.js";
import { ada, password, silent } from "../../../test/fixtures/http.js";
import type { Settings } from "../../config/config.js";
import type { Database } from "../../database/port.js";
import { sqlite } from "../../database/sqlite/sqlite.js";
import { credentialsOf, testAuth } from "../../testing/testing.js";

/** People press a button twice, and apps have several windows: right passwords come at one moment. */

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const models = { admin: { mountAt: "/admin_auth", confirmable: false, lockable: true } } as const;

async function start(settings: Partial<Settings> & { database?: Database } = {}) {
  const t = await testAuth({ logger: silent, models, ...settings });
  closing.push(() => t.auth.close());
  const from = callersOf(t.auth);
  await t.request("POST /admin_auth", { body: ada });
  const signIn = async (given: string, peer = "198.51.100.7") =>
    (await from(peer, "POST /admin_auth/sign_in", { email: ada.email, password: given })).status;
  const guess = async (times: number) => {
    for (let i = 0; i < times; i++) expect(await signIn("wrong violet hour")).toBe(401);
  };
  const atOnce = (...given: readonly string[]) => Promise.all(given.map((one) => signIn(one)));
  return { ...t, signIn, guess, atOnce };
}

describe("right passwords at one moment (security 29)", () => {
  test.each(["memory", "database"] as const)(
    "are all signed in when only one more attempt would pass the limit, counted in %s",
    async (rateLimitStore) => {
      const { guess, atOnce } = await start({ rateLimits: true, rateLimitStore, maximumAttempts: 100 });
      await guess(4);
      expect(await atOnce(...Array(6).fill(password))).toEqual(Array(6).fill(200));
    },
  );

  test("are all signed in by two servers that count in one database", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "keyturn-at-once-")), "app.db");
    const shared = { rateLimits: true, rateLimitStore: "database", maximumAttempts: 100 } as const;
    const one = await start({ ...shared, database: sqlite(path) });
    const other = await start({ ...shared, database: sqlite(path) });
    await one.guess(4);
    const codes = await Promise.all([one.signIn(password), other.signIn(password), one.signIn(password)]);
    expect(codes).toEqual([200, 200, 200]);
  });

  test("are all signed in when only one more attempt would lock the account", async () => {
    const { guess, atOnce } = await start({ rateLimits: false, maximumAttempts: 3 });
    await guess(2);
    expect(await atOnce(...Array(12).fill(password))).toEqual(Array(12).fill(200));
    expect(await atOnce(password)).toEqual([200]);
  });

  test("are signed in also among wrong ones, of which no more are looked at behind each of them than the limit lets", async () => {
    const { guess, atOnce, signIn } = await start({ rateLimits: true, maximumAttempts: 100 });
    await guess(4);
    const wrong = Array(30).fill("wrong violet hour");
    const codes = await atOnce(password, password, ...wrong);
    expect(codes.slice(0, 2)).toEqual([200, 200]);
    expect(codes.slice(2).filter((code) => code === 401).length).toBeLessThanOrEqual(2 * 5);
    expect(await signIn(password)).toBe(429);
  });

  test("wait for nothing where the others are wrong", async () => {
    const { guess, atOnce } = await start({ rateLimits: true, maximumAttempts: 100 });
    await guess(4);
    expect((await atOnce("wrong violet hour", password)).toSorted()).toEqual([401, 429]);
  });

  test("pass the check of the current password all", async () => {
    const t = await start({
      rateLimits: true,
      rateLimitRules: { currentPasswordFailures: { limit: 1, per: "10m" } },
      checkCurrentPasswordBeforeUpdate: "attributes",
      lostResponses: "recover",
    });
    const response = await t.request("POST /admin_auth/sign_in", { body: ada });
    const headers = credentialsOf(response);
    const codes = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const body = { email: ada.email, current_password: password };
        return (await t.request("PUT /admin_auth", { body, headers })).status;
      }),
    );
    expect(codes).toEqual([200, 200, 200]);
  });

  test("do not meet a lock that another server's right password has ended meanwhile", async () => {
    const inMemory = sqlite(":memory:");
    let elsewhere: (() => Promise<void>) | undefined;
    const database: Database = {
      async connect(options) {
        const store = await inMemory.connect(options);
        const countAttempt: typeof store.accounts.countAttempt = async (model, id, attempt) => {
          const outcome = await store.accounts.countAttempt(model, id, attempt);
          if (outcome.is === "locked") await elsewhere?.();
          return outcome;
        };
        const [model] = options.models;
        elsewhere = async () => {
          if (model) await store.accounts.forgetFailures(model, "1");
        };
        return { ...store, accounts: { ...store.accounts, countAttempt } };
      },
    };
    const { guess, signIn } = await start({ rateLimits: false, maximumAttempts: 2, database });
    await guess(2);
    expect(await signIn(password)).toBe(200);
    await guess(1);
    expect(await signIn(password)).toBe(200);
  });
});

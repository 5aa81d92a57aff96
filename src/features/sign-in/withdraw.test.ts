import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { callersOf } from "../../../test/fixtures/callers.js";
import { ada, bodyOf, silent } from "../../../test/fixtures/http.js";
import type { Settings } from "../../config/config.js";
import type { Database } from "../../database/port.js";
import { sqlite } from "../../database/sqlite/sqlite.js";
import { testAuth } from "../../testing/testing.js";

const models = { admin: { mountAt: "/admin_auth", confirmable: false, lockable: true } } as const;

async function start(settings: Partial<Settings> & { database?: Database }) {
  const t = await testAuth({ logger: silent, models, ...settings });
  onTestFinished(() => t.auth.close());
  const from = callersOf(t.auth);
  await t.auth.accounts.create("admin", ada);
  const signIn = (password = ada.password) =>
    from("192.0.2.1", "POST /admin_auth/sign_in", { ...ada, password });
  return { ...t, from, signIn };
}

const flooded = async ({ from, signIn }: Awaited<ReturnType<typeof start>>) => {
  const flood = Array.from({ length: 40 }, (_, i) =>
    from(`198.51.100.${i}`, "POST /admin_auth/sign_in", { email: `p${i}@example.com`, password: "wrong" }),
  );
  const codes: string[] = [];
  for (let i = 0; i < 8; i++) {
    codes.push((await bodyOf(await signIn())).code ?? "signed in");
    if (codes.at(-1) === "overloaded") await wait(5);
  }
  await Promise.all(flood);
  return codes;
};

test.each([true, false])(
  "right passwords that came while the queue was full lock nobody out, with limits: %s (security 29)",
  async (rateLimits) => {
    const t = await start({ rateLimits, passwordQueueLimit: 1, maximumAttempts: 3 });
    const codes = await flooded(t);
    expect(codes).toContain("overloaded");
    expect(codes.filter((code) => code !== "overloaded" && code !== "signed in")).toEqual([]);
    expect((await t.signIn()).status).toBe(200);
    await t.settled();
    expect(t.events.filter(({ name }) => name === "account.locked")).toEqual([]);
  },
);

test("sign-ins that came while the database was away are no failures", async () => {
  const inMemory = sqlite(":memory:");
  let isAway = false;
  const database: Database = {
    async connect(options) {
      const store = await inMemory.connect(options);
      const findByEmail: typeof store.accounts.findByEmail = async (...names) => {
        if (isAway) throw new Error("away");
        return store.accounts.findByEmail(...names);
      };
      return { ...store, accounts: { ...store.accounts, findByEmail } };
    },
  };
  const { signIn, settled } = await start({ rateLimits: true, database });
  isAway = true;
  for (let i = 0; i < 12; i++) {
    expect((await signIn()).status).toBe(500);
    await settled();
  }
  isAway = false;
  // And what is a failure counts as ever.
  for (let i = 0; i < 5; i++) expect((await signIn("wrong violet hour")).status).toBe(401);
  expect((await signIn()).status).toBe(429);
});

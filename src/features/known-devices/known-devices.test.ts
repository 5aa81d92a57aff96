import { afterEach, describe, expect, test } from "vitest";
import { callersOf } from "../../../test/fixtures/callers.js";
import { presentEngines } from "../../../test/fixtures/databases.js";
import { bodyOf, password, silent } from "../../../test/fixtures/http.js";
import type { Settings } from "../../config/config.js";
import type { Database } from "../../database/port.js";
import { testAuth } from "../../testing/testing.js";

const email = "ada@example.com";
const wrong = "wrong violet hour";
const models = {
  user: { mountAt: "/auth", confirmable: false, lockable: true },
  admin: { mountAt: "/admin_auth", confirmable: false },
} as const;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const home = "198.51.100.7";
const stranger = (i: number): string => `192.0.2.${i}`;

/** An account at either model, registered from home. `mark`: what the device was given there. */
async function start(settings: Partial<Settings> & { readonly database?: Database } = {}) {
  const t = await testAuth({ rateLimits: true, logger: silent, ...settings, models });
  closing.push(() => t.auth.close());
  const from = callersOf(t.auth);
  const signIn = (mountAt: string, peer: string, given = password, mark?: string, address = email) =>
    from(
      peer,
      `POST ${mountAt}/sign_in`,
      { email: address, password: given },
      mark === undefined ? {} : { "device-mark": mark },
    );
  const register = async (mountAt: string): Promise<string> => {
    const response = await from(home, `POST ${mountAt}`, { email, password });
    return response.headers.get("device-mark") ?? "";
  };
  /** Wrong passwords, each from an address of its own. */
  const flood = async (mountAt: string, times: number): Promise<void> => {
    for (let i = 0; i < times; i++) await signIn(mountAt, stranger(i), wrong);
  };
  return { ...t, from, signIn, register, flood };
}
const unknownMark = "A".repeat(43);
const statuses = async (sent: readonly Promise<Response>[]): Promise<readonly number[]> =>
  (await Promise.all(sent)).map(({ status }) => status).toSorted();

describe.each(presentEngines)("on $name, the owner's known device", ({ create }) => {
  test("signs in during a flood from 200 addresses, and nobody else does (case 5) (security 29)", async () => {
    const tables = await create();
    closing.push(() => tables.drop());
    const { register, flood, signIn } = await start({ database: tables.database });
    const mark = await register("/admin_auth");
    expect(mark).toMatch(/^[\w-]{43}$/);
    await flood("/admin_auth", 200);
    expect((await signIn("/admin_auth", home)).status).toBe(429);
    expect((await signIn("/admin_auth", home, password, unknownMark)).status).toBe(429);
    expect((await signIn("/admin_auth", home, password, mark)).status).toBe(200);
    // It took nothing of the limit away for the others.
    expect((await signIn("/admin_auth", home)).status).toBe(429);
  }, 60_000);

  test("signs in although others have locked the account, which stays locked for them (case 5) (security 29)", async () => {
    const tables = await create();
    closing.push(() => tables.drop());
    const { register, flood, signIn } = await start({ database: tables.database, rateLimits: false });
    const mark = await register("/auth");
    await flood("/auth", 45);
    expect((await signIn("/auth", home)).status).toBe(401);
    expect((await signIn("/auth", home, password, mark)).status).toBe(200);
    expect((await signIn("/auth", home)).status).toBe(401);
    // Of 20 guesses at one moment five are looked at.
    const guesses = Array.from({ length: 20 }, () => signIn("/auth", home, wrong, mark));
    expect(new Set(await statuses(guesses))).toEqual(new Set([401]));
    expect((await signIn("/auth", home, password, mark)).status).toBe(401);
  }, 60_000);
});

describe("an allowance of its own", () => {
  test("is five wrong passwords and then the pauses that double: 17 guesses in an hour, whatever is tried (case 8)", async () => {
    const { register, flood, signIn, clock } = await start();
    const mark = await register("/admin_auth");
    let looked = 0;
    for (let i = 0; i < 100; i++) await signIn("/admin_auth", stranger(i), wrong);
    const end = clock.now + 3_600_000 - 1000;
    while (clock.now < end) {
      const { status, headers } = await signIn("/admin_auth", home, wrong, mark);
      if (status === 401) looked++;
      else clock.forward(Number(headers.get("retry-after")) * 1000);
      if (clock.now % 600_000 < 1000) await flood("/admin_auth", 1);
    }
    expect(looked).toBe(17);
  }, 60_000);

  test("is one of the account and the device together: it holds for no other account and no other model (case 6)", async () => {
    const { register, flood, from, signIn } = await start();
    const other = await from(home, "POST /admin_auth", { email: "bob@example.com", password });
    const user = await register("/auth");
    await register("/admin_auth");
    await flood("/admin_auth", 105);
    for (const mark of [other.headers.get("device-mark") ?? "", user])
      expect((await signIn("/admin_auth", home, password, mark)).status).toBe(429);
  }, 60_000);

  test("does not open what bounds the work: sign-ins of any result from one address", async () => {
    const { register, signIn } = await start({
      rateLimitRules: { signInsByAddress: { limit: 3, per: "1m" } },
    });
    const mark = await register("/admin_auth");
    for (let i = 0; i < 3; i++) await signIn("/admin_auth", home, password, mark);
    const refused = await signIn("/admin_auth", home, password, mark);
    expect(refused.headers.get("ratelimit")).toContain("signInsByAddress");
  });

  test("can be taken away: then a known device is refused like all others", async () => {
    for (const [mountAt, status, rateLimits] of [
      ["/auth", 401, false],
      ["/admin_auth", 429, true],
    ] as const) {
      const { register, flood, signIn } = await start({
        rateLimits,
        maximumAttempts: 3,
        rateLimitRules: {
          signInFailuresByKnownDevice: false,
          signInFailuresByAccount: { limit: 5, per: "1h" },
        },
      });
      const mark = await register(mountAt);
      await flood(mountAt, 7);
      expect((await signIn(mountAt, home, password, mark)).status).toBe(status);
    }
  });

  test("50 right passwords at one moment during a flood all sign in; of 50 wrong ones five are looked at (case 8)", async () => {
    const { register, flood, signIn, events } = await start({
      rateLimitRules: { signInFailuresByAccount: { limit: 5, per: "1h" } },
    });
    const mark = await register("/admin_auth");
    await flood("/admin_auth", 6);
    const right = Array.from({ length: 20 }, () => signIn("/admin_auth", home, password, mark));
    expect(new Set(await statuses(right))).toEqual(new Set([200]));
    const guesses = Array.from({ length: 50 }, (_, i) => signIn("/admin_auth", home, `${wrong} ${i}`, mark));
    const told = await statuses(guesses);
    expect([told.filter((one) => one === 401).length, told.filter((one) => one === 429).length]).toEqual([
      5, 45,
    ]);
    expect(events.at(-1)).toMatchObject({ name: "limit.met" });
  }, 60_000);
});

describe("a mark that is not known", () => {
  test("is worth nothing, and tells neither an account nor a limit: same status, headers and body (case 13) (security 30)", async () => {
    const { register, signIn } = await start({
      rateLimitRules: { signInFailuresByAccount: { limit: 5, per: "1h" } },
    });
    await register("/admin_auth");
    const told: (readonly [number, unknown, unknown])[] = [];
    for (const address of [email, "nobody@example.com"]) {
      for (let i = 0; i < 5; i++) await signIn("/admin_auth", stranger(i), wrong, unknownMark, address);
      const refused = await signIn("/admin_auth", "203.0.113.9", wrong, unknownMark, address);
      told.push([refused.status, [...refused.headers], await bodyOf(refused)]);
    }
    expect(told[0]).toEqual(told[1]);
    expect(told[0]?.[0]).toBe(429);
  });

  test("and one that is no mark at all changes no response to a locked account (case 13)", async () => {
    const { register, signIn } = await start({ rateLimits: false, maximumAttempts: 3 });
    await register("/auth");
    for (let i = 0; i < 3; i++) await signIn("/auth", stranger(i), wrong);
    for (const mark of ["", "x".repeat(2000), "' or 1=1", unknownMark])
      expect((await bodyOf(await signIn("/auth", home, wrong, mark))).code).toBe("invalid_credentials");
    expect((await signIn("/auth", home)).headers.has("device-mark")).toBe(false);
  });
});

import { afterEach, describe, expect, test } from "vitest";
import { callersOf } from "../../../test/fixtures/callers.js";
import { presentEngines } from "../../../test/fixtures/databases.js";
import { bodyOf, password, silent } from "../../../test/fixtures/http.js";
import type { Settings } from "../../config/config.js";
import { testAuth } from "../../testing/testing.js";

const redirect_url = "http://localhost:5173/";
const models = { user: { mountAt: "/auth" }, admin: { mountAt: "/admin_auth", confirmable: false } } as const;
const ada = "ada@example.com";
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** An installation of 8 mails a day, in which Ada has an account of the day before. */
async function start(settings: Partial<Settings> = {}) {
  const warnings: string[] = [];
  const t = await testAuth({
    models,
    mailsInTotal: { limit: 8, per: "1d" },
    logger: { ...silent, warn: (_: object, text?: string) => warnings.push(text ?? "") },
    ...settings,
  });
  closing.push(() => t.auth.close());
  await t.auth.accounts.create("user", { email: ada, password }, { confirmed: true });
  t.clock.forward("25h");
  const from = callersOf(t.auth);
  const codeOf = async (response: Response | Promise<Response>) =>
    (await response).status === 200 ? 200 : (await bodyOf(await response)).code;
  let people = 0;
  const register = (mount = "/auth", email = `p${++people}@example.com`) =>
    from("192.0.2.1", `POST ${mount}`, { email, password, confirm_success_url: redirect_url });
  const reset = (email: string, mount = "/auth") =>
    from("192.0.2.1", `POST ${mount}/password`, { email, redirect_url });
  /** So many registrations; how many of them were let in. */
  const flood = async (times: number) => {
    const codes = [];
    for (let i = 0; i < times; i++) codes.push(await codeOf(register()));
    return codes.filter((code) => code === 200).length;
  };
  const told = () => t.events.filter(({ name }) => name === "mails.near_limit").map(({ reason }) => reason);
  return { ...t, warnings, codeOf, register, reset, flood, told };
}

describe("a total of 8 mails a day (case 17)", () => {
  test("a flood of registrations takes six of them: resets of people who were there before still leave", async () => {
    const { flood, reset, codeOf, outbox, register, events } = await start();
    expect(await flood(10)).toBe(6);
    const refused = await register();
    expect([refused.status, (await bodyOf(refused)).code]).toEqual([503, "mail_unavailable"]);
    expect(refused.headers.get("retry-after")).toBe("86400");
    expect(refused.headers.has("ratelimit")).toBe(false);
    expect(await codeOf(reset(ada))).toBe(200);
    expect(outbox.messages({ to: ada })).toHaveLength(1);
    expect(events.filter(({ name }) => name === "limit.met")[0]).toMatchObject({
      reason: "mailsInTotalToStrangers",
    });
  });

  test("a registration that is refused leaves no account, and what is refused prolongs nothing", async () => {
    const { flood, auth, clock, register } = await start();
    await flood(6);
    clock.forward("23h");
    expect((await register("/auth", "late@example.com")).headers.get("retry-after")).toBe("3600");
    expect(await auth.accounts.findByEmail("user", "late@example.com")).toBeUndefined();
    clock.forward("1h");
    expect(await flood(7)).toBe(6);
  });

  test("accounts of the flood itself are strangers: their resets take nothing of what is kept", async () => {
    const { register, flood, reset, codeOf, outbox } = await start();
    // Of a model where nobody confirms anything.
    for (let i = 0; i < 4; i++) await register("/admin_auth", `fake${i}@example.com`);
    await register("/auth", "unconfirmed@example.com");
    expect(await flood(9)).toBe(5);
    for (let i = 0; i < 4; i++)
      expect(await codeOf(reset(`fake${i}@example.com`, "/admin_auth"))).toBe("mail_unavailable");
    expect(await codeOf(reset("unconfirmed@example.com"))).toBe("mail_unavailable");
    expect(outbox.messages()).toHaveLength(6);
    expect(await codeOf(reset(ada))).toBe(200);
  });

  test("once all of it is used up everybody is told so alike, whether or not there is an account, in paranoid mode too", async () => {
    for (const paranoid of [false, true]) {
      const { flood, auth, reset, settled, outbox } = await start({ paranoid });
      await flood(6);
      for (const email of ["one@example.com", "two@example.com"])
        await auth.accounts.create("user", { email, password });
      expect(outbox.messages()).toHaveLength(8);
      const said = async (email: string) => {
        const response = await reset(email);
        return [response.status, await response.text(), [...response.headers]];
      };
      expect((await said(ada))[0]).toBe(503);
      expect(await said(ada)).toEqual(await said("nobody@example.com"));
      await settled();
      expect(outbox.messages()).toHaveLength(8);
    }
  });

  test("somebody is told once at four fifths of each part, before it is used up, and again in the next time", async () => {
    const { flood, told, warnings, clock, auth } = await start();
    await flood(4);
    expect(told()).toEqual([]);
    await flood(1);
    expect(told()).toEqual(["mailsInTotalToStrangers"]);
    await flood(3);
    await auth.accounts.create("user", { email: "one@example.com", password });
    await auth.accounts.create("user", { email: "two@example.com", password });
    expect(told()).toEqual(["mailsInTotalToStrangers", "mailsInTotal"]);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain("There may be a flood of sign-ups");
    clock.forward("24h");
    await flood(5);
    expect(told()).toHaveLength(3);
  });

  test("the app's own code may use all that is left", async () => {
    const { flood, auth } = await start();
    await flood(9);
    await auth.accounts.create("user", { email: "one@example.com", password });
    await auth.accounts.create("user", { email: "two@example.com", password });
    const third = auth.accounts.create("user", { email: "three@example.com", password });
    await expect(third).rejects.toMatchObject({ code: "mail_unavailable" });
  });
});

test.each(presentEngines)(
  "20 registrations at one moment over two servers on $name: 6 mails leave",
  async ({ create }) => {
    const own = await create();
    closing.push(() => own.drop());
    const now = Date.UTC(2026, 0, 2);
    const options = {
      database: own.database,
      rateLimitStore: "database",
      rateLimitStoreTimeout: "8s",
      now: () => now,
    };
    const servers = await Promise.all(
      [0, 1].map(() =>
        testAuth({ models, logger: silent, mailsInTotal: { limit: 8, per: "1d" }, ...options } as never),
      ),
    );
    for (const { auth } of servers) closing.unshift(() => auth.close());
    const body = { password, confirm_success_url: redirect_url };
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        servers[i % 2]?.request("POST /auth", { body: { ...body, email: `${i}@example.com` } }),
      ),
    );
    expect(servers.reduce((sum, { outbox }) => sum + outbox.messages().length, 0)).toBe(6);
  },
);

test("a total that leaves nothing to keep is refused at start", async () => {
  await expect(testAuth({ models, mailsInTotal: { limit: 3, per: "1d" } })).rejects.toThrow(
    "mailsInTotal: must be at least 4",
  );
});

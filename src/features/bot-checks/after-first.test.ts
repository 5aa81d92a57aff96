import { afterEach, describe, expect, test, vi } from "vitest";
import { callersOf } from "../../../test/fixtures/callers.js";
import { presentEngines } from "../../../test/fixtures/databases.js";
import { bodyOf, password, silent } from "../../../test/fixtures/http.js";
import type { BotCheckRequest, BotVerdict } from "../../checks/bot-check.js";
import type { Settings } from "../../config/config.js";
import { testAuth } from "../../testing/testing.js";
import type { BotCheckSettings } from "./settings.js";

const models = { admin: { mountAt: "/admin_auth", confirmable: false } } as const;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const close of closing.splice(0)) await close();
});

const needsToken: BotCheckSettings["check"] = ({ parameter }) => (parameter("token") ? "passed" : "missing");
const wrong = "wrong violet hour";

async function start(botCheck: BotCheckSettings, settings: Partial<Settings> = {}) {
  const t = await testAuth({ logger: silent, models, botCheck, ...settings } as never);
  closing.push(() => t.auth.close());
  const from = callersOf(t.auth);
  let people = 0;
  const codeOf = async (response: Promise<Response>) =>
    (await response).status === 200 ? 200 : (await bodyOf(await response)).code;
  const register = (peer = "192.0.2.1", more = {}, headers = {}) =>
    codeOf(from(peer, "POST /admin_auth", { email: `p${++people}@example.com`, password, ...more }, headers));
  const signIn = (given: string, peer = "192.0.2.1", more = {}) =>
    codeOf(from(peer, "POST /admin_auth/sign_in", { email: "p1@example.com", password: given, ...more }));
  return { ...t, register, signIn };
}

describe("registration with afterFirst: 5", () => {
  const botCheck = { check: needsToken, for: ["register"], afterFirst: { register: 5 } } as const;

  test("asks from the sixth of one address on in an hour, and others not at all", async () => {
    const { register, clock } = await start(botCheck);
    for (let i = 0; i < 5; i++) expect(await register()).toBe(200);
    expect(await register()).toBe("bot_check_required");
    expect(await register("192.0.2.1", { token: "x" })).toBe(200);
    expect(await register("198.51.100.7")).toBe(200);
    clock.forward("61m");
    expect(await register()).toBe(200);
  });

  test("asks at once where a proxy hides whose request it is", async () => {
    const { register } = await start(botCheck);
    expect(await register("10.0.0.1", {}, { "x-forwarded-for": "203.0.113.9" })).toBe("bot_check_required");
  });

  test.each(presentEngines)(
    "20 at one moment over two servers on $name: 5 pass without",
    async ({ create }) => {
      const own = await create();
      const now = Date.UTC(2026, 0, 1);
      const settings = {
        database: own.database,
        rateLimitStore: "database",
        rateLimitStoreTimeout: "8s",
        now: () => now,
      };
      const servers = [await start(botCheck, settings as never), await start(botCheck, settings as never)];
      closing.push(() => own.drop());
      const codes = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          servers[i % 2]?.register("192.0.2.1", { email: `${i}@example.com` }),
        ),
      );
      expect(codes.filter((code) => code === 200)).toHaveLength(5);
      expect(codes.filter((code) => code === "bot_check_required")).toHaveLength(15);
    },
  );
});

describe("sign-in with afterFirst: 2", () => {
  const botCheck = { check: needsToken, for: ["signIn"], afterFirst: { signIn: 2 } } as const;

  test("asks after two failures of an address; right passwords are none, and undo none", async () => {
    const { register, signIn } = await start(botCheck);
    await register();
    for (let i = 0; i < 4; i++) expect(await signIn(password)).toBe(200);
    expect(await signIn(wrong)).toBe("invalid_credentials");
    expect(await signIn(password)).toBe(200);
    expect(await signIn(wrong)).toBe("invalid_credentials");
    expect(await signIn(password)).toBe("bot_check_required");
    expect(await signIn(password, "192.0.2.1", { token: "x" })).toBe(200);
    expect(await signIn(password, "198.51.100.7")).toBe(200);
  });
});

describe("while the checker is away", () => {
  test("registration responds with 503 and sign-in goes on, with one event at each change", async () => {
    let isAway = true;
    const check = async () => {
      if (isAway) throw new Error("The checker is away");
      return "passed" as const;
    };
    const { register, signIn, events, auth } = await start({ check, for: ["register", "signIn"] });
    await auth.accounts.create("admin", { email: "p1@example.com", password });
    expect(await register()).toBe("bot_check_unavailable");
    expect(await signIn(password)).toBe(200);
    isAway = false;
    expect(await register()).toBe(200);
    const told = events.filter(({ name }) => name.startsWith("bot_check"));
    expect(told.map(({ name }) => name)).toEqual(["bot_check.unavailable", "bot_check.available"]);
  });

  test("openWhileAway says which go on", async () => {
    const check = () => Promise.reject(new Error("away"));
    const { register, signIn } = await start({
      check,
      for: ["register", "signIn"],
      openWhileAway: ["register"],
    });
    expect(await register()).toBe(200);
    expect(await signIn(password)).toBe("bot_check_unavailable");
  });

  test("it is not asked for half a minute after three failures, and then again; a request without a token is no sign of life", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    let asked = 0;
    const check = async ({ parameter }: BotCheckRequest): Promise<BotVerdict> => {
      if (!parameter("token")) return "missing";
      asked++;
      throw new Error("away");
    };
    const { register } = await start({ check, for: ["register"] });
    for (let i = 0; i < 6; i++) {
      await register("192.0.2.1", { token: "x" });
      if (i < 2) await register();
    }
    expect(asked).toBe(3);
    vi.advanceTimersByTime(31_000);
    await register("192.0.2.1", { token: "x" });
    await register("192.0.2.1", { token: "x" });
    expect(asked).toBe(4);
  });

  test("a check that returns no verdict lets nobody in, and is told to the log", async () => {
    const told: unknown[] = [];
    const logger = { ...silent, error: (bound: object) => told.push(bound) };
    const check = () => true as never;
    const { signIn, auth } = await start({ check, for: ["signIn"] }, { logger });
    await auth.accounts.create("admin", { email: "p1@example.com", password });
    expect(await signIn(password)).toBe("internal");
    expect(String((told[0] as { err: unknown }).err)).toContain("botCheck.check has to return");
  });
});

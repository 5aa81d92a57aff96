import { Redis } from "ioredis";
import { afterAll, describe, expect, test } from "vitest";
import { callersOf } from "../../test/fixtures/callers.js";
import { password, silent } from "../../test/fixtures/http.js";
import { randomId } from "../engine/random.js";
import { testAuth } from "../testing/testing.js";
import { redisCounters } from "./redis.js";

const url = process.env["TEST_REDIS_URL"];
const plain = { limit: 3, window: 60_000 };

describe.skipIf(url === undefined)("in Redis", () => {
  const clients = url === undefined ? [] : [new Redis(url), new Redis(url)];
  const ready = Promise.all(clients.map((client) => new Promise((resolve) => client.once("ready", resolve))));
  afterAll(() => {
    for (const client of clients) client.disconnect();
  });
  const prefix = `keyturn-test:${randomId()}:`;
  const [one, two] = clients.map((client) => redisCounters(client, { prefix }));
  if (url !== undefined && (!one || !two)) throw new Error("There are two clients");

  test.each([plain, { ...plain, pauses: true }])(
    "of 50 at one moment over two connections as many pass as the limit (security 29)",
    async (rule) => {
      await ready;
      const name = randomId();
      const done = await Promise.all(
        Array.from({ length: 50 }, (_, i) => (i % 2 ? one : two)?.count(name, rule)),
      );
      expect(done.filter((outcome) => outcome?.isMet === false)).toHaveLength(3);
    },
  );

  test("looking counts nothing, forgetting begins anew, and a counter ends with its time", async () => {
    await ready;
    const [name, rule] = [randomId(), { limit: 1, window: 150 }];
    expect((await one?.look(name, rule))?.isMet).toBe(false);
    expect((await one?.count(name, rule))?.isMet).toBe(false);
    const met = await one?.count(name, rule);
    expect(met?.isMet).toBe(true);
    expect(met?.retryIn).toBeGreaterThan(0);
    expect(met?.retryIn).toBeLessThanOrEqual(150);
    await one?.forget(name);
    expect((await one?.count(name, rule))?.isMet).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await one?.count(name, rule))?.isMet).toBe(false);
  });

  test.each([plain, { ...plain, pauses: true }])(
    "a counter without an end, or with one that is too late, gets one with the next look: %j",
    async (rule) => {
      await ready;
      const [client] = clients;
      for (const spoil of ["persist", "pexpire"] as const) {
        const name = randomId();
        for (let i = 0; i < 3; i++) await one?.count(name, rule);
        await (spoil === "persist"
          ? client?.persist(prefix + name)
          : client?.pexpire(prefix + name, 400 * 86_400_000));
        const met = await two?.look(name, rule);
        expect(met?.isMet).toBe(true);
        expect(met?.retryIn).toBeLessThanOrEqual(rule.window);
        const left = Number(await client?.pttl(prefix + name));
        expect(left).toBeGreaterThan(0);
        expect(left).toBeLessThanOrEqual(rule.window);
      }
    },
  );

  test("a pause that is longer than any, because the clock was set back, has ended", async () => {
    await ready;
    const [name, rule] = [randomId(), { ...plain, pauses: true }];
    for (let i = 0; i < 3; i++) await one?.count(name, rule);
    await clients[0]?.hset(prefix + name, "blocked_until", String(Date.now() + 365 * 86_400_000));
    expect((await one?.count(name, rule))?.isMet).toBe(false);
    expect((await one?.count(name, rule))?.retryIn).toBeLessThanOrEqual(2000);
  });

  test.each([plain, { ...plain, pauses: true }])(
    "a time that is given back is as if it had never been counted: %j",
    async (rule) => {
      await ready;
      const name = randomId();
      for (let i = 0; i < 3; i++) await one?.count(name, rule);
      expect((await two?.look(name, rule))?.isMet).toBe(true);
      await two?.giveBack?.(name, rule);
      expect((await one?.count(name, rule))?.isMet).toBe(false);
      expect((await one?.look(name, rule))?.isMet).toBe(true);
      await one?.giveBack?.(randomId(), rule);
    },
  );

  test("the total of all mails is one over two servers: what one has sent the other refuses, and strangers stop at three quarters", async () => {
    await ready;
    const mailsInTotal = { limit: 4, per: "1d" } as const;
    const servers = await Promise.all(
      [one, two].map((rateLimitStore) =>
        testAuth({
          rateLimits: true,
          mailsInTotal,
          ...(rateLimitStore && { rateLimitStore }),
          logger: silent,
        }),
      ),
    );
    const register = async (i: number) =>
      (
        await servers[i % 2]?.request("POST /auth", {
          body: { email: `redis${i}@example.com`, password, confirm_success_url: "http://localhost:5173/" },
        })
      )?.status;
    expect([await register(0), await register(1), await register(2)]).toEqual([200, 200, 200]);
    expect([await register(3), await register(4)]).toEqual([503, 503]);
    for (const { auth } of servers) await auth.close();
  });

  test("what a bot check asks for after the first times is counted over two servers", async () => {
    await ready;
    const models = { admin: { mountAt: "/admin_auth", confirmable: false } } as const;
    const botCheck = {
      check: () => "missing" as const,
      for: ["register"],
      afterFirst: { register: 2 },
    } as const;
    const servers = await Promise.all(
      [one, two].map((rateLimitStore) =>
        testAuth({ models, botCheck, ...(rateLimitStore && { rateLimitStore }), logger: silent }),
      ),
    );
    const statuses: (number | undefined)[] = [];
    for (const i of [0, 1, 2, 3]) {
      const body = { email: `bot${i}@example.com`, password };
      const server = servers[i % 2];
      const from = server && callersOf(server.auth);
      statuses.push((await from?.("192.0.2.77", "POST /admin_auth", body))?.status);
    }
    expect(statuses).toEqual([200, 200, 403, 403]);
    for (const { auth } of servers) await auth.close();
  });

  test("pauses double", async () => {
    await ready;
    const [name, rule] = [randomId(), { limit: 1, window: 60_000, pauses: true }];
    expect((await one?.count(name, rule))?.isMet).toBe(false);
    expect((await one?.count(name, rule))?.retryIn).toBeLessThanOrEqual(1000);
    await new Promise((resolve) => setTimeout(resolve, 1050));
    expect((await one?.count(name, rule))?.isMet).toBe(false);
    const second = (await one?.count(name, rule))?.retryIn;
    expect(second).toBeGreaterThan(1000);
    expect(second).toBeLessThanOrEqual(2000);
  });
});

test.each([
  ["0", "allkeys-lru", undefined],
  ["1048576", "noeviction", undefined],
  ["1048576", "allkeys-lru", "allkeys-lru"],
  ["1048576", "volatile-ttl", "volatile-ttl"],
])("with maxmemory %s and the policy %s it warns of %s", async (limit, policy, told) => {
  const info = `# Memory\r\nused_memory:1\r\nmaxmemory:${limit}\r\nmaxmemory_policy:${policy}\r\n`;
  const client = { isReady: true, sendCommand: async () => info };
  const sentence = await redisCounters(client).warning?.();
  expect(sentence?.match(/is "(.*?)"/)?.[1]).toBe(told);
});

test.skipIf(url === undefined)("a real Redis without a limit of memory warns of nothing", async () => {
  const client = new Redis(url ?? "");
  await new Promise((resolve) => client.once("ready", resolve));
  expect(await redisCounters(client).warning?.()).toBeUndefined();
  client.disconnect();
});

test("a client that is not connected is away at once: nothing waits in its queue", async () => {
  const away = new Redis({ port: 1, lazyConnect: true });
  await expect(redisCounters(away).count("x", plain)).rejects.toThrow("not connected");
  away.disconnect();
});

test("the client of the package redis is understood too", async () => {
  const sent: string[][] = [];
  const client = {
    isReady: true,
    async sendCommand(parts: string[]) {
      sent.push(parts);
      return 0;
    },
  };
  expect(await redisCounters(client).count("x", plain)).toEqual({ isMet: false, retryIn: 0 });
  expect(sent.map((parts) => [parts[0], ...parts.slice(2)])).toEqual([
    ["EVAL", "1", "keyturn:x", "3", "60000", "0", "1"],
  ]);
});

import { afterEach, describe, expect, test } from "vitest";
import { callersOf } from "../../../test/fixtures/callers.js";
import { presentEngines } from "../../../test/fixtures/databases.js";
import { bodyOf, password, silent } from "../../../test/fixtures/http.js";
import type { Settings } from "../../config/config.js";
import { credentialsOf, testAuth } from "../../testing/testing.js";

const email = "ada@example.com";
const redirect_url = "http://localhost:5173/";
const models = {
  user: { mountAt: "/auth" },
  admin: { mountAt: "/admin_auth", confirmable: false },
} as const;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(settings: Partial<Settings> = {}) {
  const t = await testAuth({ rateLimits: true, logger: silent, models, ...settings });
  closing.push(() => t.auth.close());
  const from = callersOf(t.auth);
  const signIn = (peer: string, given = password, address = email, headers = {}) =>
    from(peer, "POST /admin_auth/sign_in", { email: address, password: given }, headers);
  const register = (peer: string, address = email) =>
    from(peer, "POST /admin_auth", { email: address, password });
  const guess = async (peer: string, times: number, address = email) => {
    const codes: number[] = [];
    for (let i = 0; i < times; i++) codes.push((await signIn(peer, "wrong violet hour", address)).status);
    return codes;
  };
  return { ...t, from, signIn, register, guess };
}
const guesser = "192.0.2.1";
const home = "198.51.100.7";

describe("sign-in", () => {
  test("from one address at one account: 5 failures, then 429 with Retry-After, and the account's owner signs in from elsewhere (security 29)", async () => {
    const { register, guess, signIn, events } = await start();
    await register(home);
    expect(await guess(guesser, 7)).toEqual([401, 401, 401, 401, 401, 429, 429]);
    const refused = await signIn(guesser);
    expect([refused.status, (await bodyOf(refused)).code]).toEqual([429, "too_many_requests"]);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(refused.headers.get("ratelimit-policy")).toBe('"signInFailuresByAddressAndAccount";q=5;w=1200');
    expect(refused.headers.get("ratelimit")).toBe('"signInFailuresByAddressAndAccount";r=0;t=1');
    expect(refused.headers.has("access-token")).toBe(false);
    expect((await signIn(home)).status).toBe(200);
    const met = events.filter(({ name }) => name === "limit.met");
    expect(met[0]).toMatchObject({ reason: "signInFailuresByAddressAndAccount", address: guesser });
  });

  test("the pause doubles with each failure; the right password after it signs in, and begins anew", async () => {
    const { register, guess, signIn, clock } = await start();
    await register(home);
    await guess(guesser, 5);
    for (const seconds of [1, 2, 4]) {
      expect((await signIn(guesser)).headers.get("retry-after")).toBe(String(seconds));
      clock.forward(seconds * 1000);
      expect(await guess(guesser, 1)).toEqual([401]);
    }
    clock.forward("8s");
    expect((await signIn(guesser)).status).toBe(200);
    expect(await guess(guesser, 2)).toEqual([401, 401]);
  });

  test("50 guesses at one moment: no more than the limit are looked at (security 29)", async () => {
    const { register, signIn } = await start();
    await register(home);
    const sent = Array.from({ length: 50 }, (_, i) => signIn(guesser, `wrong violet hour ${i}`));
    const codes = (await Promise.all(sent)).map(({ status }) => status);
    expect([codes.filter((one) => one === 401).length, codes.filter((one) => one === 429).length]).toEqual([
      5, 45,
    ]);
  });

  test("unknown names are refused like known ones (security 30)", async () => {
    const { register, guess, signIn } = await start();
    await register(home);
    const answers = [];
    for (const [peer, address] of [
      ["192.0.2.1", email],
      ["192.0.2.2", "nobody@example.com"],
    ] as const) {
      const codes = await guess(peer, 6, address);
      const last = await signIn(peer, password, address);
      answers.push([codes, last.status, await last.text(), last.headers.get("ratelimit")]);
    }
    expect(answers[1]).toEqual(answers[0]);
  });

  test("one guess at each of many accounts meets the address's limit, which a success does not clear", async () => {
    const { register, guess, signIn } = await start();
    await register(home, "own@example.com");
    const codes: number[] = [];
    for (let i = 0; i < 10; i++) {
      codes.push(...(await guess(guesser, 1, `person${i}@example.com`)));
      if (i < 9) expect((await signIn(guesser, password, "own@example.com")).status).toBe(200);
    }
    expect(codes).toEqual(Array(10).fill(401));
    expect((await signIn(guesser, password, "own@example.com")).status).toBe(429);
    expect((await signIn(home, password, "own@example.com")).status).toBe(200);
  });

  test("30 people at once behind one address all sign in", async () => {
    const { register, signIn } = await start({ rateLimitRules: { registrationsByAddress: false } });
    const people = Array.from({ length: 30 }, (_, i) => `pupil${i}@example.com`);
    for (const person of people) await register(home, person);
    const answers = await Promise.all(people.map((person) => signIn(home, password, person)));
    expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200));
  });

  test("addresses of one /64 are one, and /48 has ten times as much (security 48)", async () => {
    const rateLimitRules = { signInFailuresByAddress: { limit: 2, per: "1m" } };
    const { guess } = await start({ rateLimitRules });
    for (let i = 0; i < 2; i++) await guess(`2001:db8:1:1::${i + 1}`, 1, `p${i}@example.com`);
    expect(await guess("2001:db8:1:1::ff", 1, "next@example.com")).toEqual([429]);
    expect(await guess("2001:db8:1:2::1", 1, "next@example.com")).toEqual([401]);
    for (let i = 3; i < 20; i++) await guess(`2001:db8:1:${i}::1`, 1, `q${i}@example.com`);
    expect(await guess("2001:db8:1:ffff::1", 1, "last@example.com")).toEqual([429]);
    expect(await guess("2001:db8:2::1", 1, "last@example.com")).toEqual([401]);
  });

  test("validate_token and sign-out have no limit in common with it", async () => {
    const { register, guess, from } = await start();
    const held = credentialsOf(await register(guesser));
    await guess(guesser, 20);
    for (let i = 0; i < 150; i++)
      expect((await from(guesser, "GET /admin_auth/validate_token", undefined, held)).status).toBe(200);
    expect((await from(guesser, "DELETE /admin_auth/sign_out", undefined, held)).status).toBe(200);
  });

  test("a page of another origin can read the refusal", async () => {
    const { guess, signIn } = await start({ cors: { origins: ["https://app.example.com"] } });
    await guess(guesser, 5);
    const refused = await signIn(guesser, password, email, { origin: "https://app.example.com" });
    expect(refused.status).toBe(429);
    expect(refused.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    const exposed = refused.headers.get("access-control-expose-headers")?.split(", ");
    for (const name of ["retry-after", "ratelimit", "ratelimit-policy"]) expect(exposed).toContain(name);
  });

  test("behind a private proxy that is not listed only the account's own limits refuse, with one warning (security 48)", async () => {
    const warnings: unknown[] = [];
    const logger = { ...silent, warn: (_: object, text?: string) => warnings.push(text) };
    const { register, signIn, events } = await start({ logger });
    const headers = { "x-forwarded-for": home };
    await register("10.0.0.1");
    for (let i = 0; i < 15; i++)
      expect((await signIn("10.0.0.1", "wrong", `p${i}@example.com`, headers)).status).toBe(401);
    expect((await signIn("10.0.0.1", password, email, headers)).status).toBe(200);
    // Five would shut out everybody who comes through that proxy.
    for (let i = 0; i < 5; i++) await signIn("10.0.0.1", "wrong", email, headers);
    expect((await signIn("10.0.0.1", password, email, headers)).status).toBe(200);
    for (let i = 0; i < 100; i++) await signIn("10.0.0.1", "wrong", email, headers);
    expect((await signIn("10.0.0.1", password, email, headers)).status).toBe(429);
    expect(warnings).toEqual([expect.stringContaining("trustedProxies")]);
    expect(events.filter(({ name }) => name === "proxy.unlisted")).toHaveLength(1);
  });
});

test.each<[Partial<Settings>, boolean]>([
  [{ environment: "test" }, false],
  [{ environment: "production", baseUrl: "https://api.example.com" }, true],
  [{ environment: "production", baseUrl: "https://api.example.com", rateLimits: false }, false],
])("%j: sign-in is limited: %s", async (settings, isLimited) => {
  const { auth } = await testAuth({ models, logger: silent, ...settings });
  closing.push(() => auth.close());
  const codes: number[] = [];
  for (let i = 0; i < 6; i++) {
    const request = new Request("http://localhost:3000/admin_auth/sign_in", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email, password }),
    });
    codes.push((await auth.handle(request, { peer: guesser })).status);
  }
  expect(codes.includes(429)).toBe(isLimited);
});

describe("mails", () => {
  test("to one address: of each kind 1 a minute, 3 an hour, 6 a day, from wherever (security 30)", async () => {
    const { from, clock, outbox } = await start();
    await from(home, "POST /auth", { email, password, confirm_success_url: redirect_url });
    const paths = ["/auth/password", "/auth/confirmation"];
    let asked = 0;
    for (let minute = 0; minute < 24 * 60; minute += 10) {
      clock.forward("10m");
      const path = paths[asked % 2] ?? "";
      const peer = `203.0.113.${asked++ % 250}`;
      const answers = [
        await from(peer, `POST ${path}`, { email, redirect_url }),
        await from(peer, `POST ${path}`, { email, redirect_url }),
      ];
      expect(answers[1]?.status).toBe(429);
    }
    // The registration's is one of them.
    expect(outbox.messages({ to: email }).length).toBeGreaterThan(5);
    // The windows begin with the first: a day may see the end of one and the begin of the next.
    expect(outbox.messages({ to: email }).length).toBeLessThanOrEqual(2 * 12);
  });

  test.each([true, false])(
    "paranoid %s: unknown addresses are counted like known ones (security 30)",
    async (paranoid) => {
      const { from } = await start({ paranoid });
      await from(home, "POST /auth", {
        email: "known@example.com",
        password,
        confirm_success_url: redirect_url,
      });
      for (const to of ["known@example.com", "unknown@example.com"])
        await from(guesser, "POST /auth/password", { email: to, redirect_url });
      for (const to of ["known@example.com", "unknown@example.com"]) {
        const answer = await from(guesser, "POST /auth/password", { email: to, redirect_url });
        expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "60"]);
      }
    },
  );
});

test("registrations from one address: 30 an hour", async () => {
  const { register } = await start();
  const codes: number[] = [];
  for (let i = 0; i < 31; i++) codes.push((await register(guesser, `new${i}@example.com`)).status);
  expect(codes).toEqual([...Array(30).fill(200), 429]);
  expect((await register(home, "another@example.com")).status).toBe(200);
});

test("links from one address: 20 a minute, all kinds together", async () => {
  const { from } = await start();
  const codes: number[] = [];
  for (let i = 0; i < 7; i++) {
    codes.push((await from(guesser, "GET /auth/confirmation?confirmation_token=x")).status);
    codes.push((await from(guesser, `GET /auth/password/edit?redirect_url=${redirect_url}`)).status);
    codes.push((await from(guesser, "PUT /auth/password", { reset_password_token: "x" })).status);
  }
  expect(codes.slice(0, 20)).not.toContain(429);
  expect(codes.at(-1)).toBe(429);
});

test("the current password: 5 failures in 10 minutes, also at one moment; the session goes on", async () => {
  const { register, from, clock } = await start();
  const held = credentialsOf(await register(home));
  const change = (current_password: string) =>
    from(
      home,
      "PUT /admin_auth",
      { password: "next violet hour", password_confirmation: "next violet hour", current_password },
      held,
    );
  const codes = (await Promise.all(Array.from({ length: 50 }, (_, i) => change(`wrong ${i}`)))).map(
    ({ status }) => status,
  );
  expect([codes.filter((one) => one === 422).length, codes.filter((one) => one === 429).length]).toEqual([
    5, 45,
  ]);
  const refused = await change(password);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "600"]);
  expect((await from(home, "GET /admin_auth/validate_token", undefined, held)).status).toBe(200);
  clock.forward("10m");
  expect((await change(password)).status).toBe(200);
});

describe.each(presentEngines)("counted in $name", ({ create }) => {
  test("50 guesses at one moment over two servers: no more than the limit are looked at (security 29)", async () => {
    const own = await create();
    // It stands still, or on a slow machine a pause would be over meanwhile.
    const now = Date.UTC(2026, 0, 1);
    const options = {
      database: own.database,
      rateLimitStore: "database",
      rateLimitStoreTimeout: "8s",
      now: () => now,
    } as const;
    const [one, two] = [await start(options), await start(options)];
    closing.push(() => own.drop());
    const sent = Array.from({ length: 50 }, (_, i) =>
      (i % 2 ? one : two).signIn(guesser, `wrong violet hour ${i}`),
    );
    const codes = (await Promise.all(sent)).map(({ status }) => status);
    const away = [...one.events, ...two.events].filter(({ name }) => name === "limits.store_away");
    expect(away).toEqual([]);
    expect(codes.filter((status) => status === 401)).toHaveLength(5);
  });
});

import { afterEach, describe, expect, test } from "vitest";
import { callersOf } from "../../../test/fixtures/callers.js";
import { bodyOf, password, silent } from "../../../test/fixtures/http.js";
import type { Settings } from "../../config/config.js";
import { credentialsOf, testAuth } from "../../testing/testing.js";

/** What strangers can use up must not take an owner's way back away. */

const email = "ada@example.com";
const redirect_url = "http://localhost:5173/";
let close: () => Promise<void>;
afterEach(() => close());

async function start(settings: Partial<Settings> = {}) {
  const t = await testAuth({
    rateLimits: true,
    logger: silent,
    maximumAttempts: 5,
    models: { user: { mountAt: "/auth", confirmable: false, reconfirmable: true, lockable: true } },
    ...settings,
  });
  close = () => t.auth.close();
  let peers = 0;
  const from = callersOf(t.auth);
  const ask = (route: string, body: object, headers = {}, peer = `192.0.2.${++peers}`) =>
    from(peer, route, body, headers);
  const signedUp = await ask("POST /auth", { email, password });
  const guess = () => ask("POST /auth/sign_in", { email, password: "wrong violet hour" });
  return { ...t, ask, guess, held: credentialsOf(signedUp) };
}

describe("requests for one kind of link", () => {
  test("take away no other: unlock links that are asked for leave the reset", async () => {
    const t = await start({ paranoid: true });
    for (let i = 0; i < 3; i++) {
      expect((await t.ask("POST /auth/unlock", { email, redirect_url })).status).toBe(200);
      t.clock.forward("61s");
    }
    expect((await t.ask("POST /auth/unlock", { email, redirect_url })).status).toBe(429);
    expect((await t.ask("POST /auth/password", { email, redirect_url })).status).toBe(200);
  });

  test("take away no registration, and none of another model", async () => {
    const models = { user: { mountAt: "/auth" }, admin: { mountAt: "/admin_auth" } };
    const { auth, outbox } = await testAuth({ rateLimits: true, logger: silent, models });
    close = () => auth.close();
    const from = callersOf(auth);
    let peers = 0;
    const ask = (route: string, body: object) => from(`192.0.2.${++peers}`, route, body);
    const to = { email: "new@example.com", redirect_url };
    for (const path of ["/confirmation", "/password"]) {
      expect((await ask(`POST /auth${path}`, to)).status).toBe(404);
      // Counted, although there is no such account.
      expect((await ask(`POST /auth${path}`, to)).status).toBe(429);
      expect((await ask(`POST /admin_auth${path}`, to)).status).toBe(404);
      expect((await ask(`POST /admin_auth${path}`, to)).status).toBe(429);
    }
    for (const mountAt of ["/auth", "/admin_auth"]) {
      const body = { email: to.email, password, confirm_success_url: redirect_url };
      expect((await ask(`POST ${mountAt}`, body)).status).toBe(200);
    }
    expect(outbox.messages({ to: to.email })).toHaveLength(2);
  });

  test("what one limit refuses uses up nothing of another", async () => {
    const t = await start();
    const ask = () => t.ask("POST /auth/password", { email, redirect_url });
    for (let i = 0; i < 3; i++) {
      expect((await ask()).status).toBe(200);
      t.clock.forward("61s");
    }
    for (let i = 0; i < 2; i++) {
      const refused = await ask();
      expect(refused.headers.get("ratelimit-policy")).toBe('"mailsByRecipientLong";q=3;w=3600');
      expect(refused.headers.get("ratelimit")).toContain('"mailsByRecipientLong"');
    }
  });
});

describe("the mail of a lock", () => {
  test("goes out once for each lock, whatever strangers have had mailed before", async () => {
    const t = await start();
    for (let i = 0; i < 3; i++) {
      await t.ask("POST /auth/unlock", { email, redirect_url });
      await t.ask("POST /auth/password", { email, redirect_url });
      t.clock.forward("61s");
    }
    for (let i = 0; i < 7; i++) await t.guess();
    await t.settled();
    const unlocking = t.outbox.messages({ to: email }).filter(({ subject }) => /unlock/i.test(subject));
    expect(unlocking).toHaveLength(1);
    const link = new URL(t.linkTo(email));
    await t.auth.handle(new Request(link));
    expect((await t.ask("POST /auth/sign_in", { email, password })).status).toBe(200);
  });

  test("tells nobody in paranoid mode that there is an account", async () => {
    const t = await start({ paranoid: true });
    for (let i = 0; i < 6; i++) await t.guess();
    await t.settled();
    for (const address of [email, "nobody@example.com"])
      expect((await t.ask("POST /auth/password", { email: address, redirect_url })).status).toBe(200);
  });
});

test("an account names only so many new addresses an hour", async () => {
  const t = await start();
  const change = (i: number) => t.ask("PUT /auth", { email: `new${i}@example.com` }, t.held);
  for (let i = 0; i < 5; i++) expect((await change(i)).status).toBe(200);
  const refused = await change(5);
  expect([refused.status, (await bodyOf(refused)).code]).toEqual([429, "too_many_requests"]);
  t.clock.forward("61m");
  expect((await change(6)).status).toBe(200);
});

test("behind a proxy that is not listed, nobody shuts everybody out of an account", async () => {
  const t = await start();
  const from = (address: string, given: string) =>
    t.ask("POST /auth/sign_in", { email, password: given }, { "x-forwarded-for": address }, "10.0.0.1");
  for (let i = 0; i < 4; i++) await from("66.6.6.6", "wrong violet hour");
  expect((await from("50.0.0.1", password)).status).toBe(200);
});

test("asked for from one address: 10 a minute and 30 an hour", async () => {
  const t = await start();
  const codes: number[] = [];
  for (let i = 0; i < 44; i++) {
    if (i % 11 === 0) t.clock.forward("1m");
    const body = { email: `nobody${i}@example.com`, redirect_url };
    codes.push((await t.ask("POST /auth/password", body, {}, "192.0.2.99")).status);
  }
  expect(codes.filter((one) => one === 404)).toHaveLength(30);
  expect(codes.slice(0, 11)).toEqual([...Array(10).fill(404), 429]);
});

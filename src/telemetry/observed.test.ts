import { afterEach, describe, expect, test } from "vitest";
import { type Fixture, password, registerUser, signIn, silent, startAuth } from "../../test/fixtures/http.js";
import { openMemoryTelemetry } from "../../test/fixtures/telemetry.js";
import { actionNames } from "../accounts/actions.js";
import type { Settings } from "../config/config.js";
import { errorTable } from "../errors.js";
import { eventTable } from "../events.js";
import { internals } from "../internals.js";
import { counterTable, gaugeTable, histogramTable } from "./instruments.js";

const closers: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(settings: Partial<Settings> = {}) {
  const memory = openMemoryTelemetry();
  const t = await startAuth({ telemetry: memory.telemetry, logger: silent, ...settings });
  closers.push(() => t.auth.close(), memory.close);
  return { ...t, ...memory, t: t as Fixture };
}

const user = { "keyturn.model": "user" };
const head = (headers: Readonly<Record<string, string>>) => ({
  method: "GET",
  url: "/me?email=ada@example.com",
  peer: "192.0.2.7",
  header: (name: string) => headers[name],
});

describe("counters", () => {
  test("a rotation, the batch around it and each reason of a refusal are told apart", async () => {
    const { t, auth, clock, figureOf } = await start();
    await registerUser(t);
    const first = await signIn(t);
    const ask = (headers: Readonly<Record<string, string>>) =>
      auth[internals].authenticate("user", head(headers));
    await ask(first);
    clock.forward("6s");
    const rotated = await ask(first);
    await ask(first);
    const second = { ...first, ...Object.fromEntries(rotated.headers) };
    clock.forward("6s");
    await ask(second);
    await ask(first);
    clock.forward("6s");
    await ask(first);
    await ask({ ...first, client: "somebody-else" });
    clock.forward("20d");
    await ask(second);
    expect(await figureOf("keyturn.rotations", user)).toBe(2);
    expect(await figureOf("keyturn.batches", { ...user, "keyturn.token": "current" })).toBe(1);
    expect(await figureOf("keyturn.batches", { ...user, "keyturn.token": "previous" })).toBe(1);
    for (const [reason, times] of [
      ["late", 1],
      ["reused", 1],
      ["unknown", 1],
      ["expired", 1],
    ] as const)
      expect([reason, await figureOf("keyturn.refusals", { ...user, "keyturn.reason": reason })]).toEqual([
        reason,
        times,
      ]);
    expect(await figureOf("keyturn.authenticate.duration", { "keyturn.outcome": "accepted" })).toBe(4);
    expect(await figureOf("keyturn.authenticate.duration", { "keyturn.outcome": "refused" })).toBe(4);
  });

  test("of requests that share a rotation one counts as rotated, the others as its batch", async () => {
    const { t, auth, clock, figureOf } = await start();
    await registerUser(t);
    const held = await signIn(t);
    clock.forward("6s");
    await Promise.all(Array.from({ length: 5 }, () => auth[internals].authenticate("user", head(held))));
    expect(await figureOf("keyturn.rotations", user)).toBe(1);
    expect(await figureOf("keyturn.batches", { ...user, "keyturn.token": "previous" })).toBe(4);
  });

  test("where no token changes, nothing is called a batch", async () => {
    const { t, auth, series } = await start({ changeHeadersOnEachRequest: false });
    await registerUser(t);
    await auth[internals].authenticate("user", head(await signIn(t)));
    expect((await series()).filter(({ name }) => name === "keyturn.batches")).toEqual([]);
  });

  test("sign-ins by outcome, registrations, mails by kind, limits by name, and every event", async () => {
    const { t, request, figureOf } = await start({
      rateLimits: true,
      rateLimitRules: { signInFailuresByAccount: { limit: 5, per: "1h" } },
    });
    await request("POST /auth", {
      body: { email: "ada@example.com", password, confirm_success_url: "http://localhost:5173/" },
    });
    const wrong = { email: "ada@example.com", password: "something else" };
    await request("POST /auth/sign_in", { body: { ...wrong, password } });
    await t.auth.handle(new Request(t.linkTo("ada@example.com")));
    await request("POST /auth/sign_in", { body: { ...wrong, password } });
    for (let i = 0; i < 6; i++) await request("POST /auth/sign_in", { body: wrong });
    const outcome = (name: string) => ({ ...user, "keyturn.outcome": name });
    expect(await figureOf("keyturn.sign_ins", outcome("unconfirmed"))).toBe(1);
    expect(await figureOf("keyturn.sign_ins", outcome("succeeded"))).toBe(1);
    expect(await figureOf("keyturn.sign_ins", outcome("failed"))).toBe(5);
    expect(await figureOf("keyturn.registrations", user)).toBe(1);
    const mail = { "keyturn.mail": "confirmation_instructions", "keyturn.outcome": "sent" };
    expect(await figureOf("keyturn.mails", mail)).toBe(1);
    expect(await figureOf("keyturn.limits.met", { "keyturn.limit": "signInFailuresByAccount" })).toBe(1);
    expect(await figureOf("keyturn.events", { "keyturn.event": "session.created" })).toBe(1);
  });

  test("a mail that could not be sent, a hash that was made, and how long passwords waited", async () => {
    const { request, figureOf } = await start({
      mail: {
        from: "Test <test@example.com>",
        send: () => Promise.reject(new Error("ada@example.com is unknown")),
      },
    });
    await request("POST /auth", {
      body: { email: "ada@example.com", password, confirm_success_url: "http://localhost:5173/" },
    });
    const mail = { "keyturn.mail": "confirmation_instructions", "keyturn.outcome": "failed" };
    expect(await figureOf("keyturn.mails", mail)).toBe(1);
    expect(await figureOf("keyturn.password.duration", { "keyturn.operation": "hash" })).toBe(1);
    const waited = { "keyturn.operation": "hash", "keyturn.outcome": "done" };
    expect(await figureOf("keyturn.password.wait", waited)).toBe(1);
    expect(await figureOf("keyturn.password.waiting")).toBe(0);
  });

  test("a password that waits is seen while it does, and one that is given up too", async () => {
    const { request, figureOf } = await start({ passwordQueueLimit: 20 });
    const asked = Array.from({ length: 60 }, (_, i) =>
      request("POST /auth/sign_in", { body: { email: `person${i}@example.com`, password } }),
    );
    await expect.poll(() => figureOf("keyturn.password.waiting"), { interval: 5 }).toBeGreaterThan(0);
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    const refused = statuses.filter((status) => status === 503).length;
    expect(refused).toBeGreaterThan(0);
    const waited = { "keyturn.operation": "verify", "keyturn.outcome": "given up" };
    expect(await figureOf("keyturn.password.wait", waited)).toBe(refused);
    expect(await figureOf("keyturn.password.waiting")).toBe(0);
  });
});

describe("whatever somebody makes up", () => {
  test("makes no series: paths, methods, models, tokens and addresses stay a closed list (case 22)", async () => {
    const { t, request, auth, series } = await start();
    await registerUser(t);
    const flood = async (from: number): Promise<void> => {
      for (let i = from; i < from + 20; i++) {
        await request(`GET /auth/made_up_${i}`);
        await request(`POST /auth/made/up/${i}?x=${i}`);
        await request(`GET /model_${i}/sign_in`);
        await request(`MADEUP${i} /auth/sign_in`);
        await request(`DELETE /auth/sessions/${i}`);
        await request(`GET /omniauth/provider_${i}/callback`);
        await request(`GET /auth/provider_${i}`);
        await request("POST /auth/sign_in", { body: { email: `person${i}@example.com` } });
        await auth[internals].authenticate(
          "user",
          head({ "access-token": `t${i}`, client: `c${i}`, uid: `u${i}` }),
        );
      }
    };
    await flood(0);
    const few = await series();
    await flood(20);
    const many = await series();
    const names = (all: typeof few) => all.map(({ name, attributes }) => JSON.stringify([name, attributes]));
    expect(names(many).toSorted()).toEqual(names(few).toSorted());
    expect(JSON.stringify(many)).not.toMatch(/made|person\d|model_|provider_|MADEUP/);
    // What leads nowhere: one series for each error code.
    const nowhere = many.filter(
      ({ name, attributes }) =>
        name === "keyturn.request.duration" && attributes["keyturn.action"] === "none",
    );
    expect(nowhere.map(({ attributes }) => attributes["error.type"]).toSorted()).toEqual([
      "method_not_allowed",
      "not_found",
    ]);
  });

  test("every value of every attribute is on a list", async () => {
    const { t, request, series } = await start();
    await registerUser(t);
    await signIn(t);
    await request("POST /auth/password", { body: { email: "ada@example.com" } });
    const table: Readonly<Record<string, { readonly attributes: readonly string[] }>> = {
      ...counterTable,
      ...histogramTable,
      ...gaugeTable,
    };
    const lists: Readonly<Record<string, readonly string[]>> = {
      "keyturn.model": ["user", "admin", "none", "several"],
      "keyturn.action": [...actionNames, "openapi", "none"],
      "keyturn.event": Object.keys(eventTable),
      "error.type": Object.keys(errorTable),
    };
    const all = await series();
    expect(all.length).toBeGreaterThan(15);
    for (const { name, attributes } of all)
      for (const [key, value] of Object.entries(attributes)) {
        expect(table[name]?.attributes).toContain(key);
        if (lists[key]) expect(lists[key]).toContain(value);
      }
  });
});

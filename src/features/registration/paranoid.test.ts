import { describe, expect, onTestFinished, test } from "vitest";
import { pressOf } from "../../../test/fixtures/button.js";
import { bodyOf, password, silent } from "../../../test/fixtures/http.js";
import type { Settings } from "../../config/config.js";
import type { Database, Store } from "../../database/port.js";
import { sqlite } from "../../database/sqlite/sqlite.js";
import { testAuth } from "../../testing/testing.js";

/** Paranoid mode: a registration does not tell whether its address has an account (security 30). */

const confirm_success_url = "http://localhost:5173/";
const owner = "ada@example.com";

/** Every question to the database, in order. */
function watched(asked: string[]): Database {
  const inMemory = sqlite(":memory:");
  const named = <Part extends object>(part: Part, place: string): Part =>
    new Proxy(part, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (typeof value === "function")
          return (...given: unknown[]) => {
            asked.push(`${place}${String(key)}`);
            return Reflect.apply(value, target, given);
          };
        return typeof value === "object" && value !== null ? named(value, `${String(key)}.`) : value;
      },
    });
  return { connect: async (options) => named<Store>(await inMemory.connect(options), "") };
}

async function start(settings: Partial<Settings> = {}) {
  const asked: string[] = [];
  const t = await testAuth({
    models: {
      user: { mountAt: "/auth", fields: { name: { type: "string", writable: true } } },
      admin: { mountAt: "/admin_auth", confirmable: false },
    },
    database: watched(asked),
    paranoid: true,
    logger: silent,
    ...settings,
  });
  onTestFinished(() => t.auth.close());
  const body = (email: string) => ({ email, password, name: "x", confirm_success_url });
  const register = async (email: string) => {
    const response = await t.request("POST /auth", { body: body(email) });
    await t.settled();
    return response;
  };
  /** A registration whose response has not left yet; `leave` lets it. */
  const held = async (email: string) => {
    let leave = (): void => undefined;
    const from = asked.length;
    const response = await t.auth.handle(
      new Request("http://localhost:3000/auth", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body(email)),
      }),
      {
        afterResponse: (work) => {
          leave = work;
        },
      },
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    return { response, leave: () => leave(), statements: asked.slice(from) };
  };
  const signInStatus = async (given: object) =>
    (await t.request("POST /auth/sign_in", { body: given })).status;
  return { ...t, register, held, signInStatus };
}

const taken = async (t: Awaited<ReturnType<typeof start>>) => {
  await t.register(owner);
  await t.auth.handle(new Request(t.linkTo(owner)));
};

describe("a registration in paranoid mode", () => {
  test("is answered alike for a free address, a taken one, and one that nobody has confirmed (security 30)", async () => {
    const t = await start();
    await taken(t);
    await t.register("waiting@example.com");
    const answers = [];
    for (const email of ["free@example.com", owner, "waiting@example.com"]) {
      const { response, leave, statements } = await t.held(email);
      const text = (await response.clone().text()).replaceAll(email, "EMAIL");
      answers.push({ status: response.status, headers: [...response.headers], text, statements });
      leave();
      await t.settled();
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    expect(JSON.parse(answers[0]?.text ?? "")).toEqual({
      status: "success",
      data: {
        id: null,
        provider: "email",
        uid: "EMAIL",
        email: "EMAIL",
        name: "x",
        created_at: null,
        updated_at: null,
      },
    });
  });

  test("makes the account and mails its link once the response has left", async () => {
    const t = await start();
    const { leave } = await t.held("free@example.com");
    expect([t.outbox.messages(), await t.auth.accounts.findByEmail("user", "free@example.com")]).toEqual([
      [],
      undefined,
    ]);
    leave();
    await t.settled();
    await t.auth.handle(new Request(t.linkTo("free@example.com")));
    expect(await t.signInStatus({ email: "free@example.com", password })).toBe(200);
    expect(t.events.map(({ name }) => name)).toContain("account.registered");
  });

  test("of a taken address tells its owner by mail, and changes nothing", async () => {
    const t = await start();
    await taken(t);
    t.outbox.clear();
    const another = { email: owner, password: "another violet hour", confirm_success_url };
    await t.request("POST /auth", { body: another });
    await t.settled();
    expect(t.outbox.messages().map(({ to, subject }) => [to, subject])).toEqual([
      [owner, "You already have an account"],
    ]);
    expect(await t.signInStatus({ email: owner, password })).toBe(200);
    expect(await t.signInStatus(another)).toBe(401);
  });

  test("of an address that somebody else registered first mails no link that would confirm theirs", async () => {
    const t = await start();
    await t.register(owner);
    t.outbox.clear();
    await t.register(owner);
    const [mail, ...more] = t.outbox.messages();
    expect([mail?.subject, mail?.text.includes("confirmation_token"), more]).toEqual([
      "You already have an account",
      false,
      [],
    ]);
  });

  test("does not let whoever fills in the form choose the language of that mail", async () => {
    const t = await start({ locales: ["en", "de"] });
    await taken(t);
    t.outbox.clear();
    const headers = { "accept-language": "de" };
    await t.request("POST /auth", { body: { email: owner, password, confirm_success_url }, headers });
    await t.settled();
    expect(t.outbox.messages()[0]?.subject).toBe("You already have an account");
  });

  test("still says what is wrong with the values, whoever has the address", async () => {
    const t = await start();
    await taken(t);
    for (const email of [owner, "free@example.com"]) {
      const body = { email, password: "short", confirm_success_url };
      const response = await t.request("POST /auth", { body });
      expect([response.status, (await bodyOf(response)).codes]).toEqual([422, { password: ["too_short"] }]);
    }
  });

  test("leaves no account where its mail could not be sent, and says nothing of it", async () => {
    const t = await start({
      mail: {
        from: "a@example.com",
        send: async () => {
          throw new Error("down");
        },
      },
    });
    expect((await t.register("free@example.com")).status).toBe(200);
    expect(await t.auth.accounts.findByEmail("user", "free@example.com")).toBeUndefined();
    expect(t.events.map(({ name }) => name)).toContain("mail.failed");
  });

  test("50 at once of one address make one account, and all are answered alike", async () => {
    const t = await start();
    const all = await Promise.all(Array.from({ length: 50 }, () => t.register(owner)));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(await Promise.all(all.map((one) => one.text()))).size).toBe(1);
    expect((await t.auth.accounts.list("user", {})).accounts).toHaveLength(1);
  });

  test("with a button confirms as ever", async () => {
    const t = await start({ confirmByButton: true });
    await t.register(owner);
    const page = await t.auth.handle(new Request(t.linkTo(owner)));
    const done = await t.auth.handle(await pressOf(page));
    expect(done.headers.get("location")).toContain("account_confirmation_success=true");
  });
});

test("a model that confirms nothing signs people in at once, so it says that an address is taken", async () => {
  const t = await start();
  const body = { email: owner, password };
  expect((await t.request("POST /admin_auth", { body })).headers.get("access-token")).not.toBeNull();
  const response = await t.request("POST /admin_auth", { body });
  expect([response.status, (await bodyOf(response)).codes]).toEqual([422, { email: ["taken"] }]);
});

test("an app that vouches for an address is told the truth about it", async () => {
  const asked: string[] = [];
  const t = await testAuth({
    models: { user: { mountAt: "/auth" } },
    database: watched(asked),
    paranoid: true,
    hooks: { user: { beforeCreate: ({ skipConfirmation }) => skipConfirmation() } },
  });
  onTestFinished(() => t.auth.close());
  const body = { email: owner, password, confirm_success_url };
  expect((await t.request("POST /auth", { body })).headers.get("access-token")).not.toBeNull();
  const response = await t.request("POST /auth", { body });
  expect([response.status, (await bodyOf(response)).codes]).toEqual([422, { email: ["taken"] }]);
});

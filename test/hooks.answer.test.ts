import { describe, expect, test } from "vitest";
import { AuthError } from "../src/errors.js";
import { internals } from "../src/internals.js";
import { ada, email, internal, start } from "./fixtures/hooks.js";
import { password } from "./fixtures/http.js";

describe("answer", () => {
  test("is what every answer shows of an account, each with or without times as it is without the hook", async () => {
    const t = await start({
      user: { answer: (account) => ({ keys: Object.keys(account), hi: account.name }) },
    });
    const plain = ["id", "provider", "uid", "email", "name", "age", "plan", "vip"];
    const short = { keys: plain, hi: "Ada" };
    const whole = { keys: [...plain, "created_at", "updated_at"], hi: "Ada" };

    expect((await t.ask("POST /auth", ada)).body.data).toEqual(whole);
    expect((await t.ask("POST /auth", ada)).body.data).toEqual(whole);
    const refused = await t.ask("POST /auth", { ...ada, confirm_success_url: "https://evil.example/" });
    expect([refused.status, refused.body.data]).toEqual([422, whole]);
    await t.auth.handle(new Request(t.linkTo(email)));
    const { body, held } = await t.ask("POST /auth/sign_in", { email, password });
    expect(body.data).toEqual(short);
    expect((await t.ask("GET /auth/validate_token", undefined, held)).body.data).toEqual(short);
    expect((await t.ask("PUT /auth", { age: 36 }, held)).body.data).toEqual(whole);
    const next = { password, password_confirmation: password };
    expect((await t.ask("PUT /auth/password", next, held)).body.data).toEqual(whole);
  });

  test("changes neither the account that handlers see, nor credentials, nor another model's answers", async () => {
    const change = (account: object) => Object.assign(account, { uid: "eve", name: "Eve" });
    const refuse = ({ account }: { readonly account: object }): never => {
      change(account);
      throw new AuthError("invalid", { problems: { base: "No" } });
    };
    const t = await start({ user: { answer: change, beforeUpdate: refuse } });
    const { body, held } = await t.signUp();
    expect([body.data["uid"], held["uid"]]).toEqual(["eve", email]);
    expect((await t.ask("PUT /auth", { age: 36 }, held)).held["uid"]).toBe(email);
    const head = { method: "GET", url: "/", peer: undefined, header: (name: string) => held[name] };
    expect((await t.auth[internals].authenticate("user", head)).authentication?.account).toMatchObject({
      uid: email,
      name: "Ada",
    });
    const admin = await t.ask("POST /admin_auth", { email, password });
    expect(admin.body.data["uid"]).toBe(email);
  });

  test("is given no secret", async () => {
    const given: unknown[] = [];
    const t = await start({ user: { answer: (account) => ({ count: given.push(account) }) } });
    await t.signUp();
    expect(given).toHaveLength(2);
    expect(JSON.stringify(given)).not.toMatch(/argon2|password|token|confirmed/i);
  });

  test("is given fields of their own types also for a registration that was refused", async () => {
    const t = await start({
      user: { answer: ({ id, name, age }) => ({ id, shout: name?.toUpperCase(), age }) },
    });
    const refused = await t.ask("POST /auth", { ...ada, name: 5, age: "36", password: "short" });
    expect(refused.body.data).toEqual({ id: null, shout: "5", age: 36 });
  });

  test.each<[string, () => never]>([
    [
      "throws",
      () => {
        throw new Error("hunter2");
      },
    ],
    [
      "throws AuthError invalid, which is not its to throw,",
      () => {
        throw new AuthError("invalid", { problems: { email: "hunter2" } });
      },
    ],
    ["returns nothing", () => undefined as never],
  ])(
    "one that %s is a mistake of the server: 500, logged, and the credentials go out",
    async (_how, answer) => {
      const t = await start({ admin: { answer } });
      const failed = await t.ask("POST /admin_auth", { email, password });
      expect([failed.status, failed.body]).toEqual([500, internal]);
      expect(failed.held["uid"]).toBe(email);
      expect(t.logged[0]).toMatch(/hooks\.admin\.answer/);
      // What was done stays done.
      expect(await t.auth.accounts.findByEmail("admin", email)).toBeDefined();
    },
  );
});

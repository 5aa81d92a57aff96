import { describe, expect, test } from "vitest";
import { AuthError } from "../src/errors.js";
import { ada, email, type Hooked, internal, start } from "./fixtures/hooks.js";
import { password } from "./fixtures/http.js";

describe("beforeCreate", () => {
  test("sets fields that clients cannot write, over those that they can", async () => {
    const t = await start({
      user: {
        beforeCreate: async ({ email, fields }) => {
          await Promise.resolve();
          return {
            plan: email.split("@")[1]?.slice(0, 7) ?? null,
            vip: true,
            name: `${fields.name} L.`,
            age: undefined,
          };
        },
      },
    });
    const { body } = await t.ask("POST /auth", { ...ada, email: " ADA@example.com", age: 36, plan: "gold" });
    const expected = { email, name: "Ada L.", age: 36, plan: "example", vip: true };
    expect(body.data).toMatchObject(expected);
    expect(await t.stored()).toMatchObject(expected);
  });

  test("refuses with AuthError invalid: 422 as a failed validation, nothing is made and nothing mailed", async () => {
    const told: unknown[] = [];
    const t = await start({
      user: {
        beforeCreate: () => {
          throw new AuthError("invalid", {
            problems: { email: "is not invited", invited_by: "is unknown", base: "Sign-up is closed" },
          });
        },
        afterCreate: (account) => told.push(account),
      },
    });
    const { status, body } = await t.ask("POST /auth", ada);
    expect([status, body.status, body.data["uid"], body.data["id"]]).toEqual([422, "error", email, null]);
    expect(body.errors).toEqual({
      email: ["is not invited"],
      invited_by: ["is unknown"],
      base: ["Sign-up is closed"],
      full_messages: ["Email is not invited", "Invited by is unknown", "Sign-up is closed"],
    });
    expect(await t.stored()).toBeUndefined();
    expect([t.outbox.messages(), t.events, told, t.logged]).toEqual([[], [], [], []]);
  });

  test("what it does to the fields that it is given is not written", async () => {
    const change = ({ fields }: { readonly fields: object }) => void Object.assign(fields, { vip: true });
    const t = await start({ user: { beforeCreate: change, beforeUpdate: change } });
    const { held } = await t.signUp();
    expect(await t.stored()).toMatchObject({ name: "Ada", vip: null });
    await t.ask("PUT /auth", { age: 36 }, held);
    expect(await t.stored()).toMatchObject({ age: 36, vip: null });
  });

  test("is asked behind every other check, so that it is given nothing that would be refused anyway", async () => {
    const given: object[] = [];
    const t = await start({ user: { beforeCreate: (signUp) => void given.push(signUp) } });
    await t.ask("POST /auth", { ...ada, password: "short" });
    await t.ask("POST /auth", { ...ada, age: "old" });
    await t.ask("POST /auth", { ...ada, email: "nobody" });
    await t.ask("POST /auth", { ...ada, confirm_success_url: "https://evil.example/" });
    expect(given).toEqual([]);
    await t.ask("POST /auth", { ...ada, vip: true });
    await t.ask("POST /auth", ada);
    const how = { params: {}, via: "form", provider: null, skipConfirmation: expect.any(Function) };
    expect(given).toEqual([{ email, fields: { name: "Ada" }, ...how }]);
  });

  test.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("hunter2");
      },
    ],
    [
      "rejects",
      async () => {
        throw new Error("hunter2");
      },
    ],
    ["sets a field that there is not", () => ({ plan: "free", hunter2: 1 })],
    ["sets a value of another type", () => ({ vip: "true" })],
    ["sets a text that is too long", () => ({ plan: "hunter2".repeat(2) })],
    ["returns something else", () => true],
  ])("one that %s is a mistake of the server: 500, logged, nothing is made", async (_how, hook) => {
    const t = await start({ user: { beforeCreate: hook as () => undefined } });
    const { status, body } = await t.ask("POST /auth", ada);
    expect([status, body]).toEqual([500, internal]);
    expect(await t.stored()).toBeUndefined();
    expect(t.outbox.messages()).toEqual([]);
    expect(t.logged).toEqual([
      expect.stringMatching(/hooks\.user\.beforeCreate (failed|has to return|returned)/),
    ]);
  });
});

describe("beforeUpdate", () => {
  test("is given the account, the new address and the new fields, and sets others", async () => {
    const given: object[] = [];
    const t = await start({
      user: {
        beforeUpdate: (update) => {
          given.push(update);
          return { vip: true };
        },
      },
    });
    const { held } = await t.signUp();
    const { body } = await t.ask("PUT /auth", { age: "37", plan: "gold", email: "ada@new.example" }, held);
    expect(body.data).toMatchObject({ age: 37, plan: null, vip: true, name: "Ada" });
    const account = expect.objectContaining({ uid: email, age: null, vip: null });
    expect(given).toEqual([{ account, email: "ada@new.example", fields: { age: 37 }, params: {} }]);
    // The address that the account has is no new one.
    await t.ask("PUT /auth", { email }, held);
    expect(given[1]).toMatchObject({ email: undefined, fields: {} });
  });

  const wanted = { email: "ada@new.example", name: "Eve", password: "another quiet hour" };
  const untouched = async (t: Hooked, mails: number) => {
    expect(await t.stored()).toMatchObject({ name: "Ada", email });
    expect((await t.ask("POST /auth/sign_in", { email, password })).status).toBe(200);
    await t.settled();
    expect(t.outbox.messages()).toHaveLength(mails);
  };

  test("refuses with AuthError invalid: 422, nothing is changed or mailed, and the new token is in the answer", async () => {
    const t = await start({
      user: {
        beforeUpdate: async () => {
          throw new AuthError("invalid", { problems: { email: "cannot be changed" } });
        },
      },
    });
    const { held } = await t.signUp();
    const mails = t.outbox.messages().length;
    t.clock.forward("6s");
    const refused = await t.ask("PUT /auth", wanted, held);
    const errors = { email: ["cannot be changed"], full_messages: ["Email cannot be changed"] };
    expect([refused.status, refused.body]).toEqual([
      422,
      { status: "error", errors, code: "invalid", codes: { email: ["refused"] } },
    ]);
    expect(refused.held["access-token"]).not.toBe(held["access-token"]);
    expect((await t.ask("GET /auth/validate_token", undefined, refused.held)).status).toBe(200);
    await untouched(t, mails);
  });

  test("one that throws is a mistake of the server: 500, logged, nothing is changed, and the new token is in the answer", async () => {
    const t = await start({
      user: {
        beforeUpdate: () => {
          throw new Error("hunter2");
        },
      },
    });
    const { held } = await t.signUp();
    const mails = t.outbox.messages().length;
    t.clock.forward("6s");
    const failed = await t.ask("PUT /auth", wanted, held);
    expect([failed.status, failed.body]).toEqual([500, internal]);
    expect(failed.held["access-token"]).toBeTruthy();
    expect(failed.held["access-token"]).not.toBe(held["access-token"]);
    expect(t.logged).toHaveLength(1);
    await untouched(t, mails);
  });

  test("an AuthError of the app's own calls is no answer of ours", async () => {
    const t = await start({
      user: { beforeUpdate: async () => t.auth.accounts.delete("user", 999).then(() => undefined) },
    });
    const { held } = await t.signUp();
    const failed = await t.ask("PUT /auth", { name: "Eve" }, held);
    expect([failed.status, failed.body]).toEqual([500, internal]);
  });
});

test("AuthError invalid says why", () => {
  expect(() => new AuthError("invalid", { problems: {} })).toThrow(TypeError);
  expect(() => new AuthError("invalid")).toThrow(TypeError);
  expect(new AuthError("invalid", { problems: { email: "is not invited" } }).status).toBe(422);
});

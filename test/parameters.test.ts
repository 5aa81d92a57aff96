import { describe, expect, onTestFinished, test } from "vitest";
import { routes } from "../src/features/list.js";
import { testAuth } from "../src/testing/testing.js";
import { password } from "./fixtures/http.js";
import { paramsOf } from "./fixtures/routes.js";

const email = "ada@example.com";

/** An Auth of an app that is being developed, or that is not, and what it logs as a warning. */
async function start(environment: "development" | "test" | "production") {
  const warned: string[] = [];
  const given: unknown[] = [];
  const models = {
    user: {
      mountAt: "/auth",
      confirmable: false,
      fields: { name: { type: "string", writable: true }, plan: { type: "string" } },
      permittedParameters: { register: ["invitation"], updateAccount: ["reason"] },
    },
    admin: { mountAt: "/admin_auth", confirmable: false },
  } as const;
  const t = await testAuth({
    environment,
    baseUrl: "https://api.example.com",
    logger: {
      info() {},
      error() {},
      warn: (_details: object, sentence: string) => void warned.push(sentence),
    },
    models,
    hooks: {
      user: {
        beforeCreate: ({ params }) => void given.push(params),
        beforeUpdate: ({ params }) => void given.push(params),
      },
    },
  });
  onTestFinished(() => t.auth.close());
  return { ...t, warned, given };
}

describe("in development", () => {
  test("a parameter that was dropped is told once, with the setting that would permit it", async () => {
    const t = await start("development");
    const body = { email, password, nick: "ada", plan: "gold" };
    const held = Object.fromEntries((await t.request("POST /auth", { body })).headers);
    await t.request("POST /auth", { body });
    await t.request("PUT /auth", { body: { name: "Ada", plan: "gold" }, headers: held });
    await t.request("POST /auth/sign_in", { body: { username: "ada", password } });
    expect(t.warned).toEqual([
      'register of user dropped the parameter "nick". models.user.fields: { "nick": { type: "string", writable: "sign_up" } } stores it; models.user.permittedParameters: { register: ["nick"] } says that your own code takes it.',
      'register of user dropped the parameter "plan". models.user.fields.plan.writable: "sign_up" stores it; models.user.permittedParameters: { register: ["plan"] } says that your own code takes it.',
      'updateAccount of user dropped the parameter "plan". models.user.fields.plan.writable: "account_update" stores it; models.user.permittedParameters: { updateAccount: ["plan"] } says that your own code takes it.',
      'signIn of user dropped the parameter "username". models.user.permittedParameters: { signIn: ["username"] } says that your own code takes it.',
    ]);
  });

  test("a list or an object is told as well: neither is ever taken", async () => {
    const t = await start("development");
    await t.request("POST /auth", { body: { user: { email, password }, tags: ["a"] } });
    expect(t.warned).toEqual([
      expect.stringMatching(/^register of user dropped the parameter "user": it is a list or an object/),
      expect.stringMatching(/^register of user dropped the parameter "tags": it is a list or an object/),
    ]);
  });

  test("the protocol's own parameters are never told of, whichever action they are sent to", async () => {
    const t = await start("development");
    const names = routes.flatMap(paramsOf).map((name) => name.replace("!", ""));
    const more = ["access-token", "client", "uid", "expiry", "token-type", "unbatch", "config", "invitation"];
    const body = Object.fromEntries([...names, ...more].map((name) => [name, "x"]));
    expect(names.length).toBeGreaterThan(20);
    for (const route of ["POST /auth", "POST /auth/sign_in", "POST /auth/password", "PUT /auth/password"])
      await t.request(route, { body: route === "POST /auth" ? body : { ...body, invitation: undefined } });
    expect(t.warned).toEqual([]);
  });

  test("there is an end to the names that are told", async () => {
    const t = await start("development");
    for (let i = 0; i < 3; i++) {
      const many = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`x${i}_${n}`, 1]));
      await t.request("POST /auth", { body: many });
    }
    await t.request("POST /admin_auth", { body: { ["n".repeat(100)]: 1 } });
    expect(t.warned.length).toBe(200);
  });
});

test.each(["test", "production"] as const)("in %s nothing is told", async (environment) => {
  const t = await start(environment);
  await t.request("POST /auth", { body: { email, password, nick: "ada" } });
  expect(t.warned).toEqual([]);
});

test("permitted parameters reach the hooks of their own action, and no column", async () => {
  const t = await start("test");
  const sent = { email, password, invitation: "i-1", reason: "r-1", nick: "ada" };
  const held = Object.fromEntries((await t.request("POST /auth", { body: sent })).headers);
  await t.request("PUT /auth", { body: { name: "Ada", invitation: "i-2", reason: "r-2" }, headers: held });
  expect(t.given).toEqual([{ invitation: "i-1" }, { reason: "r-2" }]);
  expect(JSON.stringify(await t.auth.accounts.findByEmail("user", email))).not.toMatch(/i-1|r-2/);
});

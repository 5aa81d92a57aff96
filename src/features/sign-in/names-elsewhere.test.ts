import { describe, expect, onTestFinished, test } from "vitest";
import { bodyOf, password, silent } from "../../../test/fixtures/http.js";
import { credentialsIn, example, newBrowser, resultOf } from "../../../test/fixtures/oauth.js";
import { startProvider } from "../../../test/fixtures/provider-server.js";
import { createAuth } from "../../auth.js";
import { resolveConfig } from "../../config/resolve.js";
import { sqlite } from "../../database/sqlite/sqlite.js";
import { ConfigError } from "../../errors.js";
import { testAuth } from "../../testing/testing.js";

const fields = { username: { type: "string", writable: true } } as const;
const user = { mountAt: "/auth", fields, authenticationKeys: ["email", "username"] } as const;
const confirm_success_url = "http://localhost:5173/";

describe("authenticationKeys, at start", () => {
  const problemsOf = (more: object): readonly string[] => {
    const models = {
      user: {
        ...user,
        fields: { ...fields, nick: { type: "string" }, age: { type: "integer" } },
        ...more,
      },
    };
    try {
      resolveConfig({ baseUrl: "http://localhost:3000", database: sqlite(":memory:"), models } as never);
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
  };
  const place = "models.user.authenticationKeys";

  test.each<[readonly unknown[], readonly string[]]>([
    [["email", "usernam"], [`${place}: "usernam" is no field of the model; did you mean username?`]],
    [["age"], [`${place}: "age" is a field of another type than string`]],
    [["username", "username"], [`${place}: "username" stands there twice`]],
    [["email", "username", "email"], [`${place}: "email" stands there twice`]],
    [
      ["username", { field: "nick" }, "ghost"],
      [
        `${place}: "nick" is a name as "username" is, and one value could name two accounts`,
        `${place}: "ghost" is a name as "nick" is, and one value could name two accounts`,
      ],
    ],
    [[{ field: "nick", country: "DE" }], [`${place}: "nick" has a country, which only phone numbers have`]],
    [[{ field: "nick", as: "phone", country: "de" }], [expect.stringContaining("country in two capitals")]],
    [[{ field: "nick", as: "number" }], [expect.stringMatching(/^models\.user\.authenticationKeys\.0/)]],
    [[], [`${place}: must name at least one, such as email`]],
    [
      [{ field: "username", column: "Email" }],
      [`${place}.username: "Email" is already the column of columns.email`],
    ],
    [["email", "username", { field: "nick", as: "phone" }], []],
  ])("%j", (authenticationKeys, problems) => {
    expect(problemsOf({ authenticationKeys })).toEqual(problems);
  });

  test("a country without phone numbers is a sentence when the database is opened", async () => {
    const auth = createAuth({
      baseUrl: "http://localhost:3000",
      database: sqlite(":memory:"),
      models: {
        user: { ...user, authenticationKeys: [{ field: "username", as: "phone", country: "XX" }] },
      },
    });
    onTestFinished(() => auth.close());
    await expect(auth.ready()).rejects.toThrow(/"XX", the country of "username", has no phone numbers/);
  });
});

test("a name that somebody has costs the same look-ups as one that nobody has, with limits and without (security 30)", async () => {
  const asked: string[] = [];
  const opened = sqlite(":memory:");
  const auth = createAuth({
    baseUrl: "http://localhost:3000",
    logger: silent,
    rateLimits: true,
    models: { user: { ...user, confirmable: false } },
    database: {
      async connect(options) {
        const store = await opened.connect(options);
        const accounts = Object.entries(store.accounts).map(([name, verb]) => [
          name,
          (...args: unknown[]) => {
            asked.push(name);
            return Reflect.apply(verb, store.accounts, args);
          },
        ]);
        return { ...store, accounts: Object.fromEntries(accounts) };
      },
    },
  });
  onTestFinished(() => auth.close());
  await auth.accounts.create("user", { email: "ada@example.com", password, username: "ada" });
  const costOf = async (names: object) => {
    asked.length = 0;
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ ...names, password: "another violet hour" });
    const request = new Request("http://localhost:3000/auth/sign_in", { method: "POST", headers, body });
    const { status } = await auth.handle(request);
    return [status, ...asked];
  };
  expect(await costOf({ username: "ada" })).toEqual([401, "findByKey"]);
  expect(await costOf({ username: "bob" })).toEqual([401, "findByKey"]);
  expect(await costOf({ login: "ada@example.com" })).toEqual([401, "findByEmail"]);
  expect(await costOf({ email: "bob@example.com" })).toEqual([401, "findByEmail"]);
});

test("a hook may give a name, and one that can name nobody is a 422 at its field", async () => {
  const names = ["Ada", "ADA", "a@b", "4711", " "];
  const t = await testAuth({
    models: { user: { ...user, confirmable: false } },
    hooks: { user: { beforeCreate: () => ({ username: names.shift() ?? null }) } },
  });
  onTestFinished(() => t.auth.close());
  const codes = [];
  for (let i = 0; i < 5; i++) {
    const body = { email: `person${i}@example.com`, password };
    const answer = await t.request("POST /auth", { body });
    codes.push([answer.status, (await bodyOf(answer)).codes?.["username"]]);
  }
  expect(codes).toEqual([
    [200, undefined],
    [422, ["taken"]],
    [422, ["invalid"]],
    [422, ["invalid"]],
    [200, undefined],
  ]);
});

test("the name of an account that was never confirmed is free again with its address", async () => {
  const t = await testAuth({ models: { user }, unconfirmedAccountsExpireAfter: "7d" });
  onTestFinished(() => t.auth.close());
  const register = (email: string) =>
    t.request("POST /auth", { body: { email, password, username: "Ada", confirm_success_url } });
  expect((await register("squatter@example.com")).status).toBe(200);
  expect((await bodyOf(await register("ada@example.com"))).codes).toEqual({ username: ["taken"] });
  t.clock.forward("8d");
  expect((await register("ada@example.com")).status).toBe(200);
  expect(await t.auth.accounts.findByEmail("user", "squatter@example.com")).toBeUndefined();
});

test("an account that a provider opens has no name of the profile's, and may give itself one", async () => {
  const provider = await startProvider();
  provider.person = { ...provider.person, nickname: "Ada" };
  const models = {
    user: {
      mountAt: "/auth",
      omniauthable: true,
      fields: { nickname: { type: "string", writable: true } },
      authenticationKeys: ["email", "nickname"],
    },
  } as const;
  const t = await testAuth({ models, logger: silent, providers: { example: example(provider) } });
  onTestFinished(() => t.auth.close());
  const headers = credentialsIn(
    resultOf(await newBrowser((request) => t.auth.handle(request)).signIn("/auth/example")),
  );
  const validated = await bodyOf(await t.request("GET /auth/validate_token", { headers }));
  expect(validated.data["nickname"]).toBeNull();
  await t.auth.accounts.create("user", { email: "other@example.com", nickname: "Ada" });
  const change = async (nickname: string) =>
    (await bodyOf(await t.request("PUT /auth", { headers, body: { nickname } }))).codes;
  expect([await change("ADA"), await change("Countess")]).toEqual([{ nickname: ["taken"] }, undefined]);
});

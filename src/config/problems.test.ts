import { sqlite } from "keyturn/sqlite";
import { expect, test } from "vitest";
import { createAuth } from "../auth.js";
import { ConfigError } from "../errors.js";

/** As a JavaScript file gives it: nothing has checked the types. */
function problemsOf(settings: unknown): readonly string[] {
  const config = {
    baseUrl: "http://localhost:3000",
    database: sqlite(":memory:"),
    models: { user: { mountAt: "/auth" } },
  };
  try {
    createAuth(typeof settings === "object" ? { ...config, ...settings } : (settings as never));
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test("a value of the wrong kind is told which kind it must be", () => {
  expect(
    problemsOf({
      redirectAllowlist: "http://localhost:5173/*",
      cookieEnabled: "yes",
      maxNumberOfDevices: "3",
      models: { user: { mountAt: "/auth", confirmable: "no", fields: { age: "integer" } } },
    }),
  ).toEqual([
    "models.user.fields.age: must be an object",
    "models.user.confirmable: must be true or false",
    "cookieEnabled: must be true or false",
    "redirectAllowlist: must be a list",
    "maxNumberOfDevices: must be a number",
  ]);
});

test("a value that is not among the choices is told what they are", () => {
  const fields = { name: { type: "text", writable: "signup" } };
  expect(
    problemsOf({
      lostResponses: "retry",
      onTokenReuse: "ban",
      models: { user: { mountAt: "/auth", fields } },
    }),
  ).toEqual([
    'models.user.fields.name.type: must be "string" or "integer" or "number" or "boolean"',
    'models.user.fields.name.writable: must be true or false or "sign_up" or "account_update"; did you mean sign_up?',
    'lostResponses: must be "expire" or "recover"',
    'onTokenReuse: must be "reject" or "revoke-session" or "revoke-account" or a function',
  ]);
});

test("a name that is nearly right is told the right one, and the gem's name is known", () => {
  expect(
    problemsOf({ redirectAllowList: [], redirect_whitelist: [], tokenLifeSpan: "2w", colour: "red" }),
  ).toEqual([
    "redirectAllowList: there is no such setting; did you mean redirectAllowlist?",
    "redirect_whitelist: there is no such setting; did you mean redirectAllowlist?",
    "tokenLifeSpan: there is no such setting; did you mean tokenLifespan?",
    "colour: there is no such setting",
  ]);
});

test("what is missing is said to be missing", () => {
  expect(problemsOf({ models: { user: {} }, baseUrl: undefined })).toEqual([
    "baseUrl: is missing",
    "models.user.mountAt: is missing",
  ]);
  expect(problemsOf(undefined)).toEqual(["createAuth takes one object, the configuration"]);
});

test("a name that is nearly right inside of a setting is told the right one too", () => {
  expect(
    problemsOf({
      cors: { origin: ["https://app.example.com"] },
      mail: { from: "a@example.com", sendd: () => undefined },
      models: { user: { mountAt: "/auth", columns: { pasword: "encrypted_password", e_mail: "mail" } } },
    }),
  ).toEqual([
    expect.stringMatching(/^models\.user\.columns\.pasword: there is no such column\. The columns are: id, /),
    "models.user.columns.e_mail: there is no such column; did you mean email?",
    "cors.origin: there is no such setting; did you mean origins?",
    "mail.sendd: there is no such setting; did you mean send?",
  ]);
});

test.each([
  ["a model", '{"models":{"user":{"mountAt":"/auth"},"__proto__":{"mountAt":"/p"}}}', "models.__proto__"],
  [
    "a field",
    '{"models":{"user":{"mountAt":"/auth","fields":{"__proto__":{"type":"string"}}}}}',
    "models.user.fields.__proto__",
  ],
  ["a group", '{"models":{"user":{"mountAt":"/auth"}},"groups":{"__proto__":["user"]}}', "groups.__proto__"],
])("%s called __proto__ is refused by its place (findings A11)", (_what, json, place) => {
  expect(problemsOf(Object(JSON.parse(json)))).toEqual([
    `${place}: is a name that every JavaScript object has already`,
  ]);
});

test("a setting called __proto__ is said once", () => {
  const given = Object(JSON.parse('{"models":{"user":{"mountAt":"/auth"}},"__proto__":{"paranoid":true}}'));
  expect(problemsOf(given)).toEqual(["__proto__: there is no such setting"]);
});

import { expect, test } from "vitest";
import { createAuth } from "../auth.js";
import { sqlite } from "../database/sqlite/sqlite.js";
import { ConfigError } from "../errors.js";

function problemsOf(config: object): readonly string[] {
  const whole = {
    baseUrl: "http://localhost:3000",
    database: sqlite(":memory:"),
    models: { user: { mountAt: "/auth" }, admin: { mountAt: "/admin_auth", confirmable: false } },
    ...config,
  };
  try {
    createAuth(whole as never);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
}
const does = () => undefined;

test("unknown models, actions, hooks and settings of fields are told together, each with the names that there are", () => {
  const problems = problemsOf({
    models: { user: { mountAt: "/auth", fields: { name: { type: "string", writeable: true } } } },
    hooks: { usr: {}, user: { beforeRegister: does, answr: does } },
    overrides: { users: {}, user: { validate_token: does, sessions: does } },
  });
  expect(problems).toHaveLength(7);
  const all = problems.join("\n");
  expect(all).toContain('hooks.usr: there is no model "usr"; did you mean user? The models are: user');
  expect(all).toContain(
    'overrides.users: there is no model "users"; did you mean user? The models are: user',
  );
  expect(all).toContain(
    "hooks.user.beforeRegister: there is no such hook; did you mean beforeCreate? The hooks",
  );
  expect(all).toContain(
    "hooks.user.answr: there is no such hook; did you mean answer? The hooks are: answer, ",
  );
  expect(all).toContain(
    "overrides.user.validate_token: there is no such action; did you mean validateToken?",
  );
  expect(all).toContain(
    "overrides.user.sessions: there is no such action. The actions are: register, signIn, ",
  );
  expect(all).toContain(
    "models.user.fields.name.writeable: there is no such setting; did you mean writable?",
  );
});

test("an action that the model does not have is told, because its override would never run", () => {
  expect(
    problemsOf({
      overrides: {
        user: { requestUnlock: does, providerCallback: does, confirmAddress: does },
        admin: { confirmAddress: does, register: undefined, requestUnlock: undefined },
      },
    }),
  ).toEqual([
    "overrides.user.requestUnlock: as user is configured, it has no such action",
    "overrides.user.providerCallback: as user is configured, it has no such action",
    "overrides.admin.confirmAddress: as admin is configured, it has no such action",
  ]);
});

test("permitted parameters are those of an action that there is, and not the action's own", () => {
  const permittedParameters = {
    register: ["invitation", "password"],
    requestUnlock: ["why"],
    signIn: ["otp"],
  };
  expect(problemsOf({ models: { user: { mountAt: "/auth", permittedParameters } } })).toEqual([
    'models.user.permittedParameters.register: "password" is a parameter of the action already',
    "models.user.permittedParameters.requestUnlock: as user is configured, it has no such action",
  ]);
  const misspelt = problemsOf({
    models: { user: { mountAt: "/auth", permittedParameters: { registr: ["a"] } } },
  });
  expect(misspelt).toEqual([
    expect.stringMatching(
      /^models\.user\.permittedParameters\.registr: there is no such action; did you mean register\? The actions are: /,
    ),
  ]);
});

test("names that every object has are no models, and a prototype hides none", () => {
  expect(problemsOf({ overrides: { toString: {} } })).toEqual([
    expect.stringMatching(/^overrides\.toString: there is no model "toString"/),
  ]);
  const hidden = JSON.parse('{"__proto__": {"signIn": 1}}');
  expect(problemsOf({ overrides: hidden })).toEqual([expect.stringMatching(/^overrides\.__proto__: /)]);
});

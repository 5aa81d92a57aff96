import {
  AuthError,
  createAuth,
  type ErrorGiven,
  type ModelsConfig,
  type Override,
  type OverridesConfig,
  skipConfirmation,
} from "keyturn";
import { internals } from "keyturn/adapter-kit";
import { sqlite } from "keyturn/sqlite";
import { expect, expectTypeOf, test } from "vitest";

const parts = { baseUrl: "http://localhost:3000", database: sqlite(":memory:") } as const;
const models = {
  user: { mountAt: "/auth", fields: { name: { type: "string", writable: true }, age: { type: "integer" } } },
  admin: { mountAt: "/admin_auth", confirmable: false },
} as const satisfies ModelsConfig;

test("each override is given the account of its own model, and what its action responds with", () => {
  const auth = createAuth({
    ...parts,
    models: {
      user: { mountAt: "/auth", fields: { name: { type: "string" }, age: { type: "integer" } } },
      admin: { mountAt: "/admin_auth", confirmable: false },
    },
    hooks: { user: { beforeCreate: skipConfirmation } },
    errorResponse: (error) => {
      expectTypeOf(error).toEqualTypeOf<ErrorGiven>();
      return { body: { code: error.code } };
    },
    overrides: {
      user: {
        validateToken: async (call, original) => {
          expectTypeOf(call.account.name).toEqualTypeOf<string | null>();
          expectTypeOf(call.account.age).toEqualTypeOf<number | null>();
          expectTypeOf(call.client).toEqualTypeOf<string>();
          expectTypeOf(call.action).toEqualTypeOf<"validateToken">();
          // @ts-expect-error: the model has no such field
          call.account.nothing;
          const response = await original();
          expectTypeOf(response.body.data["uid"]).toEqualTypeOf<unknown>();
          return { ...response, body: { ...response.body, data: { ...response.body.data, thetan: 1 } } };
        },
        signIn: async (call, original) => {
          expectTypeOf(call.account).toBeNullable();
          if (call.params["staff"] === true) throw new AuthError("invalid_credentials");
          return original({ email: "ada@example.com" });
        },
        setPassword: (call, original) => {
          // A link may ask as well.
          expectTypeOf(call.account).toBeNullable();
          return original();
        },
        confirmAddress: async (_call, original) => {
          const { redirect, ...rest } = await original();
          expectTypeOf(redirect).toEqualTypeOf<string | undefined>();
          expectTypeOf(rest.body).toEqualTypeOf<undefined>();
          return redirect === undefined ? rest : { redirect };
        },
        // @ts-expect-error: headers are Keyturn's
        signOut: () => ({ body: {}, headers: {} }),
      },
      admin: {
        validateToken: ({ account }) => {
          // @ts-expect-error: the other model has it
          account.name;
          return { body: { account } };
        },
      },
    },
  });
  expect(auth[internals].settings.overrides).toHaveProperty("user");
});

test("one function serves both models and several actions", () => {
  const shared: Override = async ({ model, account }, original) => {
    expectTypeOf(account?.uid).toEqualTypeOf<string | undefined>();
    const response = await original();
    return { ...response, body: { model } };
  };
  const overrides: OverridesConfig<typeof models> = {
    user: { validateToken: shared, signIn: shared },
    admin: { validateToken: shared, listSessions: shared },
  };
  expect(createAuth({ ...parts, models, overrides })).toBeDefined();
});

test("an override can use the Auth that it is part of", () => {
  const validateToken: Override<typeof models.user, "validateToken"> = async ({ account }) => ({
    body: { sessions: await auth.accounts.listSessions("user", account) },
  });
  const auth = createAuth({ ...parts, models, overrides: { user: { validateToken } } });
  expect(auth).toBeDefined();
});

test("overrides of models and actions that there are not do not compile", () => {
  const model = () =>
    // @ts-expect-error: there is no such model
    createAuth({ ...parts, models: { user: { mountAt: "/auth" } }, overrides: { usr: {} } });
  expect(model).toThrow('overrides.usr: there is no model "usr"');
  const action = () =>
    createAuth({
      ...parts,
      models: { user: { mountAt: "/auth" } },
      // @ts-expect-error: there is no such action
      overrides: { user: { validate: () => ({ body: {} }) } },
    });
  expect(action).toThrow("overrides.user.validate: there is no such action");
});

import {
  type Auth,
  AuthError,
  createAuth,
  type HooksConfig,
  type ModelHooks,
  type ModelsConfig,
} from "keyturn";
import { internals } from "keyturn/adapter-kit";
import { sqlite } from "keyturn/sqlite";
import { testAuth } from "keyturn/testing";
import { expect, expectTypeOf, test } from "vitest";

const parts = { baseUrl: "http://localhost:3000", database: sqlite(":memory:") } as const;
const models = {
  user: {
    mountAt: "/auth",
    fields: {
      name: { type: "string", writable: true },
      plan: { type: "string" },
      visits: { type: "integer" },
      vip: { type: "boolean" },
    },
  },
  admin: { mountAt: "/admin_auth", confirmable: false },
} as const satisfies ModelsConfig;
type UserHooks = ModelHooks<typeof models.user>;

test("each hook is given the model's own fields by their types", () => {
  const auth = createAuth({
    ...parts,
    models: {
      user: { mountAt: "/auth", fields: { name: { type: "string" }, visits: { type: "integer" } } },
      admin: { mountAt: "/admin_auth", confirmable: false },
    },
    hooks: {
      user: {
        answer: (account) => {
          expectTypeOf(account.name).toEqualTypeOf<string | null>();
          expectTypeOf(account.uid).toEqualTypeOf<string>();
          expectTypeOf(account.id).toEqualTypeOf<number | string | null>();
          expectTypeOf(account.created_at).toEqualTypeOf<string | null | undefined>();
          // @ts-expect-error: the model has no such field
          account.nothing;
          return { ...account, initials: account.name?.slice(0, 1) };
        },
        beforeCreate: ({ email, fields }) => {
          expectTypeOf(email).toEqualTypeOf<string>();
          expectTypeOf(fields.visits).toEqualTypeOf<number | null | undefined>();
          // @ts-expect-error: hooks are never given passwords
          fields.password;
          return { visits: 0 };
        },
        beforeUpdate: async ({ account, email, fields }) => {
          expectTypeOf(account.visits).toEqualTypeOf<number | null>();
          expectTypeOf(email).toEqualTypeOf<string | undefined>();
          expectTypeOf(fields.name).toEqualTypeOf<string | null | undefined>();
          if (email !== undefined) throw new AuthError("invalid", { problems: { email: "stays" } });
        },
        afterCreate: (account) => {
          expectTypeOf(account.id).toEqualTypeOf<number | string>();
          // @ts-expect-error: the model has no such field
          account.nothing;
        },
        afterSignIn: async ({ account, client }) => {
          expectTypeOf(account.name).toEqualTypeOf<string | null>();
          expectTypeOf(client).toEqualTypeOf<string>();
        },
        afterDelete: (account) => {
          expectTypeOf(account.visits).toEqualTypeOf<number | null>();
        },
      },
      admin: {
        answer: (account) => {
          // @ts-expect-error: the other model has it
          account.name;
          return account;
        },
      },
    },
  });
  // It fits wherever any Auth does.
  const any: Auth = auth;
  expect(any[internals].settings.hooks).toHaveProperty("user");
  // Hooks say nothing of what the models are: handlers are typed as without them.
  type User = NonNullable<Awaited<ReturnType<typeof auth.accounts.find<"user">>>>;
  expectTypeOf<User["visits"]>().toEqualTypeOf<number | null>();
  expectTypeOf(auth[internals].authenticate).parameter(0).toEqualTypeOf<"user" | "admin">();
});

test("the order of the keys makes no difference", () => {
  createAuth({
    ...parts,
    hooks: {
      user: {
        afterCreate: (account) => {
          expectTypeOf(account.name).toEqualTypeOf<string | null>();
        },
      },
    },
    models: { user: { mountAt: "/auth", fields: { name: { type: "string" } } } },
  });
});

test("hooks that were typed elsewhere say nothing of what the models are", () => {
  const hooks: HooksConfig<Pick<typeof models, "user">> = { user: { afterDelete: () => undefined } };
  const auth = createAuth({ ...parts, hooks, models });
  expectTypeOf(auth[internals].authenticate).parameter(0).toEqualTypeOf<"user" | "admin">();
});

test("a hook can use the Auth that it is part of", () => {
  const auth = createAuth({
    ...parts,
    models: { user: { mountAt: "/auth" } },
    hooks: {
      user: {
        afterSignIn: async ({ account, client }) => {
          await auth.accounts.endSessions("user", account, { client });
        },
      },
    },
  });
  expectTypeOf(auth.accounts.listSessions).parameter(0).toEqualTypeOf<"user">();
});

test("testAuth types hooks likewise", () => {
  const start = () =>
    testAuth({
      models,
      hooks: {
        user: {
          answer: (account) => {
            expectTypeOf(account.vip).toEqualTypeOf<boolean | null>();
            // @ts-expect-error: the model has no such field
            return { nothing: account.nothing };
          },
        },
      },
    });
  expectTypeOf(start).returns.resolves.toHaveProperty("auth");
  // Without models of its own it has the usual ones, whatever the hooks look like.
  const usual = () =>
    testAuth({
      hooks: {
        user: { afterCreate: (account) => expectTypeOf(account.name).toEqualTypeOf<string | null>() },
      },
    });
  expectTypeOf(usual).returns.resolves.toHaveProperty("auth");
});

test("hooks of a model that there is not do not compile", () => {
  const unknownModel = () =>
    createAuth({
      ...parts,
      models: { user: { mountAt: "/auth" } },
      // @ts-expect-error: there is no such model
      hooks: { usr: {} },
    });
  expect(unknownModel).toThrow('hooks.usr: there is no model "usr"');
  const unknownHook = () =>
    createAuth({
      ...parts,
      models: { user: { mountAt: "/auth" } },
      // @ts-expect-error: there is no such hook
      hooks: { user: { afterSignUp: () => undefined } },
    });
  expect(unknownHook).toThrow(
    "hooks.user.afterSignUp: there is no such hook; did you mean afterSignIn? The hooks are: answer, beforeCreate",
  );
});

test("what a hook returns has to fit", () => {
  const hooks: HooksConfig<typeof models>[] = [
    { user: { beforeCreate: () => ({ plan: "free", vip: null }) } },
    { user: { beforeCreate: async () => ({ visits: 1 }) } },
    { user: { beforeCreate: () => undefined, beforeUpdate: async () => undefined } },
    { user: { beforeCreate: ({ skipConfirmation }) => skipConfirmation() } },
    // @ts-expect-error: a truth value is no field
    { user: { beforeCreate: () => true } },
    // @ts-expect-error: the field is a text
    { user: { beforeCreate: () => ({ plan: 1 }) } },
    // @ts-expect-error: the field is a number
    { user: { beforeUpdate: async () => ({ visits: "1" }) } },
    // @ts-expect-error: the model has no such field
    { user: { beforeCreate: () => ({ plann: "free" }) } },
    // @ts-expect-error: an address is no field, and not a hook's to change
    { user: { beforeUpdate: () => ({ email: "eve@example.com" }) } },
    // @ts-expect-error: the answer needs something to show
    { user: { answer: () => undefined } },
    // @ts-expect-error: a promise of nothing is nothing to show either
    { user: { answer: async () => undefined } },
  ];
  expectTypeOf(hooks).items.toHaveProperty("user");
  const apart: UserHooks = { beforeCreate: ({ fields }) => ({ plan: fields.name ?? "free" }) };
  expectTypeOf(apart.answer).toBeNullable();
});

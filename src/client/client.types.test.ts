import { createAuth } from "keyturn";
import { type AccountOf, type ClientOf, createClient } from "keyturn/client";
import { sqlite } from "keyturn/sqlite";
import { expect, expectTypeOf, test } from "vitest";

const apiUrl = "http://localhost:3000";

test("a client is typed by the server's models", () => {
  const auth = createAuth({
    baseUrl: apiUrl,
    database: sqlite(":memory:"),
    models: {
      user: { mountAt: "/auth", fields: { name: { type: "string" }, age: { type: "integer" } } },
      admin: { mountAt: "/admin_auth", confirmable: false },
    },
  });
  const client: ClientOf<typeof auth> = createClient<typeof auth>({ apiUrl });
  type Account = AccountOf<typeof auth>;
  expectTypeOf<Account["name"]>().toEqualTypeOf<string | null>();
  expectTypeOf<Account["age"]>().toEqualTypeOf<number | null>();
  expectTypeOf<Account["email"]>().toEqualTypeOf<string | null>();
  // @ts-expect-error: the model has no such field
  expectTypeOf<Account["nothing"]>().toEqualTypeOf<string>();
  // @ts-expect-error: an admin's path is another
  createClient<typeof auth, "admin">({ apiUrl, model: "admin" });
  const admin = createClient<typeof auth, "admin">({ apiUrl, model: "admin", mountAt: "/admin_auth" });
  if (admin.state.account) expectTypeOf(admin.state.account).not.toHaveProperty("name");
  // @ts-expect-error: there is no such model
  createClient<typeof auth, "usr">({ apiUrl });
  expect([client.storage, admin.authUrl]).toEqual(["none", `${apiUrl}/admin_auth`]);
});

test("signing in takes the address, a text field of the model, or login", () => {
  const client = createClient<{
    user: { fields: { username: { type: "string" }; age: { type: "integer" } } };
  }>({
    apiUrl,
  });
  const password = "a quiet violet hour";
  const right = () => [
    client.signIn({ email: "ada@example.com", password }),
    client.signIn({ username: "Ada", password }),
    client.signIn({ login: "Ada", password }),
    createClient({ apiUrl }).signIn({ username: "Ada", password }),
  ];
  // @ts-expect-error nobody is named
  const nobody = () => client.signIn({ password });
  // @ts-expect-error no password
  const open = () => client.signIn({ username: "Ada" });
  // @ts-expect-error a number is no name
  const age = () => client.signIn({ age: "36", password });
  // @ts-expect-error there is no such field
  const ghost = () => client.signIn({ nickname: "Ada", password });
  expectTypeOf([right, nobody, open, age, ghost]).toBeArray();
});

test("without the server's code the fields are written out; without either, any field is unknown", () => {
  const named = createClient<{ user: { fields: { name: { type: "string" } } } }>({ apiUrl });
  if (named.state.account) expectTypeOf(named.state.account.name).toEqualTypeOf<string | null>();
  const open = createClient({ apiUrl });
  if (open.state.account) expectTypeOf(open.state.account.email).toEqualTypeOf<string | null>();
  expect(named.authUrl).toBe(open.authUrl);
});

test("a model's name without its path does not compile: the client would be that of another model", () => {
  // @ts-expect-error: where the routes of admin are, nobody has told
  createClient({ apiUrl, model: "admin" });
  // @ts-expect-error: nor do fields tell it
  createClient<{ admin: { fields: { level: { type: "integer" } } } }>({ apiUrl, model: "admin" });
  const admin = createClient({ apiUrl, model: "admin", mountAt: "/admin_auth" });
  expect(admin.authUrl).toBe(`${apiUrl}/admin_auth`);
  expect(createClient({ apiUrl, model: "user" }).authUrl).toBe(`${apiUrl}/auth`);
});

test("every optional may be undefined (exactOptionalPropertyTypes)", () => {
  const maybe: AbortSignal | undefined = undefined;
  const client = createClient({ apiUrl, storage: undefined, timeout: undefined, locale: undefined });
  const call = () => client.signIn({ email: "a", password: "b" }, { signal: maybe, remember: undefined });
  expectTypeOf(call).returns.toExtend<Promise<unknown>>();
  expect(client.state.status).toBe("signed-out");
});

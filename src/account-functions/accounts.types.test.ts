import { expectTypeOf, test } from "vitest";
import { createAuth } from "../auth.js";
import { sqlite } from "../database/sqlite/sqlite.js";

const auth = createAuth({
  baseUrl: "http://localhost:3000",
  database: sqlite(":memory:"),
  models: {
    user: { mountAt: "/auth", fields: { name: { type: "string" }, age: { type: "integer" } } },
    admin: { mountAt: "/admin_auth" },
    member: {
      mountAt: "/members",
      fields: { username: { type: "string" }, phone: { type: "string" } },
      authenticationKeys: ["username", { field: "phone", as: "phone" }],
    },
  },
});
const { create, find, update, list } = auth.accounts;

test("accounts.create takes the model's own fields by their types, and returns them", () => {
  const make = () => create("user", { email: "ada@example.com", name: "Ada", age: null });
  expectTypeOf<Awaited<ReturnType<typeof make>>["age"]>().toEqualTypeOf<number | null>();
  // @ts-expect-error a field of another model
  const foreign = () => create("admin", { email: "ada@example.com", name: "Ada" });
  // @ts-expect-error a value of another type
  const wrong = () => create("user", { email: "ada@example.com", age: "36" });
  // @ts-expect-error no address
  const blank = () => create("user", { name: "Ada" });
  // @ts-expect-error no such model
  const ghost = () => create("ghost", { email: "ada@example.com" });
  expectTypeOf([make, foreign, wrong, blank, ghost]).toBeArray();
});

test("accounts.update takes any of them, and no password", () => {
  const change = () => update("user", 7, { age: 37 });
  // @ts-expect-error that is setPassword's
  const password = () => update("user", 7, { password: "a quiet violet hour" });
  expectTypeOf([change, password]).toBeArray();
});

test("accounts.list returns accounts of the model that was asked for", () => {
  const page = () => list("user");
  type Listed = Awaited<ReturnType<typeof page>>["accounts"][number];
  expectTypeOf<Listed["account"]["name"]>().toEqualTypeOf<string | null>();
  expectTypeOf<Listed["disabledAt"]>().toEqualTypeOf<string | null>();
});

test("accounts.find takes an id, or one of the model's keys", () => {
  const right = () => [
    find("user", 7),
    find("user", { email: "ada@example.com" }),
    find("member", { username: "Ada" }),
    find("member", { phone: "+493012345" }),
  ];
  // @ts-expect-error a field that is no key
  const field = () => find("user", { name: "Ada" });
  // @ts-expect-error the address is no key of this model
  const address = () => find("member", { email: "ada@example.com" });
  // @ts-expect-error a value of another type
  const number = () => find("member", { username: 7 });
  expectTypeOf([right, field, address, number]).toBeArray();
});

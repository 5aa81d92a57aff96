import express from "express";
import { createAuth } from "keyturn";
import { authenticate, keyturn } from "keyturn/express";
import { sqlite } from "keyturn/sqlite";
import { expect, expectTypeOf, test } from "vitest";

test("req.account has the fields of the models that a route lets in", () => {
  const auth = createAuth({
    baseUrl: "http://localhost:3000",
    database: sqlite(":memory:"),
    models: {
      user: { mountAt: "/auth", fields: { name: { type: "string" }, age: { type: "integer" } } },
      admin: { mountAt: "/admin_auth", confirmable: false },
    },
    groups: { member: ["user", "admin"] },
  });
  const app = express();
  app.use(keyturn(auth));
  app.get("/posts/:id", authenticate(auth, "user"), (req, res) => {
    expectTypeOf(req.account.name).toEqualTypeOf<string | null>();
    expectTypeOf(req.account.age).toEqualTypeOf<number | null>();
    expectTypeOf(req.account.uid).toEqualTypeOf<string>();
    expectTypeOf(req.params.id).toEqualTypeOf<string>();
    // @ts-expect-error: the model has no such field
    req.account.nothing;
    res.json({ name: req.account.name });
  });
  app.get("/group", authenticate(auth, "member"), (req, res) => {
    expectTypeOf(req.account.uid).toEqualTypeOf<string>();
    res.json({});
  });
  // @ts-expect-error: there is no such model or group
  expect(() => authenticate(auth, "usr")).toThrow(/no model or group "usr"/);
});

import Router from "@koa/router";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import { createAuth, type ModelConfig } from "keyturn";
import * as onExpress from "keyturn/express";
import * as onFastify from "keyturn/fastify";
import * as onHono from "keyturn/hono";
import * as onKoa from "keyturn/koa";
import { sqlite } from "keyturn/sqlite";
import Koa from "koa";
import { expectTypeOf, test } from "vitest";

const auth = createAuth({
  baseUrl: "http://localhost:3000",
  database: sqlite(":memory:"),
  models: {
    user: {
      mountAt: "/auth",
      table: "people",
      columns: { id: "person_id", email: "mail", passwordHash: "encrypted_password" },
      idType: "uuid",
      fields: {
        name: { type: "string", column: "full_name" },
        age: { type: "integer" },
        vip: { type: "boolean" },
      },
    },
    admin: { mountAt: "/admin_auth", confirmable: false, fields: { name: { type: "string" } } },
  },
  groups: { member: ["user", "admin"] },
});

test("fields reach the handlers of Hono by their own names and types, whatever their columns are called", () => {
  const app = new Hono();
  app.get("/me", onHono.authenticate(auth, "user"), (c) => {
    expectTypeOf(c.var.account.name).toEqualTypeOf<string | null>();
    expectTypeOf(c.var.account.age).toEqualTypeOf<number | null>();
    expectTypeOf(c.var.account.vip).toEqualTypeOf<boolean | null>();
    expectTypeOf(c.var.account.id).toEqualTypeOf<number | string>();
    expectTypeOf(c.var.account.email).toEqualTypeOf<string | null>();
    // @ts-expect-error: that is the column's name, not the field's
    c.var.account.full_name;
    // @ts-expect-error: that is the column's name, not the account's
    c.var.account.mail;
    return c.json({});
  });
  app.get("/both", onHono.authenticate(auth, "member"), (c) => {
    expectTypeOf(c.var.account.name).toEqualTypeOf<string | null>();
    // @ts-expect-error: not all models of the group have it
    c.var.account.age;
    return c.json({});
  });
  app.get("/anybody", onHono.identify(auth, "user"), (c) => {
    expectTypeOf(c.var.account?.vip).toEqualTypeOf<boolean | null | undefined>();
    return c.json({});
  });
});

test("fields reach the handlers of Express likewise", () => {
  express().get("/me", onExpress.authenticate(auth, "user"), (req, res) => {
    expectTypeOf(req.account.vip).toEqualTypeOf<boolean | null>();
    // @ts-expect-error: that is the column's name, not the account's
    req.account.encrypted_password;
    res.json({});
  });
});

test("fields reach the handlers of Koa likewise, of the app and of a router", () => {
  const router = new Router();
  router.get("/me/:id", onKoa.authenticate(auth, "user"), (ctx) => {
    expectTypeOf(ctx.state.account.age).toEqualTypeOf<number | null>();
    expectTypeOf(ctx.params["id"]).toEqualTypeOf<string | undefined>();
    // @ts-expect-error: that is the column's name, not the account's
    ctx.state.account.encrypted_password;
  });
  router.get("/anybody", onKoa.identify(auth, "user"), (ctx) => {
    expectTypeOf(ctx.state.account?.vip).toEqualTypeOf<boolean | null | undefined>();
  });
  const members = onKoa.authenticate(auth, "member");
  new Koa().use(members).use((ctx) => {
    expectTypeOf(ctx.state.account.name).toEqualTypeOf<string | null>();
    const { account, model } = members.signedIn(ctx);
    // @ts-expect-error: not all models of the group have it
    account.age;
    expectTypeOf(model).toEqualTypeOf<"user" | "admin">();
  });
});

test("fields reach the handlers of Fastify likewise, whichever hook the guard is", () => {
  const app = Fastify();
  const users = onFastify.authenticate(auth, "user");
  app.get("/me", { onRequest: users }, ({ account }) => {
    expectTypeOf(account.vip).toEqualTypeOf<boolean | null>();
    // @ts-expect-error: that is the column's name, not the account's
    return account.encrypted_password;
  });
  app.get(
    "/config",
    { preHandler: users, config: { own: 1 }, schema: { querystring: {} } },
    ({ account }) => {
      expectTypeOf(account.age).toEqualTypeOf<number | null>();
    },
  );
  app.get("/list", { preValidation: [async () => undefined, users] }, ({ account }) => {
    expectTypeOf(account.age).toEqualTypeOf<number | null>();
  });
  app.get("/both", { preHandler: onFastify.authenticate(auth, "member") }, ({ account }) => {
    expectTypeOf(account.name).toEqualTypeOf<string | null>();
    // @ts-expect-error: not all models of the group have it
    return account.age;
  });
  app.get("/anybody", { onRequest: onFastify.identify(auth, "user") }, ({ account }) => {
    expectTypeOf(account?.vip).toEqualTypeOf<boolean | null | undefined>();
  });
  app.route({
    method: "GET",
    url: "/route",
    preHandler: users,
    handler: ({ account }) => {
      expectTypeOf(account.uid).toEqualTypeOf<string>();
    },
  });
  app.get<{ Params: { id: string } }>("/typed/:id", { onRequest: users }, (request) => {
    expectTypeOf(request.account).toEqualTypeOf<unknown>();
    expectTypeOf(users.signedIn(request).account.age).toEqualTypeOf<number | null>();
    return request.params.id;
  });
  app.addHook("onRequest", users);
  app.get("/open", ({ account }) => {
    expectTypeOf(account).toEqualTypeOf<unknown>();
  });
  Fastify({ http2: true }).get("/", { onRequest: users }, ({ account }) => account.uid);
  // @ts-expect-error: there is no such model or group
  const unknown = (): unknown => onFastify.authenticate(auth, "usr");
  expectTypeOf(unknown).toBeFunction();
});

test("accounts.find returns the account of the model that was asked for", () => {
  type User = NonNullable<Awaited<ReturnType<typeof auth.accounts.find<"user">>>>;
  type Admin = NonNullable<Awaited<ReturnType<typeof auth.accounts.findByEmail<"admin">>>>;
  expectTypeOf<User["name"]>().toEqualTypeOf<string | null>();
  expectTypeOf<User["age"]>().toEqualTypeOf<number | null>();
  expectTypeOf<User["id"]>().toEqualTypeOf<number | string>();
  // @ts-expect-error: the other model has it
  expectTypeOf<Admin["age"]>().toBeNumber();
});

test("a column or id type that there is not does not compile", () => {
  // @ts-expect-error: Keyturn has no such column
  const unknown: ModelConfig = { mountAt: "/auth", columns: { phone: "tel" } };
  // @ts-expect-error: ids are numbers or UUIDs
  const odd: ModelConfig = { mountAt: "/auth", idType: "ulid" };
  expectTypeOf(unknown).toEqualTypeOf(odd);
});

/** An app that is compiled with the module resolution of Node 10, as many still are (`module: commonjs`). */
import { createAuth } from "keyturn";
import { authPathOf } from "keyturn/adapter-kit";
import { authenticate } from "keyturn/express";
import { createOutbox } from "keyturn/mail";
import { mysql } from "keyturn/mysql";
import { toNodeListener } from "keyturn/node";
import { postgres } from "keyturn/postgres";
import { sqlite } from "keyturn/sqlite";
import { testAuth } from "keyturn/testing";

const auth = createAuth({
  baseUrl: "http://localhost:3000",
  database: sqlite(":memory:"),
  models: { user: { mountAt: "/auth", fields: { name: { type: "string" } } } },
});
export const users = authenticate(auth, "user");
export const others = [authPathOf, createOutbox, mysql, toNodeListener, postgres, testAuth];

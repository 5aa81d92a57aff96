import Fastify from "fastify";
import { createAuth } from "keyturn";
import { authenticate, identify, keyturn } from "keyturn/fastify";
import { sqlite } from "keyturn/sqlite";
import { type Equals, is } from "./equals.js";

/** What an app on Fastify sees of our types. */

export const auth = createAuth({
  baseUrl: "http://localhost:3000",
  database: sqlite(":memory:"),
  models: {
    user: { mountAt: "/auth", fields: { name: { type: "string" }, age: { type: "integer" } } },
    admin: { mountAt: "/admin_auth", fields: { name: { type: "string" } } },
  },
  groups: { member: ["user", "admin"] },
});
export const users = authenticate(auth, "user");

export const app = Fastify();
app.register(keyturn(auth));
app.register(keyturn(auth), { prefix: "/v1" });
app.get("/me", { onRequest: users }, ({ account }) => {
  is<Equals<typeof account.age, number | null>>(true);
  // @ts-expect-error: the model has no such field
  account.level;
  return account.name;
});
app.get("/anybody", { preHandler: identify(auth, "member") }, ({ account }) => account?.name ?? "stranger");
app.get<{ Params: { id: string } }>("/posts/:id", { preHandler: [users] }, (request) => {
  const { account } = users.signedIn(request);
  is<Equals<typeof account.age, number | null>>(true);
  return request.params.id;
});

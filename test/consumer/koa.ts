import { createAuth } from "keyturn";
import { authenticate, identify, keyturn } from "keyturn/koa";
import { sqlite } from "keyturn/sqlite";
import Koa from "koa";
import { type Equals, is } from "./equals.js";

/** What an app on Koa sees of our types. */

export const auth = createAuth({
  baseUrl: "http://localhost:3000",
  database: sqlite(":memory:"),
  models: { user: { mountAt: "/auth", fields: { age: { type: "integer" } } } },
});
export const users = authenticate(auth, "user");

export const app = new Koa();
app.use(keyturn(auth));
app.use(users).use((ctx) => {
  is<Equals<typeof ctx.state.account.age, number | null>>(true);
  ctx.body = { uid: ctx.state.account.uid, client: users.signedIn(ctx).client };
});
app.use(identify(auth, "user")).use((ctx) => {
  is<Equals<typeof ctx.state.account, undefined> extends true ? false : true>(true);
});

/** What a Hono app sees of the types. */
import { Hono } from "hono";
import { authenticate, identify, keyturn } from "keyturn/hono";
import { type Equals, is } from "./equals.js";
import { auth } from "./express.js";

export const users = authenticate(auth, "user");
export const members = authenticate(auth, "member");
export const anybody = identify(auth, "user");

export const app = new Hono();
app.use(keyturn(auth));
app.get("/me", users, (c) => {
  is<Equals<typeof c.var.account.name, string | null>>(true);
  is<Equals<typeof c.var.model, "user">>(true);
  // @ts-expect-error: the model has no such field
  c.var.account.level;
  return c.json({ name: c.var.account.name });
});
app.get("/both", members, (c) => {
  const who = c.var;
  if (who.model === "admin") is<Equals<typeof who.account.level, number | null>>(true);
  else is<Equals<typeof who.account.name, string | null>>(true);
  return c.json({});
});
app.get("/anybody", anybody, (c) => c.json({ name: c.var.account?.name ?? "stranger" }));

const team = new Hono().use(members).get("/", (c) => {
  is<Equals<typeof c.var.client, string>>(true);
  return c.json({ model: c.var.model });
});
app.route("/team", team);

export const unknownAudience = () =>
  authenticate(
    auth,
    // @ts-expect-error
    "usr",
  );

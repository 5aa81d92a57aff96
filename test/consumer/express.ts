/** What an Express app sees of the types. Compiled against the packed tarball by scripts/check-consumer.mjs, under several versions of TypeScript. */
import express, { Router } from "express";
import { createAuth } from "keyturn";
import { type AuthenticatedHandler, authenticate, identify, keyturn } from "keyturn/express";
import { sqlite } from "keyturn/sqlite";
import { type Equals, is } from "./equals.js";

export const auth = createAuth({
  baseUrl: "http://localhost:3000",
  database: sqlite(":memory:"),
  models: {
    user: { mountAt: "/auth", fields: { name: { type: "string" }, age: { type: "integer" } } },
    admin: { mountAt: "/admin_auth", confirmable: false, fields: { level: { type: "number" } } },
  },
  groups: { member: ["user", "admin"] },
});

// With `declaration: true` these need every type of their signatures to have a name that can be imported (TS2883).
export const users = authenticate(auth, "user");
export const members = authenticate(auth, "member");
export const anybody = identify(auth, "user");

/** A handler in another file. */
export const showMe: AuthenticatedHandler<typeof auth, "user"> = (req, res) => {
  is<Equals<typeof req.account.name, string | null>>(true);
  is<Equals<typeof req.account.age, number | null>>(true);
  is<Equals<typeof req.body, unknown> extends true ? false : true>(true);
  // @ts-expect-error: the model has no such field
  req.account.level;
  res.json({ name: req.account.name });
};

export const app = express();
app.use(express.json());
app.use(keyturn(auth));
app.get("/me", users, showMe);
app.get("/posts/:id", authenticate(auth, "user"), (req, res) => {
  is<Equals<typeof req.account.name, string | null>>(true);
  is<Equals<typeof req.params.id, string>>(true);
  res.json({ id: req.params.id });
});
app.post("/posts", authenticate(auth, "user"), (req, res) => {
  // As without the guard: Express leaves the body to the app.
  const { title } = req.body;
  is<Equals<typeof title, express.Request["body"]>>(true);
  res.status(201).json({ title, by: req.account.id });
});
app.get("/both", members, (_req, res) => {
  const { locals } = res;
  is<Equals<typeof locals.model, "user" | "admin">>(true);
  if (locals.model === "admin") is<Equals<typeof locals.account.level, number | null>>(true);
  else is<Equals<typeof locals.account.name, string | null>>(true);
  res.json({});
});
app.get("/anybody", anybody, (req, res) => {
  is<Equals<typeof req.account, undefined> extends true ? false : true>(true);
  // @ts-expect-error: nobody may be signed in
  req.account.name;
  res.json({ name: req.account?.name ?? "stranger" });
});

// Behind `app.use` and `router.use` nobody tells a handler's types what the guard has found: the guard itself does.
app.use("/team", members);
app.get("/team", (req, res) => {
  const found = members.signedIn(req);
  is<Equals<typeof found.model, "user" | "admin">>(true);
  if (found.model === "user") is<Equals<typeof found.account.age, number | null>>(true);
  // @ts-expect-error: not all models of the group have it
  found.account.age;
  res.json({ client: found.client });
});
const router = Router();
router.use(users, anybody);
router.get("/me", showMe);
router.post("/rename", (req, res) => {
  is<Equals<typeof req.body, express.Request["body"]>>(true);
  is<Equals<ReturnType<typeof users.signedIn>["account"]["name"], string | null>>(true);
  is<
    Equals<
      typeof anybody extends { signedIn(req: never): infer Found }
        ? undefined extends Found
          ? true
          : false
        : false,
      true
    >
  >(true);
  res.json({ name: users.signedIn(req).account.name });
});
app.use("/v1", router);

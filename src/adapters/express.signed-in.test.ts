import express, { type ErrorRequestHandler, Router } from "express";
import { expect, test } from "vitest";
import { person, signedInAuth } from "../../test/fixtures/guarded.js";
import { listen } from "../../test/fixtures/listening.js";
import { authenticate, identify } from "./express.js";

const sayError: ErrorRequestHandler = (error, _req, res, _next) => {
  res.status(500).json({ name: error.name, message: error.message });
};

test("behind app.use and router.use, a guard tells who it has let in", async () => {
  const { auth, held } = await signedInAuth();
  const members = authenticate(auth, "member");
  const users = authenticate(auth, "user");
  const app = express();
  app.use("/team", members);
  app.get("/team", (req, res) => void res.json(members.signedIn(req)));
  const router = Router();
  router.use(users);
  router.get("/me", (req, res) => void res.json(users.signedIn(req)));
  app.use("/v1", router);
  const { ask } = await listen(app);
  const found = {
    account: expect.objectContaining({ uid: person.email }),
    model: "user",
    client: held["client"],
  };
  for (const path of ["/team", "/v1/me"]) {
    const response = await ask(path, { headers: held });
    expect([response.status, await response.json()]).toEqual([200, found]);
  }
  expect((await ask("/v1/me")).status).toBe(401);
});

test("a guard that did not let the request in says so, instead of an account of somebody else", async () => {
  const { auth, held } = await signedInAuth();
  const admins = authenticate(auth, "admin");
  const app = express();
  app.get("/open", (req, res) => void res.json(admins.signedIn(req)));
  app.get("/users", authenticate(auth, "user"), (req, res) => void res.json(admins.signedIn(req)));
  app.use(sayError);
  const { ask } = await listen(app);
  for (const path of ["/open", "/users"])
    expect(await (await ask(path, { headers: held })).json()).toEqual({
      name: "TypeError",
      message: 'authenticate(auth, "admin") did not let this request in',
    });
});

test("for identify a stranger is nobody", async () => {
  const { auth, held } = await signedInAuth();
  const anybody = identify(auth, "user");
  const app = express().use(anybody);
  app.get("/", (req, res) => void res.json({ uid: anybody.signedIn(req)?.account.uid ?? "stranger" }));
  const { ask } = await listen(app);
  expect(await (await ask("/")).json()).toEqual({ uid: "stranger" });
  expect(await (await ask("/", { headers: held })).json()).toEqual({ uid: person.email });
});

import { setTimeout as wait } from "node:timers/promises";
import { Hono } from "hono";
import type { AccountBase, Auth } from "keyturn";
import { internals } from "keyturn/adapter-kit";
import { authenticate } from "keyturn/hono";
import { doorsOf } from "./description.js";

/** The longest that a request can ask a route to take, milliseconds. */
const slowest = 30_000;

/**
 * The protected routes of the demo: one for each model and each group. Each greets the account.
 * `?ms=8000` makes a route take that long, to show what happens to the token in the meantime.
 */
export function createDemoRoutes(auth: Auth): Hono {
  const routes = new Hono();
  for (const { path, audience } of doorsOf(auth[internals].registry)) {
    routes.get(path, authenticate(auth, audience), async (context) => {
      const delay = Number(context.req.query("ms") ?? 0);
      if (delay > 0) await wait(Math.min(delay, slowest));
      return context.json(welcome(context.get("account")));
    });
  }
  return routes;
}

interface Greeted extends AccountBase {
  readonly name?: unknown;
  readonly nickname?: unknown;
}

/** Greets the account by the first of its names that is set. */
function welcome(user: Greeted): { data: { message: string; user: Greeted } } {
  const names = [user.name, user.nickname, user.email, user.uid];
  const name = names.find((one) => typeof one === "string" && one !== "");
  return { data: { message: `Welcome ${name}`, user } };
}

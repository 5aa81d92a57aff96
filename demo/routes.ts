import { setTimeout as wait } from "node:timers/promises";
import { Hono } from "hono";
import type { AccountBase } from "../src/accounts/models.js";
import { authenticate } from "../src/adapters/hono.js";
import type { Auth } from "../src/auth.js";
import { doorsOf } from "./describe.js";

/** How long a route may be told to take, milliseconds. */
const slowest = 30_000;

/**
 * The protected routes of the demo: one for each model and group, each greeting whoever is let in.
 * `?ms=8000` makes any of them take that long, to show what becomes of the token meanwhile.
 */
export function createDemoRoutes(auth: Auth): Hono {
  const routes = new Hono();
  for (const { path, audience } of doorsOf(auth.registry)) {
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

/** As the seeds' demo greets: with the account, and with the best name it has. */
function welcome(user: Greeted): { data: { message: string; user: Greeted } } {
  const names = [user.name, user.nickname, user.email, user.uid];
  const name = names.find((one) => typeof one === "string" && one !== "");
  return { data: { message: `Welcome ${name}`, user } };
}

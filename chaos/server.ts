import { setTimeout as sleep } from "node:timers/promises";
import { Hono } from "hono";
import { authenticate } from "../src/adapters/hono.js";
import { serve } from "../src/cli/serve.js";

/** One of the servers of a chaos run: the server of `keyturn serve` and a route of an app. `?ms=` says how long it takes. */
const serving = await serve(
  {
    environment: "test",
    models: { user: { mountAt: "/auth", confirmable: false } },
    // The promise that is put to the test: no honest client is logged out, whatever is lost on the way.
    lostResponses: "recover",
    // Sign-ins whose responses are lost leave sessions behind; none of them may push an honest one out.
    maxNumberOfDevices: 1000,
  },
  process.env,
  {
    routes: ({ auth }) => {
      const routes = new Hono();
      routes.get("/app/:speed", authenticate(auth, "user"), async (context) => {
        await sleep(Number(context.req.query("ms") ?? 0));
        return context.json({ uid: context.get("account").uid });
      });
      return routes;
    },
  },
);
console.log(`Keyturn is at ${serving.url}`);

import type { Hono } from "hono";
import { type Auth, type AuthConfig, createAuth } from "keyturn";
import { createOutbox, type Outbox } from "keyturn/mail";
import { sqlite } from "keyturn/sqlite";
import { createServer } from "#cli/server";
import { createEventLog, type EventLog } from "./event-log.js";
import { createSite } from "./site.js";

/** The demo's server without a socket, for tests. */
export interface TestSite {
  readonly app: Hono;
  readonly auth: Auth;
  readonly outbox: Outbox;
  readonly events: EventLog;
}

/** Starts it over an empty database. `config` overrides single settings. In production it has no inbox, as in `serve`. */
export async function startSite(config: Partial<AuthConfig> = {}): Promise<TestSite> {
  const outbox = createOutbox();
  const events = createEventLog();
  const auth: Auth = createAuth({
    baseUrl: "http://localhost:3000",
    environment: "test",
    database: sqlite(":memory:"),
    models: {
      user: { mountAt: "/auth", confirmable: false },
      admin: { mountAt: "/admin_auth", confirmable: false },
    },
    groups: { member: ["user", "admin"] },
    mail: { from: "Keyturn demo <demo@example.com>", appName: "Keyturn demo", send: outbox.sendMail },
    onEvent: events.record,
    ...config,
  });
  await auth.ready();
  const caught = config.environment === "production" ? undefined : outbox;
  const routes = createSite({ auth, inbox: caught !== undefined, events });
  return { app: createServer({ auth, outbox: caught, routes }), auth, outbox, events };
}

import type { AddressInfo } from "node:net";
import { serve as listen } from "@hono/node-server";
import { pino } from "pino";
import { type Auth, createAuth } from "../auth.js";
import type { AuthConfig, MailSettings } from "../config/config.js";
import { settingsFromEnvironment } from "../config/environment.js";
import { databaseFromUrl } from "../database/url.js";
import { ConfigError } from "../errors.js";
import type { Logger } from "../http/runtime.js";
import { createOutbox, type Outbox } from "../mail/outbox.js";
import { smtp } from "../mail/smtp.js";
import { createEventLog, type EventLog } from "./event-log.js";
import { loadConfig } from "./load-config.js";
import { createDemoServer } from "./server.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** A server that listens. */
export interface Serving {
  /** Where it answers, such as `http://localhost:3000`. */
  readonly url: string;
  /** Takes no new requests, waits for those under way (ten seconds at most), closes the database. */
  close(): Promise<void>;
}

/** Milliseconds that requests under way have when the server is to stop. */
const patience = 10_000;

/**
 * Starts the server that `npm start` runs, with the configuration of a file. `PORT` (3000), `HOST`, `DATABASE_URL`, `SMTP_URL` and
 * the settings in `KEYTURN_…` variables take the place of what the file says. Throws a ConfigError with all mistakes, and the
 * database's or the socket's own error.
 */
export async function serve(file: string, environment: Environment): Promise<Serving> {
  const port = portOf(environment);
  const host = environment["HOST"];
  const { auth, outbox, events } = await authFromFile(file, environment, port);
  const app = createDemoServer({ auth, outbox, events, production: auth.settings.production });
  await auth.ready();
  const server = await new Promise<ReturnType<typeof listen>>((resolve, reject) => {
    const opened = listen({ fetch: app.fetch, port, ...(host === undefined ? {} : { hostname: host }) }, () =>
      resolve(opened),
    );
    opened.once("error", reject);
  }).catch(async (error: unknown) => {
    await auth.close();
    throw error;
  });
  return {
    url: urlOf(server.address(), host),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if ("closeIdleConnections" in server) server.closeIdleConnections();
      const late = setTimeout(() => {
        if ("closeAllConnections" in server) server.closeAllConnections();
      }, patience);
      await closed;
      clearTimeout(late);
      await auth.close();
    },
  };
}

/** The Auth of a configuration file, for commands that only need its database. */
export async function authFromFile(
  file: string,
  environment: Environment,
  port = portOf(environment),
): Promise<{ readonly auth: Auth; readonly outbox: Outbox; readonly events: EventLog }> {
  const { database, onEvent, mail, ...rest } = await loadConfig(file);
  const overrides = settingsFromEnvironment(environment);
  const given = environment["DATABASE_URL"] ?? database;
  const outbox = createOutbox();
  const events = createEventLog();
  const logger = rest.logger ?? pino({ level: environment["LOG_LEVEL"] ?? "info" });
  const production =
    (overrides["environment"] ?? rest.environment ?? environment["NODE_ENV"]) === "production";
  const config = {
    baseUrl: `http://localhost:${port}`,
    ...rest,
    ...overrides,
    logger,
    database: typeof given === "string" ? await databaseFromUrl(given) : given,
    mail: mailOf(mail, environment["SMTP_URL"], outbox, production, logger),
    onEvent: (event) => {
      events.record(event);
      if (production) logger.info(event, event.name);
      onEvent?.(event);
    },
  } as AuthConfig;
  return { auth: createAuth(config), outbox, events };
}

function mailOf(
  mail: MailSettings | undefined,
  url: string | undefined,
  outbox: Outbox,
  production: boolean,
  logger: Logger,
): MailSettings {
  const settings = { from: "Keyturn <no-reply@localhost>", ...mail };
  if (url !== undefined) return { ...settings, send: smtp(url) };
  if (settings.send || !production) return { send: outbox.sendMail, ...settings };
  logger.warn(
    {},
    "No mail can be sent: set SMTP_URL, or mail.send in the configuration. Whatever needs a mail answers 503 until then",
  );
  return {
    ...settings,
    send: async () => Promise.reject(new Error("There is no mail transport: set SMTP_URL")),
  };
}

function portOf(environment: Environment): number {
  const port = Number(environment["PORT"] ?? 3000);
  if (Number.isInteger(port) && port >= 0 && port < 65536) return port;
  throw new ConfigError([
    `PORT: "${environment["PORT"]}" is not a port; it has to be a number from 0 to 65535`,
  ]);
}

function urlOf(address: string | AddressInfo | null, host: string | undefined): string {
  const name =
    host === undefined || host === "0.0.0.0" || host === "::"
      ? "localhost"
      : host.includes(":")
        ? `[${host}]`
        : host;
  return typeof address === "object" && address !== null ? `http://${name}:${address.port}` : String(address);
}

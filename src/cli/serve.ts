import type { AddressInfo } from "node:net";
import { serve as listen, type ServerType } from "@hono/node-server";
import type { Hono } from "hono";
import { pino } from "pino";
import type { Auth } from "../auth.js";
import { internals } from "../internals.js";
import { closeServer } from "./close-server.js";
import { createConfiguredAuth, type Environment, isProduction, portOf } from "./configured-auth.js";
import type { FileConfig } from "./load-config.js";
import { chooseTransport } from "./mail-transport.js";
import { createServer } from "./server.js";

/** A server that listens. */
export interface Serving {
  /** Where it can be reached, such as `http://localhost:3000`. */
  readonly url: string;
  /** Takes no new requests, waits for those that are running and for mails, and closes the database. Waits no longer than `closeTimeout`. */
  close(): Promise<void>;
}

/** What somebody who adds routes can build on. */
export interface ServedParts {
  readonly auth: Auth;
  /** Whether the server has an inbox. */
  readonly inbox: boolean;
}

export interface ServeOptions {
  /** Creates routes to serve beside the auth routes. */
  readonly routes?: (parts: ServedParts) => Hono;
}

/**
 * Starts the server of `keyturn serve`. `PORT` (3000), `HOST`, `DATABASE_URL`, `SMTP_URL`, `LOG_LEVEL` and the settings in `KEYTURN_…`
 * variables override what the configuration says. Throws a ConfigError with all mistakes, and the database's or the socket's own error.
 */
export async function serve(
  config: FileConfig,
  environment: Environment,
  options: ServeOptions = {},
): Promise<Serving> {
  const port = portOf(environment);
  const hostname = environment["HOST"];
  const logger = config.logger ?? pino({ level: environment["LOG_LEVEL"] ?? "info" });
  const production = isProduction(config, environment);
  const { mail, outbox } = chooseTransport(config.mail, {
    smtpUrl: environment["SMTP_URL"],
    production,
    logger,
  });
  const onEvent: FileConfig["onEvent"] = (event) => {
    if (production) logger.info(event, event.name);
    config.onEvent?.(event);
  };
  const auth = await createConfiguredAuth({ ...config, logger, mail, onEvent }, environment);
  const routes = options.routes?.({ auth, inbox: outbox !== undefined });
  const app = createServer({ auth, outbox, routes });
  await auth.ready();
  const server = await new Promise<ServerType>((resolve, reject) => {
    const opened = listen({ fetch: app.fetch, port, ...(hostname === undefined ? {} : { hostname }) }, () =>
      resolve(opened),
    );
    opened.once("error", reject);
  }).catch(async (error: unknown) => {
    await auth.close();
    throw error;
  });
  return {
    url: urlOf(server.address(), hostname),
    close: () => closeServer({ server, auth, closeTimeout: auth[internals].settings.closeTimeout, logger }),
  };
}

function urlOf(address: string | AddressInfo | null, host: string | undefined): string {
  const isEverywhere = host === undefined || host === "0.0.0.0" || host === "::";
  const name = isEverywhere ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return typeof address === "object" && address !== null ? `http://${name}:${address.port}` : String(address);
}

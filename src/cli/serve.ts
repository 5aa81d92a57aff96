import type { AddressInfo } from "node:net";
import { serve as listen, type ServerType } from "@hono/node-server";
import type { Hono } from "hono";
import { pino } from "pino";
import type { Auth } from "../auth.js";
import { internals } from "../internals.js";
import { closeServer } from "./close-server.js";
import {
  createConfiguredAuth,
  type Environment,
  isProduction,
  metricsPortOf,
  portOf,
} from "./configured-auth.js";
import { createHealth, type Health } from "./health.js";
import type { FileConfig } from "./load-config.js";
import { chooseTransport } from "./mail-transport.js";
import { metricsPackages, requirePackages } from "./packages.js";
import { createServer } from "./server.js";

/** A server that listens. */
export interface Serving {
  /** Where it can be reached, such as `http://localhost:3000`. */
  readonly url: string;
  /** Where its figures are, if there is a port for them. */
  readonly metricsUrl?: string;
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
 * Starts the server of `keyturn serve`. `PORT` (3000), `HOST`, `METRICS_PORT`, `METRICS_HOST`, `DATABASE_URL`, `SMTP_URL`, `LOG_LEVEL` and the settings in `KEYTURN_…`
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
  const watched = await prepareMetrics(config, environment);
  const auth = await createConfiguredAuth(
    { ...config, ...watched?.config, logger, mail, onEvent },
    environment,
  );
  const health = createHealth(auth);
  const routes = options.routes?.({ auth, inbox: outbox !== undefined });
  const app = createServer({ auth, health, outbox, routes });
  const opened: { close(): unknown }[] = [auth];
  try {
    // Before the database is open: a server whose tables are being brought up to date is alive, and says that it is not ready.
    const server = await open(app.fetch, port, hostname);
    opened.push(server);
    const metrics = await watched?.open(health);
    if (metrics) opened.push(metrics);
    await auth.ready();
    return {
      url: urlOf(server.address(), hostname),
      ...(metrics ? { metricsUrl: metrics.url } : {}),
      async close() {
        health.close();
        await closeServer({ server, auth, closeTimeout: auth[internals].settings.closeTimeout, logger });
        await metrics?.close();
      },
    };
  } catch (error) {
    for (const one of opened.toReversed()) await one.close();
    throw error;
  }
}

function open(fetch: Hono["fetch"], port: number, hostname: string | undefined): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const opened = listen({ fetch, port, ...(hostname === undefined ? {} : { hostname }) }, () =>
      resolve(opened),
    );
    opened.once("error", reject);
  });
}

/** What a port for figures takes: a telemetry in the configuration, and a server once there is an Auth. */
async function prepareMetrics(config: FileConfig, environment: Environment) {
  const port = metricsPortOf(environment);
  if (port === undefined) return undefined;
  await requirePackages("keyturn serve with a port for metrics", metricsPackages);
  const [{ createPrometheus, bothTelemetries }, { openMetricsServer }] = await Promise.all([
    import("./prometheus.js"),
    import("./metrics-server.js"),
  ]);
  const prometheus = createPrometheus();
  const { telemetry: own } = config;
  // Figures are for this machine, unless somebody says otherwise.
  const host = environment["METRICS_HOST"] ?? "127.0.0.1";
  return {
    config: { telemetry: own ? bothTelemetries(own, prometheus.telemetry) : prometheus.telemetry },
    open: (health: Health) => openMetricsServer({ port, host, prometheus, health }),
  };
}

function urlOf(address: string | AddressInfo | null, host: string | undefined): string {
  const isEverywhere = host === undefined || host === "0.0.0.0" || host === "::";
  const name = isEverywhere ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return typeof address === "object" && address !== null ? `http://${name}:${address.port}` : String(address);
}

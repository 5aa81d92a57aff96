import { setTimeout as sleep } from "node:timers/promises";
import type { ServerType } from "@hono/node-server";
import type { Logger } from "../logger.js";

interface Closing {
  readonly server: ServerType;
  readonly auth: { readonly settings: object; close(): Promise<void> };
  readonly logger: Logger;
}

/** Milliseconds beyond the limit: in them the Auth says what it gave up by itself, and closes the database. */
const grace = 250;

/**
 * Closes a server: new requests are refused, running ones and work behind responses (such as mails) are waited for, then the database is
 * closed. After `closeTimeout` it waits no longer, and a warning says what it gave up.
 */
export async function closeServer({ server, auth, logger }: Closing): Promise<void> {
  const limit = closeTimeoutOf(auth.settings);
  const began = performance.now();
  const gaveUp: string[] = [];

  const idle = new Promise<void>((resolve) => server.close(() => resolve()));
  // `close` ends only the connections that are idle now. One that is kept alive becomes idle when its request is done.
  const closeIdle = setInterval(() => {
    if ("closeIdleConnections" in server) server.closeIdleConnections();
  }, 50);
  const isIdle = await isDoneWithin(limit, idle);
  clearInterval(closeIdle);
  if (!isIdle) {
    gaveUp.push(`requests that were still running (${await countConnections(server)})`);
    if ("closeAllConnections" in server) server.closeAllConnections();
  }
  const rest = Math.max(limit - (performance.now() - began), 0) + grace;
  if (!(await isDoneWithin(rest, auth.close())))
    gaveUp.push("work behind responses (such as mails) and closing the database");
  if (gaveUp.length > 0)
    logger.warn(
      { closeTimeout: limit },
      `The server stops without waiting any longer for ${gaveUp.join(", and ")}`,
    );
}

/** Rejects if the work does. */
async function isDoneWithin(milliseconds: number, work: Promise<void>): Promise<boolean> {
  const timer = new AbortController();
  const late = sleep(milliseconds, false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    timer.abort();
  }
}

/** Milliseconds. */
function closeTimeoutOf(settings: object): number {
  return "closeTimeout" in settings && typeof settings.closeTimeout === "number"
    ? settings.closeTimeout
    : 10_000;
}

function countConnections(server: ServerType): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}

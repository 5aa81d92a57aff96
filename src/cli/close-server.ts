import type { ServerType } from "@hono/node-server";
import type { Logger } from "../logger.js";
import { tooLate, within } from "../time-limit.js";

interface Closing {
  readonly server: ServerType;
  readonly auth: { close(): Promise<void> };
  /** Milliseconds that it may take. */
  readonly closeTimeout: number;
  readonly logger: Logger;
}

/** Milliseconds beyond the limit: in them the Auth says what it gave up by itself, and closes the database. */
const grace = 250;

/**
 * Closes a server: new requests are refused, running ones and work behind responses (such as mails) are waited for, then the database is
 * closed. After `closeTimeout` it waits no longer, and a warning says what it gave up.
 */
export async function closeServer({ server, auth, closeTimeout: limit, logger }: Closing): Promise<void> {
  const began = performance.now();
  const gaveUp: string[] = [];

  const idle = new Promise<void>((resolve) => server.close(() => resolve()));
  // `close` ends only the connections that are idle now. One that is kept alive becomes idle when its request is done.
  const closeIdle = setInterval(() => {
    if ("closeIdleConnections" in server) server.closeIdleConnections();
  }, 50);
  const isIdle = (await within(limit, idle)) !== tooLate;
  clearInterval(closeIdle);
  if (!isIdle) {
    gaveUp.push(`requests that were still running (${await countConnections(server)})`);
    if ("closeAllConnections" in server) server.closeAllConnections();
  }
  const rest = Math.max(limit - (performance.now() - began), 0) + grace;
  if ((await within(rest, auth.close())) === tooLate)
    gaveUp.push("work behind responses (such as mails) and closing the database");
  if (gaveUp.length > 0)
    logger.warn(
      { closeTimeout: limit },
      `The server stops without waiting any longer for ${gaveUp.join(", and ")}`,
    );
}

function countConnections(server: ServerType): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}

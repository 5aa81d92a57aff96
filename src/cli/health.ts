import type { Auth } from "../auth.js";
import { ConfigError } from "../errors.js";
import { json } from "../http/respond.js";
import { internals } from "../internals.js";
import type { Readiness } from "../readiness.js";

/** What a balancer or a supervisor asks of a server. */
export interface Health {
  /** The response to a request for one of the two paths; `undefined` for any other. */
  respond(method: string, path: string): Promise<Response> | undefined;
  /** From now on it is not ready. */
  close(): void;
}

const alivePath = "/healthz";
const readyPath = "/readyz";

/**
 * `/healthz` looks at nothing: whoever restarts what does not respond must not do so because a database is slow. `/readyz` says whether
 * requests can be served. Throws a ConfigError where an auth route is in the place of one of them.
 */
export function createHealth(auth: Auth): Health {
  const taken = [alivePath, readyPath].filter((path) => auth[internals].handles(path));
  if (taken.length > 0)
    throw new ConfigError(
      taken.map(
        (path) => `mountAt: ${path} is where keyturn serve tells of its health; mount the model elsewhere`,
      ),
    );
  let isClosing = false;
  const readiness = async (): Promise<Readiness> =>
    isClosing ? { isReady: false, reason: "closing" } : auth.readiness();
  return {
    respond(method, path) {
      if (method !== "GET" && method !== "HEAD") return undefined;
      if (path === alivePath) return Promise.resolve(json(200, { alive: true }));
      if (path !== readyPath) return undefined;
      return readiness().then(({ isReady, reason }) =>
        isReady ? json(200, { ready: true }) : json(503, { ready: false, reason }),
      );
    },
    close() {
      isClosing = true;
    },
  };
}

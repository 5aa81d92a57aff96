import { Hono } from "hono";
import { type AuthConfig, createAuth } from "keyturn";
import { authenticate, keyturn } from "keyturn/hono";
import { sqlite } from "keyturn/sqlite";

/** A small server of its own for what plays on the page: it ends no session of the visitor's, and leaves no account behind. */
export interface Example {
  readonly lostResponses: "recover" | "expire";
  readonly mountAt: string;
  /** A route for the accounts of this server. */
  readonly path: string;
  /** Length of a window in milliseconds. */
  readonly window: number;
}

/** Shorter than the demo's own window, because a visitor waits for it several times. */
const window = 2000;

/** One for each of the two modes, so that the page can show the same loss in both, side by side. */
export const examples: readonly Example[] = (["recover", "expire"] as const).map((lostResponses) => ({
  lostResponses,
  mountAt: `/demo/${lostResponses}`,
  // Everything below mountAt is an auth route.
  path: `/demo/hello/${lostResponses}`,
  window,
}));

/**
 * The routes of the examples. Their accounts are in memory, and whoever registers is signed in at once.
 * @param settings of the demo's own server that hold here, too.
 */
export function createExampleRoutes(settings: Pick<AuthConfig, "baseUrl" | "environment">): Hono {
  const routes = new Hono();
  for (const { lostResponses, mountAt, path } of examples) {
    const auth = createAuth({
      ...settings,
      database: sqlite(":memory:"),
      batchRequestBufferThrottle: window,
      lostResponses,
      redirectAllowlist: [`${settings.baseUrl}/*`],
      models: {
        guest: { mountAt, confirmable: false, fields: { name: { type: "string", writable: true } } },
      },
    });
    routes.use(keyturn(auth));
    routes.get(path, authenticate(auth, "guest"), (context) =>
      context.json({ data: { message: `Welcome ${context.get("account").name}` } }),
    );
  }
  return routes;
}

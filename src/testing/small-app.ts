import { createServer } from "node:http";
import { authenticateNode, toNodeListener } from "../adapters/node.js";
import { type Auth, createAuth } from "../auth.js";
import type { AuthConfig } from "../config.js";
import type { Database } from "../core/store.js";

export interface SmallAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly type: string | null;
  readonly body: string;
  /** The credentials that the client holds after it. */
  readonly credentials: Credentials;
}

type Credentials = Readonly<Record<"access-token" | "client" | "uid", string>>;

/** An app with one protected route, over HTTP, as a client sees it. Its one model `user` signs in at once. */
export interface SmallApp {
  readonly auth: Auth;
  signUp(email?: string): Promise<SmallAnswer>;
  signIn(email: string): Promise<SmallAnswer>;
  /** Asks the app's own route. */
  visit(credentials: Credentials): Promise<SmallAnswer>;
  /** Asks an auth route. */
  ask(method: string, path: string, credentials: Credentials): Promise<SmallAnswer>;
  close(): Promise<void>;
}

const password = "correct horse battery staple";
let accounts = 0;

/** `settings`: beside those of a test whose tokens recover. The database is opened by the first request. */
export async function startSmallApp(
  database: Database,
  settings: Partial<Pick<AuthConfig, "batchRequestBufferThrottle" | "maxNumberOfDevices">> = {},
): Promise<SmallApp> {
  const quiet = { info() {}, warn() {}, error() {} };
  const auth = createAuth({
    baseUrl: "http://localhost:3000",
    environment: "test",
    database,
    logger: quiet,
    lostResponses: "recover",
    models: { user: { mountAt: "/auth", confirmable: false } },
    ...settings,
  });
  const own = async (...[req, res]: Parameters<Parameters<typeof toNodeListener>[1]>): Promise<void> => {
    if (await authenticateNode(auth, "user", req, res)) res.end("in");
  };
  const server = createServer(toNodeListener(auth, (req, res) => void own(req, res)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;

  const send = async (
    method: string,
    path: string,
    shown: Credentials | undefined,
    fields?: Record<string, string>,
  ): Promise<SmallAnswer> => {
    const answer = await fetch(origin + path, {
      method,
      // Long, so that a row of a session takes some room.
      headers: {
        "user-agent": "Browser/1.0 ".repeat(40),
        ...shown,
        ...(fields ? { "content-type": "application/json" } : {}),
      },
      ...(fields ? { body: JSON.stringify(fields) } : {}),
    });
    const received = (name: keyof Credentials): string =>
      answer.headers.get(name)?.trim() || (shown?.[name] ?? "");
    return {
      status: answer.status,
      retryAfter: answer.headers.get("retry-after"),
      type: answer.headers.get("content-type"),
      body: await answer.text(),
      credentials: {
        "access-token": received("access-token"),
        client: received("client"),
        uid: received("uid"),
      },
    };
  };
  return {
    auth,
    signUp: (email = `person-${++accounts}@example.com`) =>
      send("POST", "/auth", undefined, { email, password, password_confirmation: password }),
    signIn: (email) => send("POST", "/auth/sign_in", undefined, { email, password }),
    visit: (credentials) => send("GET", "/own", credentials),
    ask: (method, path, credentials) => send(method, path, credentials),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await auth.close();
    },
  };
}

import { isIP } from "node:net";
import { type Context, Hono } from "hono";
import { describeServer } from "../../demo/describe.js";
import { type PageFile, readPageFiles, sendPageFile } from "../../demo/page-files.js";
import { createDemoRoutes } from "../../demo/routes.js";
import { keyturn } from "../adapters/hono.js";
import type { Auth } from "../auth.js";
import { AuthError } from "../errors.js";
import type { Outbox } from "../mail/outbox.js";
import type { EventLog } from "./event-log.js";
import { createInbox } from "./inbox.js";

export interface DemoServerOptions {
  readonly auth: Auth;
  /** The mails that were caught; without it there is no inbox. */
  readonly outbox?: Outbox;
  /** What `onEvent` of the configuration has recorded. */
  readonly events: EventLog;
  /** Hides inbox and events: whoever reads them could take over accounts. */
  readonly production: boolean;
}

/** What answers in JSON also when there is nothing. */
const machinePaths = ["/demo/*", "/inbox/messages/*"];

/** The server of `keyturn serve`: the auth routes, protected routes to try them on, the page that shows them, and the inbox. */
export function createDemoServer({ auth, outbox, events, production }: DemoServerOptions): Hono {
  const files = readPageFiles();
  const caught = production ? undefined : outbox;
  const description = describeServer(auth.registry, auth.settings, {
    inbox: caught !== undefined,
    events: !production,
  });
  const app = new Hono();
  const own = new URL(auth.settings.baseUrl).hostname;
  for (const path of ["/inbox", "/inbox/*", "/demo/events"]) {
    app.use(path, (context, next) =>
      isOurHost(context.req.url, own) ? next() : Promise.resolve(nothingHere(context)),
    );
  }
  app.use(keyturn(auth));
  app.get("/demo/config.json", (context) => context.json(description, 200, { "cache-control": "no-store" }));
  if (!production) app.get("/demo/events", (context) => sendEvents(context, events));
  app.route("/", createDemoRoutes(auth));
  if (caught) {
    app.get("/inbox", (context) => sendPageFile(context, fileNamed(files, "inbox.html")));
    app.route("/inbox", createInbox(caught));
  }
  for (const path of machinePaths) app.all(path, nothingHere);
  app.get("/", (context) => sendPageFile(context, fileNamed(files, "index.html")));
  app.get("/:name", (context, next) => {
    const file = files.get(context.req.param("name"));
    return file ? Promise.resolve(sendPageFile(context, file)) : next();
  });
  app.notFound((context) =>
    context.req.method === "GET" || context.req.method === "HEAD"
      ? sendPageFile(context, fileNamed(files, "not-found.html"), 404)
      : nothingHere(context),
  );
  return app;
}

// A page elsewhere may have its own name lead to this machine (DNS rebinding), and would then read mails as its own.
function isOurHost(url: string, own: string): boolean {
  const host = new URL(url).hostname;
  return host === own || host === "localhost" || isIP(host.replace(/^\[|\]$/g, "")) !== 0;
}

function sendEvents(context: Context, events: EventLog): Response {
  const after = Number(context.req.query("after") ?? 0);
  const data = events.after(Number.isFinite(after) ? after : 0);
  return context.json({ data }, 200, { "cache-control": "no-store" });
}

function nothingHere(context: Context): Response {
  const { message } = new AuthError("not_found");
  return context.json({ success: false, errors: [message] }, 404, { "cache-control": "no-store" });
}

function fileNamed(files: ReadonlyMap<string, PageFile>, name: string): PageFile {
  const file = files.get(name);
  if (!file) throw new Error(`The demo's page lacks ${name}`);
  return file;
}

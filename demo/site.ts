import { type Context, Hono } from "hono";
import type { Auth } from "keyturn";
import { internals } from "keyturn/adapter-kit";
import { notFound, refuseForeignHosts } from "#cli/server";
import { describeServer } from "./description.js";
import type { EventLog } from "./event-log.js";
import { createExampleRoutes, examples } from "./examples.js";
import { identityProviderRoutes } from "./identity-provider-route.js";
import { type PageFile, readPageFiles, sendPageFile } from "./page-files.js";
import { createDemoRoutes } from "./routes.js";

export interface SiteOptions {
  readonly auth: Auth;
  /** Whether the server has an inbox. */
  readonly inbox: boolean;
  /** What `onEvent` of the configuration has recorded. */
  readonly events: EventLog;
}

/** The demo's part of its server: protected routes, the events, and the page that shows them. */
export function createSite({ auth, inbox, events }: SiteOptions): Hono {
  const files = readPageFiles();
  const { production, baseUrl } = auth[internals].settings;
  // Events name accounts and addresses, and the examples register anybody: production has neither.
  const isOpen = !production;
  const description = describeServer(auth, { inbox, events: isOpen, examples: isOpen ? examples : [] });
  const site = new Hono();
  if (isOpen) site.route("/", createExampleRoutes({ baseUrl, environment: "development" }));
  site.route("/", createDemoRoutes(auth));
  const identityProvider = identityProviderRoutes(auth);
  if (identityProvider) site.route("/", identityProvider);
  site.get("/demo/config.json", (context) => context.json(description, 200, { "cache-control": "no-store" }));
  if (isOpen) site.get("/demo/events", refuseForeignHosts(auth), (context) => sendEvents(context, events));
  for (const path of ["/demo/*", "/inbox/*"]) site.all(path, notFound(auth));
  site.get("/", (context) => sendPageFile(context, fileNamed(files, "index.html")));
  site.get("/:name", (context, next) => {
    const file = files.get(context.req.param("name"));
    return file ? Promise.resolve(sendPageFile(context, file)) : next();
  });
  site.get("*", (context) => sendPageFile(context, fileNamed(files, "not-found.html"), 404));
  return site;
}

function sendEvents(context: Context, events: EventLog): Response {
  const after = Number(context.req.query("after") ?? 0);
  const data = events.after(Number.isFinite(after) ? after : 0);
  return context.json({ data }, 200, { "cache-control": "no-store" });
}

function fileNamed(files: ReadonlyMap<string, PageFile>, name: string): PageFile {
  const file = files.get(name);
  if (!file) throw new Error(`The demo's page lacks ${name}`);
  return file;
}

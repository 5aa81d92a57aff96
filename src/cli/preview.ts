import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Auth } from "../auth.js";
import { internals } from "../internals.js";
import { mailKindOf, type Preview, previewMail } from "../mail/previews.js";
import { createMailComposer } from "../mail/render.js";
import { mailNames } from "../mail/templates.js";
import { composerOptions } from "../runtime.js";
import { createConfiguredAuth, type Environment } from "./configured-auth.js";
import type { FileConfig } from "./load-config.js";
import { previewPage, type Selection } from "./preview-page.js";

export interface PreviewServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Shows every mail of a configuration in every language, on this machine alone. Sends nothing, opens no database, and is no part of
 * `keyturn serve`. `port`: 0 for any that is free.
 */
export async function servePreview(
  config: FileConfig,
  environment: Environment,
  port: number,
): Promise<PreviewServer> {
  const auth = await createConfiguredAuth(config, environment);
  const show = createPreview(auth);
  const server = createServer((req, res) => void respond(show, req, res));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    // Only this machine: what the templates say is nobody else's business yet.
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address ? address.port : port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await auth.close();
    },
  };
}

type Show = (
  asked: URLSearchParams,
) => Promise<{ readonly page: string; readonly preview: Preview } | undefined>;

function createPreview(auth: Auth): Show {
  const { settings, registry, languages } = auth[internals];
  // Reads the templates anew for each page, so that an edit shows when the page is loaded again.
  const compose = () => createMailComposer(composerOptions(settings, registry, languages));
  const lifespans: ReadonlyMap<string, number> = new Map([
    ["reset_password_instructions", settings.resetPasswordWithin],
    ["invitation_instructions", settings.acceptInvitationWithin],
    ["unlock_instructions", settings.unlockLinkWithin],
  ]);
  const choices = {
    mails: mailNames,
    models: registry.models.map(({ name }) => name),
    languages: languages.all.map(({ name }) => name),
  };
  return async (asked) => {
    const chosen: Selection = {
      mail: asked.get("mail") ?? choices.mails[0] ?? "",
      model: asked.get("model") ?? choices.models[0] ?? "",
      language: asked.get("language") ?? languages.byDefault.name,
      size: asked.get("size") === "long" ? "long" : "usual",
    };
    const kind = mailKindOf(chosen.mail);
    const model = registry.models.find(({ name }) => name === chosen.model);
    const language = languages.all.find(({ name }) => name === chosen.language);
    if (!kind || !model || !language) return undefined;
    const preview = await previewMail({
      compose: compose(),
      write: settings.mail?.write,
      baseUrl: settings.baseUrl,
      kind,
      model,
      language,
      size: chosen.size === "long" ? "long" : "usual",
      lifespan: lifespans.get(kind.name) ?? settings.confirmWithin,
    });
    return { page: previewPage(choices, chosen, preview), preview };
  };
}

async function respond(show: Show, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const send = (status: number, body: string, type = "text/html"): void => {
    res
      .writeHead(status, { "content-type": `${type}; charset=utf-8`, "cache-control": "no-store" })
      .end(body);
  };
  // A page of another site could make its own host name point to this machine (DNS rebinding).
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(req.headers.host ?? "")) return send(404, "", "text/plain");
  try {
    const url = new URL(req.url ?? "/", "http://127.0.0.1");
    const shown = await show(url.searchParams);
    if (shown && url.pathname === "/") return send(200, shown.page);
    if (shown && url.pathname === "/mail.html") return send(200, shown.preview.message.html);
    send(404, "There is no such mail.", "text/plain");
  } catch (error) {
    // A mistake in a template: whoever edits it wants to read it here.
    send(500, error instanceof Error ? error.message : String(error), "text/plain");
  }
}

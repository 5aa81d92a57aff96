import type { Accounts } from "./account-functions/accounts.js";
import { type AuditLogFunctions, createAuditLogFunctions } from "./account-functions/audit-log.js";
import { createAccounts } from "./account-functions/create-accounts.js";
import { createTokenFunctions, type TokenFunctions } from "./account-functions/tokens.js";
import { createRegistry, type GroupsConfig, type Model, type ModelsConfig } from "./accounts/models.js";
import type { AuthConfig } from "./config/config.js";
import { createLanguages, stranger } from "./config/languages.js";
import { resolveConfig } from "./config/resolve.js";
import { AuthError } from "./errors.js";
import { routes, siteRoutes } from "./features/list.js";
import { type AuthenticationOutcome, authenticateRequest, rejected } from "./http/authenticate.js";
import type { RequestHead } from "./http/credentials.js";
import { handle, handleSite, type RequestInfo } from "./http/handler.js";
import { createOrigins } from "./http/origins.js";
import { errorResponse } from "./http/respond.js";
import { modelOfPath, siteRouteOf } from "./http/router.js";
import { type AuthInternals, internals } from "./internals.js";
import type { NamesModels } from "./protocol.js";
import { createReadiness, type Readiness } from "./readiness.js";
import { type OpenedRuntime, prepareRuntime } from "./runtime.js";
import { observeRequests } from "./telemetry/observe-requests.js";
import { safeTelemetry } from "./telemetry/safe.js";
import { tooLate, within } from "./time-limit.js";

/** Keyturn for one app: what adapters mount, and what the app's own code calls. */
export interface Auth<M extends ModelsConfig = ModelsConfig, G extends GroupsConfig<M> = GroupsConfig<M>>
  extends TokenFunctions<M>,
    NamesModels<M> {
  /** Finds, makes and changes accounts from your own code. */
  readonly accounts: Accounts<M>;
  /** Reads what happened to them (`auditLog: true`). */
  readonly auditLog: AuditLogFunctions<M>;
  /** Opens the database and brings its tables up to date. Requests wait for it by themselves; call it to learn early of a database that is not there. */
  ready(): Promise<void>;
  /** Whether requests can be served now, and if not, why. Asks the database once in a second at most, however often it is called, and takes a second at most. */
  readiness(): Promise<Readiness>;
  /** Waits for work that goes on behind responses, such as mails, for `closeTimeout` at most, and closes the database. */
  close(): Promise<void>;
  /** Responds to a request to an auth route. Never rejects: every failure is a response. */
  handle(request: Request, info?: RequestInfo): Promise<Response>;
  /** For adapters: what they may use of it stands in `keyturn/adapter-kit`. */
  readonly [internals]: AuthInternals<M, G>;
}

/** How long a request waits for the database to be opened, milliseconds. */
const openPatience = 5000;

/**
 * Makes the Auth of an app. Throws a ConfigError with all mistakes of the configuration at once; touches nothing outside before
 * `ready` or the first request.
 *
 * @example
 * export const auth = createAuth({
 *   baseUrl: "http://localhost:3000",
 *   database: sqlite("app.db"),
 *   lostResponses: "recover",
 *   models: { user: { mountAt: "/auth" } },
 * });
 */
export function createAuth<
  const M extends ModelsConfig,
  const G extends GroupsConfig<M> = Record<never, never>,
>(config: AuthConfig<M, G>): Auth<M, G> {
  const resolved = resolveConfig(config, [...routes, ...siteRoutes]);
  const { logger } = resolved;
  const telemetry =
    resolved.telemetry &&
    safeTelemetry(resolved.telemetry, (error) => logger.error({ err: error }, "The telemetry threw"));
  const settings = { ...resolved, telemetry };
  const registry = createRegistry(config.models, config.groups ?? {});
  const origins = createOrigins(settings);
  const languages = createLanguages(settings, (error) =>
    settings.logger.error({ err: error }, "chooseLocale threw"),
  );
  // A path with that of baseUrl in front is ours too: only some proxies take it away.
  const base = new URL(settings.baseUrl).pathname.replace(/\/+$/, "");
  const belowBase = (path: string): string =>
    base !== "" && path.startsWith(`${base}/`) && !modelOfPath(registry.models, path)
      ? path.slice(base.length)
      : path;
  const siteOf = (path: string) => siteRouteOf(siteRoutes, settings, path);
  const openRuntime = prepareRuntime({ settings, registry, origins, languages, config });
  let runtime: OpenedRuntime | undefined;
  let opening: Promise<OpenedRuntime> | undefined;
  let isClosing = false;

  // A database that is not there yet is asked again by the next request.
  const open = async (): Promise<OpenedRuntime> => {
    opening ??= openRuntime();
    try {
      runtime = await opening;
      isClosing = false;
      return runtime;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  };
  const opened = async (): Promise<OpenedRuntime> => runtime ?? (await open());
  // Whoever asks meanwhile is told to come back: a migration may take its time, and a network that swallows everything longer.
  const openSoon = async (): Promise<OpenedRuntime> => {
    const soon = await within(openPatience, open());
    if (soon === tooLate) throw new Error("The database is still being opened");
    return soon;
  };
  const unavailable = (error: unknown): AuthError => {
    settings.logger.error({ err: error }, "The database could not be opened");
    return new AuthError("unavailable", { cause: error });
  };
  const protectSoon = async (models: readonly Model[], head: RequestHead): Promise<AuthenticationOutcome> => {
    try {
      return await authenticateRequest(await openSoon(), models, head);
    } catch (error) {
      return rejected(unavailable(error), { settings, languages }, models, head);
    }
  };

  const readiness = createReadiness({
    known: () => (isClosing ? "closing" : undefined),
    async check() {
      const { isReadOnly } = await (await opened()).probe();
      return isReadOnly ? "database_read_only" : undefined;
    },
    whenLate: () => (runtime ? "database_away" : "opening"),
  });

  const respondTo = async (asked: Request, info: RequestInfo = {}): Promise<Response> => {
    const url = new URL(asked.url);
    const below = belowBase(url.pathname);
    const isBelow = below !== url.pathname;
    const request = isBelow ? new Request(url.origin + below + url.search, asked) : asked;
    const origin = request.headers.get("origin") ?? undefined;
    const site = siteOf(below);
    const model = modelOfPath(registry.models, below);
    // A browser has to be able to read the refusal, also when no runtime is open yet.
    const refuse = (error: AuthError): Response => {
      const reader = stranger({ header: (name) => request.headers.get(name) ?? undefined });
      const language = languages.ofJson(languages.of(reader));
      const context = { settings, model: model?.name ?? null, action: null };
      const response = errorResponse(error, language, context);
      for (const [name, value] of [...origins.headers(origin), ...languages.headers(language)])
        response.headers.append(name, value);
      return response;
    };
    const respond = site
      ? (parts: OpenedRuntime) => handleSite(parts, site, request, info)
      : model && ((parts: OpenedRuntime) => handle(parts, model, request, info));
    if (!respond) return refuse(new AuthError("not_found"));
    if (request.method === "OPTIONS") {
      const method = request.headers.get("access-control-request-method") ?? undefined;
      const headers = request.headers.get("access-control-request-headers") ?? undefined;
      return new Response(null, { status: 204, headers: origins.preflight(origin, { method, headers }) });
    }
    try {
      return await respond(runtime ?? (await openSoon()));
    } catch (error) {
      return refuse(unavailable(error));
    }
  };
  const observe =
    settings.telemetry &&
    observeRequests(settings.telemetry, { routes, siteRoutes, settings, registry, belowBase });

  return {
    [internals]: {
      config,
      settings,
      registry,
      origins,
      accountsBy: (user) => createAccounts<M>(opened, { kind: "cli", name: user }),
      languages,
      handles(path) {
        const below = belowBase(path);
        return (siteOf(below) ?? modelOfPath(registry.models, below)) !== undefined;
      },
      authenticate(audience, head) {
        const models = registry.audience(audience);
        // Not a word more than needed once the runtime is open: each promise costs as much as a hash.
        return runtime ? authenticateRequest(runtime, models, head) : protectSoon(models, head);
      },
    },
    async ready() {
      await open();
    },
    readiness,
    async close() {
      isClosing = true;
      const last = runtime ?? (await opening?.catch(() => undefined));
      runtime = undefined;
      opening = undefined;
      await last?.close();
    },
    handle: observe ? (asked, info) => observe(asked, () => respondTo(asked, info)) : respondTo,
    accounts: createAccounts<M>(opened, { kind: "code" }),
    auditLog: createAuditLogFunctions<M>(opened),
    ...createTokenFunctions<M>(opened),
  };
}

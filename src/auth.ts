import { type AccountFunctions, createAccountFunctions } from "./accounts/account-functions.js";
import { createHooks } from "./accounts/hooks.js";
import {
  type Audience,
  createRegistry,
  type GroupsConfig,
  type Model,
  type ModelsConfig,
  type Registry,
} from "./accounts/models.js";
import { createPasswordHasher } from "./accounts/passwords.js";
import { createAddressFinder } from "./config/addresses.js";
import type { AuthConfig } from "./config/config.js";
import { createRedirectAllowlist } from "./config/redirect-allowlist.js";
import { type Resolved, resolveConfig } from "./config/settings.js";
import type { Store } from "./database/port.js";
import { createSessions } from "./engine/sessions.js";
import { createSlowRequests } from "./engine/slow-requests.js";
import { createTokenIssuer } from "./engine/token.js";
import { AuthError } from "./errors.js";
import { createEmitter } from "./events.js";
import { type AuthenticationOutcome, authenticateRequest, rejected } from "./http/authenticate.js";
import type { RequestHead } from "./http/credentials.js";
import { handle, modelOfPath, type RequestInfo } from "./http/handler.js";
import { createOrigins, type Origins } from "./http/origins.js";
import { errorResponse } from "./http/respond.js";
import type { Runtime } from "./http/runtime.js";
import { createMailer } from "./mail/mailer.js";
import type { SendMail } from "./mail/message.js";
import { createMailRenderer, type MailRenderer } from "./mail/render.js";

/** Keyturn for one app: what adapters mount, and what the app's own code calls. */
export interface Auth<M extends ModelsConfig = ModelsConfig, G extends GroupsConfig<M> = GroupsConfig<M>>
  extends AccountFunctions<M> {
  /** What `createAuth` was given. */
  readonly config: AuthConfig<M, G>;
  /** The same with every default filled in; durations in milliseconds. */
  readonly settings: Resolved;
  readonly registry: Registry;
  readonly origins: Origins;
  /** Opens the database and brings its tables up to date. Requests wait for it by themselves; call it to learn early of a database that is not there. */
  ready(): Promise<void>;
  /** Waits for work that goes on behind answers, and closes the database. */
  close(): Promise<void>;
  /** Whether a path (without query) lies below the mount point of a model. */
  handles(path: string): boolean;
  /** Answers a request to an auth route. Never rejects: every failure is an answer. */
  handle(request: Request, info?: RequestInfo): Promise<Response>;
  /** Finds out who asks for one of the app's own routes. For adapters; your routes use `authenticate` of one of them. */
  authenticate(audience: Audience<M, G>, head: RequestHead): Promise<AuthenticationOutcome>;
}

/** How long a request waits for the database to be opened, milliseconds. */
const openPatience = 5000;
/** How often one of the servers deletes what is over, milliseconds. */
const sweepInterval = 60_000;

/**
 * Makes the Auth of an app. Throws a ConfigError with all mistakes of the configuration at once; touches nothing outside before
 * `ready` or the first request.
 */
export function createAuth<
  const M extends ModelsConfig,
  const G extends GroupsConfig<M> = Record<never, never>,
>(config: AuthConfig<M, G>): Auth<M, G> {
  const settings = resolveConfig(config);
  const registry = createRegistry(config.models, config.groups ?? {});
  const origins = createOrigins(settings);
  const render = createMailRenderer(mailOptions(settings));
  const parts: RuntimeOptions = { settings, registry, origins, render, config };
  // A path with that of baseUrl in front is ours too: only some proxies take it away.
  const base = new URL(settings.baseUrl).pathname.replace(/\/+$/, "");
  const belowBase = (path: string): string =>
    base !== "" && path.startsWith(`${base}/`) && !modelOfPath(registry.models, path)
      ? path.slice(base.length)
      : path;
  let runtime: OpenedRuntime | undefined;
  let opening: Promise<OpenedRuntime> | undefined;

  // A database that is not there yet is asked again by the next request.
  const open = async (): Promise<OpenedRuntime> => {
    opening ??= openRuntime(parts);
    try {
      runtime = await opening;
      return runtime;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  };
  // Whoever asks meanwhile is told to come back: a migration may take its time, and a network that swallows everything longer.
  const openSoon = async (): Promise<OpenedRuntime> => {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error("The database is still being opened")), openPatience);
    });
    try {
      return await Promise.race([open(), tooLate]);
    } finally {
      clearTimeout(timer);
    }
  };
  const unavailable = (error: unknown): AuthError => {
    settings.logger.error({ err: error }, "The database could not be opened");
    return new AuthError("unavailable", { cause: error });
  };
  const protectSoon = async (models: readonly Model[], head: RequestHead): Promise<AuthenticationOutcome> => {
    try {
      return await authenticateRequest(await openSoon(), models, head);
    } catch (error) {
      return rejected(unavailable(error));
    }
  };

  return {
    config,
    settings,
    registry,
    origins,
    async ready() {
      await open();
    },
    async close() {
      const opened = runtime ?? (await opening?.catch(() => undefined));
      runtime = undefined;
      opening = undefined;
      await opened?.close();
    },
    handles: (path) => modelOfPath(registry.models, belowBase(path)) !== undefined,
    async handle(asked, info = {}) {
      const url = new URL(asked.url);
      const below = belowBase(url.pathname);
      const isBelow = below !== url.pathname;
      const request = isBelow ? new Request(url.origin + below + url.search, asked) : asked;
      const origin = request.headers.get("origin") ?? undefined;
      const model = modelOfPath(registry.models, below);
      // A browser has to be able to read the refusal, also when no runtime is open yet.
      const refuse = (error: AuthError): Response => {
        const answer = errorResponse(error);
        for (const [name, value] of origins.headers(origin)) answer.headers.append(name, value);
        return answer;
      };
      if (!model) return refuse(new AuthError("not_found"));
      if (request.method === "OPTIONS") {
        const method = request.headers.get("access-control-request-method") ?? undefined;
        const headers = request.headers.get("access-control-request-headers") ?? undefined;
        return new Response(null, { status: 204, headers: origins.preflight(origin, { method, headers }) });
      }
      try {
        return await handle(runtime ?? (await openSoon()), model, request, info);
      } catch (error) {
        return refuse(unavailable(error));
      }
    },
    authenticate(audience, head) {
      const models = registry.audience(audience);
      // Not a word more than needed once the runtime is open: each promise costs as much as a hash.
      return runtime ? authenticateRequest(runtime, models, head) : protectSoon(models, head);
    },
    ...createAccountFunctions<M>(async () => runtime ?? (await open())),
  };
}

interface RuntimeOptions {
  readonly settings: Resolved;
  readonly registry: Registry;
  readonly origins: Origins;
  readonly render: MailRenderer;
  readonly config: Pick<AuthConfig, "database" | "now" | "onEvent">;
}

interface OpenedRuntime extends Runtime {
  close(): Promise<void>;
}

/** Where all parts meet. */
async function openRuntime({
  settings,
  registry,
  origins,
  render,
  config,
}: RuntimeOptions): Promise<OpenedRuntime> {
  const now = config.now ?? Date.now;
  const logError = (message: string) => (error: unknown) => settings.logger.error({ err: error }, message);
  const store = await config.database.connect({
    models: registry.models,
    ...(config.now ? { now: config.now } : {}),
  });
  await store.migrate(settings.migrations).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const keys = await serverKeys(settings, store);
  const mints = new Map(registry.models.map((model) => [model, createTokenIssuer(keys, model.name)]));
  const emit = createEmitter(config.onEvent ?? (() => undefined), now, logError("onEvent threw"));
  const sessions = createSessions({ store, issuerOf: (model) => known(mints, model), settings, emit, now });
  const slow = createSlowRequests(
    sessions,
    settings.batchRequestBufferThrottle,
    logError("A slow request's token could not be kept good"),
  );
  const mail = createMailer({
    baseUrl: settings.baseUrl,
    render,
    send: settings.mail?.send ?? mailToLogger(settings),
    emit,
    onError: logError("A mail could not be sent"),
  });
  const addressOf = createAddressFinder(settings.trustedProxies);
  const redirects = createRedirectAllowlist({
    patterns: settings.redirectAllowlist,
    allowLoopback: !settings.production,
  });
  const hooks = createHooks(settings.hooks, logError("A hook failed"));
  const pending = new Set<Promise<void>>();
  const later = (work: () => Promise<void>): void => {
    const task: Promise<void> = work()
      .catch(logError("Work behind an answer failed"))
      .finally(() => pending.delete(task));
    pending.add(task);
  };
  const sweeper = setInterval(
    () => later(async () => void (await store.sweep(sweepInterval * 0.9))),
    sweepInterval,
  ).unref();
  return {
    services: {
      store,
      sessions,
      settings,
      hasher: createPasswordHasher(),
      redirects,
      mail,
      emit,
      hooks,
      afterResponse: later,
    },
    settings,
    registry,
    origins,
    slow,
    addressOf: (head) => addressOf(head.peer, head.header("x-forwarded-for")),
    async close() {
      clearInterval(sweeper);
      slow.close();
      while (pending.size > 0) await Promise.all(pending);
      await store.close();
    },
  };
}

async function serverKeys(settings: Resolved, store: Store): Promise<readonly Buffer[]> {
  if (settings.serverKeys.length === 0) return [Buffer.from(await store.serverKey(), "base64url")];
  // HMAC keys of any length are fine, but ours have at most a block of SHA-256.
  return settings.serverKeys.map((key) => Buffer.from(key).subarray(0, 64));
}

function mailOptions({ mail, baseUrl }: Resolved): Parameters<typeof createMailRenderer>[0] {
  const host = new URL(baseUrl).hostname;
  return {
    from: mail?.from ?? `no-reply@${host}`,
    appName: mail?.appName ?? host,
    ...(mail?.templatesDirectory === undefined ? {} : { templatesDirectory: mail.templatesDirectory }),
  };
}

// Only outside production: the check of the configuration sees to that.
function mailToLogger({ logger }: Resolved): SendMail {
  return async ({ to, subject, text }) =>
    logger.info({ to, subject }, `No mail transport is configured. The mail says:\n${text}`);
}

function known<T>(map: ReadonlyMap<Model, T>, model: Model): T {
  const found = map.get(model);
  if (found === undefined) throw new TypeError(`There is no model "${model.name}"`);
  return found;
}

import { createHooks } from "./accounts/hooks.js";
import type { Model, Registry } from "./accounts/models.js";
import { createPasswordHasher } from "./accounts/password-hasher.js";
import { createBackgroundWork } from "./background-work.js";
import { createAddressFinder } from "./config/addresses.js";
import type { AuthConfig } from "./config/config.js";
import type { Languages } from "./config/languages.js";
import { createRedirectAllowlist } from "./config/redirect-allowlist.js";
import type { ResolvedSettings } from "./config/resolve.js";
import type { Store } from "./database/port.js";
import { createSessions } from "./engine/sessions.js";
import { createSlowRequests } from "./engine/slow-requests.js";
import { createTokenIssuer } from "./engine/token.js";
import { createEmitter } from "./events.js";
import {
  appRegistrationSteps,
  providerRegistrationSteps,
  providerSignInSteps,
  registrationChecks,
  registrationSteps,
  routes,
  signInSteps,
} from "./features/list.js";
import { openLimits } from "./features/rate-limits/rate-limits.js";
import { createDroppedNotes } from "./http/dropped-parameters.js";
import type { Origins } from "./http/origins.js";
import type { Runtime } from "./http/runtime.js";
import { createMailer } from "./mail/mailer.js";
import type { SendMail } from "./mail/message.js";
import { createMailComposer, type MailComposer } from "./mail/render.js";

/** What is there before anything is opened. */
export interface RuntimeOptions {
  readonly settings: ResolvedSettings;
  readonly registry: Registry;
  readonly origins: Origins;
  readonly languages: Languages;
  readonly config: Pick<AuthConfig, "database" | "now" | "onEvent">;
}

/** The opened parts, and how they are closed. */
export interface OpenedRuntime extends Runtime {
  /** Waits for work in the background and closes the database, within the limit of `closeTimeout`. */
  close(): Promise<void>;
}

/** How often one of the servers deletes what has expired, milliseconds. */
const sweepInterval = 60_000;

/**
 * Reads the mail templates, so that their mistakes are told at once, and returns the function that opens the rest. Throws a
 * ConfigError.
 */
export function prepareRuntime(options: RuntimeOptions): () => Promise<OpenedRuntime> {
  const { settings, registry, languages } = options;
  const compose = createMailComposer(composerOptions(settings, registry, languages));
  return () => openRuntime(options, compose);
}

/** Opens the database, brings its tables up to date, and puts all parts together. */
async function openRuntime(options: RuntimeOptions, compose: MailComposer): Promise<OpenedRuntime> {
  const { settings, registry, origins, languages, config } = options;
  const now = config.now ?? Date.now;
  const report = (error: unknown, what: string): void => settings.logger.error({ err: error }, what);
  const reporting = (what: string) => (error: unknown) => report(error, what);
  const store = await openStore(options);
  const issuers = await tokenIssuers(settings, registry, store);
  const emit = createEmitter(config.onEvent ?? (() => undefined), now, reporting("onEvent threw"));
  const sessions = createSessions({ store, issuerOf: (model) => known(issuers, model), settings, emit, now });
  const slow = createSlowRequests(
    sessions,
    settings.batchRequestBufferThrottle,
    reporting("A slow request's token could not be kept valid"),
  );
  const background = createBackgroundWork(reporting("Work after a response failed"));
  const sweep = async (): Promise<void> => void (await store.sweep(sweepInterval * 0.9));
  const sweeper = setInterval(() => background.run(sweep), sweepInterval).unref();
  const addresses = createAddressFinder(settings.trustedProxies);
  return {
    services: {
      store,
      sessions,
      settings,
      hasher: createPasswordHasher({
        maxLength: settings.passwordMaxLength,
        queueLimit: settings.passwordQueueLimit,
      }),
      redirects: createRedirectAllowlist({
        patterns: settings.redirectAllowlist,
        allowLoopback: !settings.production,
      }),
      mail: createMailer({
        baseUrl: settings.baseUrl,
        compose,
        languages,
        write: settings.mail?.write,
        send: settings.mail?.send ?? (settings.production ? noTransport : mailToLogger(settings)),
        emit,
        onError: reporting("A mail could not be sent"),
      }),
      emit,
      now,
      limits: openLimits(settings, { database: store.counters, emit, now }),
      hooks: createHooks(settings.hooks, reporting("A hook failed")),
      afterResponse: background.run,
      report,
    },
    routes,
    steps: {
      signIn: signInSteps,
      registrationChecks,
      registration: registrationSteps,
      appRegistration: appRegistrationSteps,
      providerSignIn: providerSignInSteps,
      providerRegistration: providerRegistrationSteps,
    },
    overrides: settings.overrides,
    noteDropped: settings.development ? createDroppedNotes(routes, settings) : undefined,
    settings,
    registry,
    origins,
    languages,
    slow,
    isProxied: (head) => addresses.isProxy(head.peer),
    addressOf: (head) => addresses.find(head.peer, head.header("x-forwarded-for")),
    async close() {
      clearInterval(sweeper);
      slow.close();
      const unfinished = await background.finish(settings.closeTimeout);
      if (unfinished > 0)
        settings.logger.warn(
          { unfinished },
          "Closed before all work after responses, such as mails, was done",
        );
      await store.close();
    },
  };
}

async function openStore({ settings, registry, config }: RuntimeOptions): Promise<Store> {
  const store = await config.database.connect({
    models: registry.models,
    ...(config.now ? { now: config.now } : {}),
  });
  const warnings = await store.migrate(settings.migrations).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  for (const warning of [...warnings, ...providerWarnings(settings)]) settings.logger.warn({}, warning);
  return store;
}

function providerWarnings({ providers, now = Date.now }: ResolvedSettings): readonly string[] {
  return Object.entries(providers).flatMap(([name, { warnings }]) =>
    (warnings?.(now()) ?? []).map((warning) => `providers.${name}: ${warning}`),
  );
}

async function tokenIssuers(settings: ResolvedSettings, { models }: Registry, store: Store) {
  const keys =
    settings.serverKeys.length === 0
      ? [Buffer.from(await store.serverKey(), "base64url")]
      : // HMAC keys of any length are fine, but ours have at most a block of SHA-256.
        settings.serverKeys.map((key) => Buffer.from(key).subarray(0, 64));
  return new Map(models.map((model) => [model, createTokenIssuer(keys, model.name)]));
}

/** What is said of how mails look, for all models and languages. */
export function composerOptions(
  { mail, baseUrl }: ResolvedSettings,
  { models }: Registry,
  { all: languages }: Languages,
): Parameters<typeof createMailComposer>[0] {
  const host = new URL(baseUrl).hostname;
  const {
    from = `no-reply@${host}`,
    appName,
    subjectsNameApp,
    colors,
    logo,
    templatesDirectory,
  } = mail ?? {};
  return {
    from,
    appName: appName ?? host,
    subjectsNameApp: subjectsNameApp ?? appName !== undefined,
    models: models.map(({ name }) => name),
    languages,
    ...(colors ? { colors } : {}),
    ...(logo ? { logo } : {}),
    ...(templatesDirectory === undefined ? {} : { templatesDirectory }),
  };
}

/** In production a log is no place for links that sign somebody in. Whoever asks for a mail is told that there is none. */
const noTransport: SendMail = () =>
  Promise.reject(new Error("No mail transport is configured: set mail.send, such as smtp(…)"));

function mailToLogger({ logger }: ResolvedSettings): SendMail {
  return async ({ to, subject, text }) =>
    logger.info({ to, subject }, `No mail transport is configured. The mail says:\n${text}`);
}

function known<T>(map: ReadonlyMap<Model, T>, model: Model): T {
  const found = map.get(model);
  if (found === undefined) throw new TypeError(`There is no model "${model.name}"`);
  return found;
}

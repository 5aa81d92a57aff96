import { createHooks } from "./accounts/hooks.js";
import type { Model, Registry } from "./accounts/models.js";
import { createPasswordHasher } from "./accounts/password-hasher.js";
import { createBackgroundWork } from "./background-work.js";
import { createClockWatch } from "./clock-watch.js";
import { createAddressFinder } from "./config/addresses.js";
import type { AuthConfig } from "./config/config.js";
import type { Languages } from "./config/languages.js";
import { createBrand } from "./config/mail-colors.js";
import { createRedirectAllowlist } from "./config/redirect-allowlist.js";
import type { ResolvedSettings } from "./config/resolve.js";
import type { Probe, Store } from "./database/port.js";
import { createSessions } from "./engine/sessions.js";
import { createSlowRequests } from "./engine/slow-requests.js";
import { createTokenIssuer } from "./engine/token.js";
import { type AuthEvent, createEmitter } from "./events.js";
import { openAuditLog } from "./features/audit-log/audit-log.js";
import { createBotChecks } from "./features/bot-checks/bot-checks.js";
import { noBots } from "./features/bots.js";
import {
  appRegistrationSteps,
  providerRegistrationSteps,
  providerSignInSteps,
  registrationChecks,
  registrationSteps,
  routes,
  signInSteps,
  signInWithdrawalSteps,
} from "./features/list.js";
import { createPages } from "./features/pages.js";
import { openCounting } from "./features/rate-limits/counting.js";
import { createMailTotal } from "./features/rate-limits/mail-total.js";
import { openLimits } from "./features/rate-limits/rate-limits.js";
import { createDroppedNotes } from "./http/dropped-parameters.js";
import { createFailureLog } from "./http/failure-log.js";
import type { Origins } from "./http/origins.js";
import type { Runtime } from "./http/runtime.js";
import { createMailer } from "./mail/mailer.js";
import type { SendMail } from "./mail/message.js";
import { createMailComposer, type MailComposer } from "./mail/render.js";
import { observedBy } from "./telemetry/observed.js";

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
  /** Whether a statement can be done now. Rejects if not. */
  probe(): Promise<Probe>;
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
  const observed = observedBy(settings.telemetry, {
    models: registry.models.map(({ name }) => name),
    rotates: settings.changeHeadersOnEachRequest,
  });
  const store = observed.store(await openStore(options));
  const issuers = await tokenIssuers(settings, registry, store);
  const { onEvent = () => undefined } = config;
  const auditLog =
    settings.auditLog &&
    openAuditLog({
      terms: settings.auditLog,
      store: store.audit,
      emit: (name, details) => emit(name, details),
      report,
    });
  const record = (event: AuthEvent): void => {
    if (auditLog) auditLog.record(event);
    onEvent(event);
  };
  const emit = observed.emit(createEmitter(auditLog ? record : onEvent, now, reporting("onEvent threw")));
  const sessions = observed.sessions(
    createSessions({ store, issuerOf: (model) => known(issuers, model), settings, emit, now }),
  );
  const slow = createSlowRequests(
    sessions,
    settings.batchRequestBufferThrottle,
    reporting("A slow request's token could not be kept valid"),
  );
  const background = createBackgroundWork(reporting("Work after a response failed"));
  const watchClock = createClockWatch(emit);
  const probe = async (): Promise<Probe> => {
    const asked = now();
    const found = await store.probe();
    watchClock(asked, now(), found.now);
    return found;
  };
  const sweep = async (): Promise<void> => {
    await store.sweep(sweepInterval * 0.9);
    if (auditLog) await auditLog.sweep(sweepInterval * 0.9);
    await probe();
  };
  const sweeper = setInterval(() => background.run(sweep), sweepInterval).unref();
  const counting = openCounting(settings, { database: store.counters, emit, now });
  const mailTotal = createMailTotal(settings.mailsInTotal, {
    counting,
    emit,
    now,
    warn: (sentence) => settings.logger.warn({}, sentence),
  });
  const warnOfBotCheck = (error: unknown): void =>
    settings.logger.warn({ err: error }, "The bot check is away");
  const addresses = createAddressFinder(settings.trustedProxies);
  return {
    services: {
      store,
      sessions,
      settings,
      hasher: createPasswordHasher({
        maxLength: settings.passwordMaxLength,
        queueLimit: settings.passwordQueueLimit,
        observer: observed.hashing,
      }),
      redirects: createRedirectAllowlist({
        patterns: settings.redirectAllowlist,
        allowLoopback: !settings.production,
      }),
      pages: createPages({ appName: appNameOf(settings), ...createBrand(settings.mail?.colors) }),
      mail: observed.mail(
        createMailer({
          baseUrl: settings.baseUrl,
          compose,
          languages,
          write: settings.mail?.write,
          count: mailTotal.count,
          send: settings.mail?.send ?? (settings.production ? noTransport : mailToLogger(settings)),
          emit,
          onError: reporting("A mail could not be sent"),
        }),
      ),
      emit,
      now,
      limits: openLimits(settings, counting, { database: store.counters, emit }),
      bots: noBots,
      mailTotal,
      hooks: createHooks(settings.hooks, reporting("A hook failed")),
      afterResponse: background.run,
      report,
    },
    routes,
    steps: {
      signIn: signInSteps,
      signInWithdrawal: signInWithdrawalSteps,
      registrationChecks,
      registration: registrationSteps,
      appRegistration: appRegistrationSteps,
      providerSignIn: providerSignInSteps,
      providerRegistration: providerRegistrationSteps,
    },
    bots: settings.botCheck && createBotChecks(settings.botCheck, { counting, emit, warn: warnOfBotCheck }),
    overrides: settings.overrides,
    noteDropped: settings.development ? createDroppedNotes(routes, settings) : undefined,
    settings,
    registry,
    origins,
    languages,
    slow,
    isProxied: (head) => !head.isPeerGone && addresses.isProxy(head.peer),
    logFailure: createFailureLog(report),
    probe,
    addressOf: (head) => (head.isPeerGone ? null : addresses.find(head.peer, head.header("x-forwarded-for"))),
    async close() {
      clearInterval(sweeper);
      observed.stop();
      slow.close();
      const end = performance.now() + settings.closeTimeout;
      const unfinished = await background.finish(settings.closeTimeout);
      if (unfinished > 0)
        settings.logger.warn(
          { unfinished },
          "Closed before all work after responses, such as mails, was done",
        );
      // Last, because what was done until now may have been told too.
      const unwritten = auditLog ? await auditLog.close(end - performance.now()) : 0;
      if (unwritten > 0)
        settings.logger.warn({ unwritten }, "Closed before all events were written into the audit log");
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
  settings: ResolvedSettings,
  { models }: Registry,
  { all: languages }: Languages,
): Parameters<typeof createMailComposer>[0] {
  const { mail, baseUrl } = settings;
  const {
    from = `no-reply@${new URL(baseUrl).hostname}`,
    appName,
    subjectsNameApp,
    colors,
    logo,
    templatesDirectory,
  } = mail ?? {};
  return {
    from,
    appName: appNameOf(settings),
    subjectsNameApp: subjectsNameApp ?? appName !== undefined,
    models: models.map(({ name }) => name),
    languages,
    ...(colors ? { colors } : {}),
    ...(logo ? { logo } : {}),
    ...(templatesDirectory === undefined ? {} : { templatesDirectory }),
  };
}

function appNameOf({ mail, baseUrl }: ResolvedSettings): string {
  return mail?.appName ?? new URL(baseUrl).hostname;
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

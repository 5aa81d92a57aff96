import { userInfo } from "node:os";
import type { Accounts } from "../account-functions/accounts.js";
import { kindOf } from "../accounts/authentication-keys.js";
import type { AccountBase, Model, ModelsConfig } from "../accounts/models.js";
import type { Auth } from "../auth.js";
import { createConsoleLogger } from "../config/console-logger.js";
import type { MailSettings } from "../config/mail-settings.js";
import { ConfigError } from "../errors.js";
import { internals } from "../internals.js";
import { smtp } from "../mail/smtp.js";
import { createConfiguredAuth, isProduction } from "./configured-auth.js";
import { CommandRefused } from "./failures.js";
import { pendingChanges } from "./migrate.js";
import { type ConfigOptions, type OpenedConfig, openConfig } from "./open-config.js";

export interface AccountOptions extends ConfigOptions {
  readonly model?: string;
  readonly json?: boolean;
}

/** What a command works with that may be about an account. */
export interface OpenedAuth {
  readonly auth: Auth;
  readonly accounts: Accounts<ModelsConfig>;
  /** The model that the command names, or the only one. Throws a CommandRefused for several. */
  needModel(): string;
  /** The account of an id, an address or another of the model's keys. Throws a CommandRefused if there is none. */
  find(name: string): Promise<AccountBase>;
}

/** What a command about accounts works with. */
export interface OpenedAccounts extends OpenedAuth {
  readonly model: string;
  /** Throws a CommandRefused where no link to set a password could be made: asked before an account is. */
  refuseLink(redirectUrl: string | undefined): void;
  /** The same for an invitation. */
  refuseUninvited(redirectUrl: string | undefined): void;
}

/** stdout is for what a command returns. */
const logger = createConsoleLogger({ info: console.error, warn: console.error, error: console.error });

/**
 * Opens the Auth of a configuration for one command, and closes it afterwards, when its mails are out. `mails`: whether it sends some, for
 * which production needs a transport. `makes`: whether it makes accounts or invitations, and the tables for them; the others are about what is there, so
 * they touch no database that has no tables. Throws a ConfigError, and a CommandRefused for such a database.
 */
export async function withAuth<T>(
  options: AccountOptions,
  { mails, makes = false }: { readonly mails: boolean; readonly makes?: boolean },
  run: (opened: OpenedAuth) => Promise<T>,
): Promise<T> {
  const opened = await openConfig(options, "not needed");
  const { config, environment } = opened;
  const mail = transportOf(opened, mails);
  const auth = await createConfiguredAuth({ logger, ...config, ...(mail ? { mail } : {}) }, environment);
  try {
    if (!makes) await refuseWithoutTables(auth);
    const { accountsBy, registry } = auth[internals];
    const accounts = accountsBy(systemUser());
    const needModel = (): string =>
      modelOf(
        registry.models.map(({ name }) => name),
        options.model,
      );
    return await run({
      auth,
      accounts,
      needModel,
      find: (name) => findAccount(accounts, registry.model(needModel()), name),
    });
  } finally {
    await auth.close();
  }
}

/** The same for a command about accounts of one model. */
export function withAccounts<T>(
  options: AccountOptions,
  does: { readonly mails: boolean; readonly makes?: boolean },
  run: (opened: OpenedAccounts) => Promise<T>,
): Promise<T> {
  return withAuth(options, does, async (opened) => {
    const { registry, settings } = opened.auth[internals];
    const model = opened.needModel();
    const hasPasswords = registry.models.some((one) => one.name === model && one.databaseAuthenticatable);
    return run({
      ...opened,
      model,
      refuseLink(redirectUrl) {
        if (!hasPasswords)
          throw new CommandRefused(
            `A ${model} has no password (databaseAuthenticatable: false), so no link.`,
          );
        if (redirectUrl === undefined && settings.defaultPasswordResetUrl === undefined)
          throw new CommandRefused(
            "A link needs a page to lead to: name one with --redirect-url, or set defaultPasswordResetUrl.",
          );
      },
      refuseUninvited(redirectUrl) {
        if (registry.model(model).registration !== "invitation")
          throw new CommandRefused(
            `A ${model} needs no invitation: models.${model} has no registration: "invitation".`,
          );
        if (redirectUrl === undefined && settings.defaultInvitationUrl === undefined)
          throw new CommandRefused(
            "An invitation needs a page to lead to: name one with --redirect-url, or set defaultInvitationUrl.",
          );
      },
    });
  });
}

/** To open a database is to make its file and its tables: nobody asked for that who asks about accounts. */
async function refuseWithoutTables(auth: Auth): Promise<void> {
  const pending = await pendingChanges(auth);
  if (pending.length === 0) return;
  const { models } = auth[internals].registry;
  const isEmpty = models.every(({ table }) =>
    pending.some((change) => change.table === table && change.what === "the table"),
  );
  throw new CommandRefused(
    isEmpty
      ? 'There are no accounts: the database has no tables yet. The app makes them when it starts, and so does "keyturn migrate". Nothing was written'
      : 'The database is not up to date. Run "keyturn migrate" first; "keyturn migrate --status" says what is lacking. Nothing was written',
  );
}

async function findAccount(accounts: Accounts<ModelsConfig>, model: Model, given: string) {
  const kind = kindOf(given);
  const byId = kind === "email" ? undefined : await accounts.find(model.name, given);
  const key = model.authenticationKeys.find((one) => one.kind === kind);
  const byName = async () =>
    kind === "email"
      ? accounts.findByEmail(model.name, given)
      : key && accounts.find(model.name, { [key.name]: given });
  const account = byId ?? (await byName());
  if (!account) throw new CommandRefused(`There is no ${model.name} ${given}.`);
  return account;
}

function modelOf(names: readonly string[], asked: string | undefined): string {
  const [only, ...others] = names;
  if (asked === undefined && only !== undefined && others.length === 0) return only;
  if (asked !== undefined && names.includes(asked)) return asked;
  throw new CommandRefused(
    asked === undefined
      ? `Name one of the models with --model: ${names.join(", ")}.`
      : `There is no model "${asked}". The configuration names: ${names.join(", ")}.`,
  );
}

/** Outside production a mail without a transport is printed, its text too. */
function transportOf({ config, environment }: OpenedConfig, mails: boolean): MailSettings | undefined {
  const mail = { from: "Keyturn <no-reply@localhost>", ...config.mail };
  const smtpUrl = environment["SMTP_URL"];
  if (smtpUrl !== undefined) return { ...mail, send: smtp(smtpUrl) };
  if (mails && mail.send === undefined && isProduction(config, environment))
    throw new ConfigError(["mail.send: is missing, and this command sends a mail; set SMTP_URL"]);
  return config.mail;
}

/** Who the operating system says that this is. A container may have no name for its user. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}

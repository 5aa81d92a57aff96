import type { CreateOptions, LinkOptions } from "../account-functions/accounts.js";
import type { AccountBase } from "../accounts/models.js";
import { AuthError } from "../errors.js";
import { sayAccount, sayList } from "./account-text.js";
import { CommandRefused } from "./failures.js";
import { type AccountOptions, type OpenedAccounts, withAccounts } from "./open-accounts.js";
import { readPassword } from "./read-password.js";

/** How an account gets its password: typed, piped in, or by its owner with a link. */
export interface PasswordOptions extends AccountOptions {
  readonly passwordStdin?: boolean;
  readonly mailLink?: boolean;
  readonly printLink?: boolean;
  readonly redirectUrl?: string;
}

export interface CreateAccountOptions extends PasswordOptions {
  readonly confirmed?: boolean;
  readonly ifAbsent?: boolean;
  readonly set: readonly string[];
}

export interface ListOptions extends AccountOptions {
  readonly search?: string;
  readonly limit: string;
  readonly after?: string;
}

/** What a command prints: a sentence, or with `--json` the value. */
export interface Outcome {
  readonly text: string;
  readonly value: object;
}

/** `keyturn accounts create`. With `--if-absent` an account that is there is left alone, its password too. */
export async function createAccount(email: string, options: CreateAccountOptions): Promise<void> {
  const link = linkOf(options);
  const mails = link === "mailed" || (link === undefined && options.confirmed !== true);
  await print(options, { mails, makes: true }, async (opened) => {
    const { accounts, model } = opened;
    if (link !== undefined) opened.refuseLink(options.redirectUrl);
    const existing = () => accounts.findByEmail(model, email);
    const there = options.ifAbsent ? await existing() : undefined;
    if (there) return kept(opened, there);
    const password = link === undefined ? { password: await readPassword(options) } : {};
    const values = { ...fieldsOf(options.set), email, ...password };
    const given: CreateOptions = {
      ...redirectOf(options),
      ...(options.confirmed ? { confirmed: true } : {}),
    };
    try {
      const account = await accounts.create(model, values, given);
      return await withLink(opened, account, link, options, "Created");
    } catch (error) {
      // Another one that was started at the same moment was faster.
      const made = options.ifAbsent && isTaken(error) ? await existing() : undefined;
      if (!made) throw error;
      return kept(opened, made);
    }
  });
}

/** `keyturn accounts set-password`. */
export async function setPassword(name: string, options: PasswordOptions): Promise<void> {
  const link = linkOf(options);
  await print(options, { mails: link !== "printed" }, async (opened) => {
    if (link !== undefined) opened.refuseLink(options.redirectUrl);
    const account = await opened.find(name);
    if (link !== undefined) return withLink(opened, account, link, options, "Made a link for");
    await opened.accounts.setPassword(opened.model, account, await readPassword(options));
    return said(opened, account, "Set the password, and ended the sessions, of");
  });
}

/** `keyturn accounts list`. */
export async function listAccounts({ search, limit, after, ...options }: ListOptions): Promise<void> {
  await print(options, { mails: false }, async ({ accounts, model }) => {
    const list = await accounts.list(model, {
      limit: Number(limit),
      ...(search === undefined ? {} : { search }),
      ...(after === undefined ? {} : { after }),
    });
    return { text: sayList(list), value: list };
  });
}

/** `keyturn accounts find`. */
export async function showAccount(name: string, options: AccountOptions): Promise<void> {
  await print(options, { mails: false }, async (opened) => {
    const account = await opened.find(name);
    const shown = { account, ...(await stateOf(opened, account)) };
    const rest = Object.entries(account).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`);
    return { text: [sayAccount(opened.model, shown), ...rest].join("\n"), value: shown };
  });
}

/** The commands that do one thing to an account, and what they say afterwards. */
const changes = {
  confirm: "Confirmed",
  disable: "Disabled, and ended the sessions and links of,",
  enable: "Enabled",
  unlock: "Unlocked",
} as const;

/** `keyturn accounts confirm`, `disable`, `enable` and `unlock`. */
export async function changeAccount(
  change: keyof typeof changes,
  name: string,
  options: AccountOptions,
): Promise<void> {
  await print(options, { mails: false }, async (opened) => {
    const account = await opened.find(name);
    await opened.accounts[change](opened.model, account);
    return said(opened, account, changes[change]);
  });
}

/** `keyturn accounts end-sessions`. */
export async function endSessions(name: string, options: AccountOptions): Promise<void> {
  await print(options, { mails: false }, async ({ accounts, model, find }) => {
    const account = await find(name);
    const ended = await accounts.endSessions(model, account);
    return { text: `Ended ${ended} ${ended === 1 ? "session" : "sessions"}.`, value: { ended } };
  });
}

export async function print(
  options: AccountOptions,
  needs: Parameters<typeof withAccounts>[1],
  run: (opened: OpenedAccounts) => Promise<Outcome>,
): Promise<void> {
  const { text, value } = await withAccounts(options, needs, run);
  console.log(options.json ? JSON.stringify(value, null, 2) : text);
}

async function stateOf({ accounts, model }: OpenedAccounts, account: AccountBase) {
  const state = await accounts.state(model, account);
  if (!state) throw new AuthError("account_not_found");
  return state;
}

async function said(
  opened: OpenedAccounts,
  account: AccountBase,
  verb: string,
  more: object = {},
): Promise<Outcome> {
  const shown = { account, ...(await stateOf(opened, account)) };
  return { text: `${verb} ${sayAccount(opened.model, shown)}.`, value: { ...shown, ...more } };
}

const kept = (opened: OpenedAccounts, account: AccountBase): Promise<Outcome> =>
  said(opened, account, "Nothing was changed: there is already", { created: false });

async function withLink(
  opened: OpenedAccounts,
  account: AccountBase,
  link: "mailed" | "printed" | undefined,
  options: PasswordOptions,
  verb: string,
): Promise<Outcome> {
  const { accounts, model } = opened;
  const to = redirectOf(options);
  if (link === "mailed") await accounts.mailPasswordLink(model, account, to);
  const url = link === "printed" ? await accounts.createPasswordLink(model, account, to) : undefined;
  const outcome = await said(opened, account, verb, verb === "Created" ? { created: true } : {});
  if (link === "mailed") return { ...outcome, text: `${outcome.text} The link to set a password is mailed.` };
  if (url === undefined) return outcome;
  const text = `${outcome.text}\nWhoever has this link sets the password:\n${url}`;
  return { text, value: { ...outcome.value, link: url } };
}

function linkOf({ passwordStdin, mailLink, printLink }: PasswordOptions): "mailed" | "printed" | undefined {
  if ([passwordStdin, mailLink, printLink].filter(Boolean).length > 1)
    throw new CommandRefused("Give one of --password-stdin, --mail-link and --print-link.");
  return mailLink ? "mailed" : printLink ? "printed" : undefined;
}

function redirectOf({ redirectUrl }: PasswordOptions): LinkOptions {
  return redirectUrl === undefined ? {} : { redirectUrl };
}

export function fieldsOf(given: readonly string[]): Record<string, string> {
  const pairs = given.map((pair) => {
    const at = pair.indexOf("=");
    if (at < 1) throw new CommandRefused("--set takes a field and its value: --set name=Ada");
    if (pair.startsWith("email="))
      throw new CommandRefused("The address is the argument, not a field of --set.");
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  return Object.fromEntries(pairs);
}

function isTaken(error: unknown): boolean {
  const problems = error instanceof AuthError && error.code === "invalid" ? [...error.problems] : [];
  return problems.length === 1 && problems[0]?.[0] === "email" && problems[0][1][0]?.code === "taken";
}

import type { Command } from "commander";
import {
  type CreateAccountOptions,
  changeAccount,
  createAccount,
  endSessions,
  type ListOptions,
  listAccounts,
  type PasswordOptions,
  setPassword,
  showAccount,
} from "./account-actions.js";
import { CommandRefused } from "./failures.js";
import { type InviteOptions, inviteAccount } from "./invite.js";
import type { AccountOptions } from "./open-accounts.js";

type AddOptions = (command: Command) => Command;

/** Adds `keyturn accounts …`. `configOptions`: the options of every command that reads a configuration. */
export function addAccountCommands(program: Command, configOptions: AddOptions): void {
  const group = program.command("accounts").description("make, find and change accounts");
  const command = (name: string, description: string): Command =>
    configOptions(group.command(name).description(description))
      .option("-m, --model <name>", "the kind of account; needed where the configuration has several")
      .option("--json", "print JSON");
  const about = (name: string, description: string): Command =>
    command(name, description).argument(
      "<account>",
      "its id, its e-mail address, or another of the model's authenticationKeys",
    );

  passwordOptions(command("create", "make an account").argument("<email>", "its e-mail address"))
    .option("--confirmed", "the address needs no confirmation, and gets no mail")
    .option("--if-absent", "succeed, and change nothing, if there is one with this address")
    .option("--set <field=value>", "a field; may be given several times", collect, [])
    .action((email: string, options: CreateAccountOptions) => createAccount(email, options));
  command("invite", 'mail an invitation to sign up (models with registration: "invitation")')
    .argument("[email]", "the address that it is for; with --print-link it may be for anybody")
    .option("--print-link", "mail nothing: print the link")
    .option("--expires-in <duration>", "how long it is good for: 1d; default: acceptInvitationWithin")
    .option("--redirect-url <url>", "the page that it leads to; default: defaultInvitationUrl")
    .option("--set <field=value>", "a field of the new account; may be given several times", collect, [])
    .action((email: string | undefined, options: InviteOptions) => inviteAccount(email, options));
  passwordOptions(
    about("set-password", "set a password, end all sessions, and tell the owner by mail"),
  ).action((name: string, options: PasswordOptions) => setPassword(name, options));
  command("list", "list accounts, page by page")
    .option("-s, --search <text>", "only those with this text in their address or a text field, in any case")
    .option("--limit <number>", "accounts on a page, 1 to 1000", "50")
    .option("--after <id>", "the last account of the page before")
    .action((options: ListOptions) => listAccounts(options));
  about("find", "show an account").action((name: string, options: AccountOptions) =>
    showAccount(name, options),
  );
  for (const [change, description] of [
    ["confirm", "confirm an address; the open link ends"],
    ["disable", "shut an account out: its sessions and links end (models with disableable: true)"],
    ["enable", "let a disabled account in again; nothing of before comes back"],
    ["unlock", "take away a lock (models with lockable: true)"],
  ] as const)
    about(change, description).action((name: string, options: AccountOptions) =>
      changeAccount(change, name, options),
    );
  about("end-sessions", "sign an account out everywhere").action((name: string, options: AccountOptions) =>
    endSessions(name, options),
  );
}

/** Throws a CommandRefused for a password among the arguments, before anything repeats it. */
export function refusePasswordArgument(args: readonly string[]): void {
  const refuse = (what: string): never => {
    throw new CommandRefused(
      `There is no ${what}: arguments end in the shell's history, in process lists and in logs. Leave it out to be asked, or pipe the password in with --password-stdin.`,
    );
  };
  if (args.some((one) => /^--password(=|$)/.test(one))) refuse("--password");
  const isSetting = (one: string, index: number): boolean =>
    /^--set=password(_?confirmation)?=/i.test(one) ||
    (args[index - 1] === "--set" && /^password(_?confirmation)?=/i.test(one));
  if (args.some(isSetting)) refuse("--set password=…");
}

function passwordOptions(command: Command): Command {
  return command
    .option("--password-stdin", "read the password from stdin, to its end, less one line end")
    .option("--mail-link", "no password: mail a link to set it")
    .option("--print-link", "no password: print a link to set it")
    .option("--redirect-url <url>", "where a link leads; default: defaultPasswordResetUrl");
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

import type { InvitationOptions } from "../account-functions/accounts.js";
import { fieldsOf, type Outcome, print } from "./account-actions.js";
import { CommandRefused } from "./failures.js";
import type { AccountOptions, OpenedAccounts } from "./open-accounts.js";

export interface InviteOptions extends AccountOptions {
  readonly printLink?: boolean;
  readonly expiresIn?: string;
  readonly redirectUrl?: string;
  readonly set: readonly string[];
}

/** `keyturn accounts invite`. */
export async function inviteAccount(email: string | undefined, options: InviteOptions): Promise<void> {
  await print(options, { mails: options.printLink !== true, makes: true }, (opened) =>
    invite(opened, email, options),
  );
}

async function invite(
  { accounts, model, refuseUninvited }: OpenedAccounts,
  email: string | undefined,
  { printLink, expiresIn, redirectUrl, set }: InviteOptions,
): Promise<Outcome> {
  refuseUninvited(redirectUrl);
  const given: InvitationOptions = {
    ...(expiresIn === undefined ? {} : { expiresIn }),
    ...(redirectUrl === undefined ? {} : { redirectUrl }),
  };
  if (!printLink) {
    if (email === undefined)
      throw new CommandRefused("Name the address to mail it to, or take --print-link.");
    const mailed = await accounts.mailInvitation(model, { ...fieldsOf(set), email }, given);
    return { text: `Invited ${email} to be a ${model}, until ${mailed.expiresAt}.`, value: mailed };
  }
  const values = { ...fieldsOf(set), ...(email === undefined ? {} : { email }) };
  const made = await accounts.createInvitation(model, values, given);
  const who = email === undefined ? "Whoever has this link" : `With this link ${email}`;
  return { text: `${who} can sign up as a ${model}, until ${made.expiresAt}:\n${made.link}`, value: made };
}

import type { Account, Model } from "../../accounts/models.js";
import { hashTicket, newTicketSecret } from "../../accounts/tickets.js";
import type { InvitationData } from "../invitation.js";
import { type LinkContents, linkMail } from "../link-mail.js";
import type { Services } from "../services.js";
import { invitationInstructions } from "./mails.js";

/** Who is invited, and how. */
export interface NewInvitation extends Omit<InvitationData, "model" | "isProof"> {
  /** Milliseconds. */
  readonly lifespan: number;
  /** The page that its link leads to; `undefined`: there is no link. */
  readonly redirectUrl: string | undefined;
}

export interface MadeInvitation {
  /** Names it, and is no secret. */
  readonly id: string;
  readonly token: string;
  readonly link: LinkContents | undefined;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

/** Stores an invitation. Only a hash of its token is kept. */
export async function createInvitation(
  services: Services,
  model: Model,
  { email, fields, lifespan, redirectUrl }: NewInvitation,
  isProof = false,
): Promise<MadeInvitation> {
  const secret = newTicketSecret();
  const id = hashTicket(secret);
  const data: InvitationData = { model: model.name, email, isProof, fields };
  await services.store.flows.put({ kind: "invitation", hash: id, data: JSON.stringify(data), lifespan });
  services.emit("invitation.created", { model: model.name });
  const link =
    redirectUrl === undefined
      ? undefined
      : linkMail({
          path: "/invitation",
          parameter: "invitation_token",
          secret,
          lifespan,
          redirectUrl,
          config: undefined,
        });
  return { id, token: secret, link, expiresAt: services.now() + lifespan };
}

/** Mails an invitation to the address that it is for. If the mail cannot be sent there is none. */
export async function mailInvitation(
  services: Services,
  model: Model,
  invitation: NewInvitation & { readonly email: string; readonly redirectUrl: string },
): Promise<MadeInvitation> {
  const made = await createInvitation(services, model, invitation, true);
  const { email, fields } = invitation;
  try {
    await services.mail(invitationInstructions, model, accountToBe(services, model, email, fields), {
      to: email,
      ...made.link,
    });
  } catch (error) {
    await services.store.flows.take("invitation", made.id);
    throw error;
  }
  return made;
}

// For the language of the mail, and templates of the app's own. Nobody has an id yet.
function accountToBe(
  { now }: Services,
  model: Model,
  email: string,
  fields: Readonly<Record<string, unknown>>,
): Account {
  const time = new Date(now()).toISOString();
  const empty = Object.fromEntries(model.fields.map(({ name }) => [name, null]));
  return {
    ...empty,
    ...fields,
    id: "",
    provider: "email",
    uid: email,
    email,
    created_at: time,
    updated_at: time,
  };
}

import { z } from "zod";
import type { Model } from "../accounts/models.js";
import { hashTicket } from "../accounts/tickets.js";
import { AuthError } from "../errors.js";
import { addressOf } from "../events.js";
import type { Caller } from "./caller.js";
import type { Services } from "./services.js";

/** What an invitation says of the account that it lets in. */
export interface InvitationData {
  readonly model: string;
  /** The address that it is for; `null`: any. */
  readonly email: string | null;
  /** Whether it was mailed to that address: then whoever has its token reads the mails there. */
  readonly isProof: boolean;
  /** Fields of the new account, set by whoever invites. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** An invitation that somebody shows. It is used up with the account that it lets in. */
export interface Invitation extends InvitationData {
  /** What is stored of its token. */
  readonly hash: string;
}

/** The parameter of a route that makes accounts, where they need an invitation. */
export function invitationInput({ registration }: Model): Record<string, z.ZodType> {
  return registration === "invitation" ? { invitation_token: z.string().optional() } : {};
}

/** What is stored of the token that a request shows. */
export function invitationOf(call: { text(name: string): string | undefined }): string | undefined {
  const token = call.text("invitation_token");
  return token === undefined ? undefined : hashTicket(token);
}

/** An invitation that nobody has used yet; `undefined`: it is unknown, another model's, was used, or has expired. */
export async function openInvitation(
  { store }: Services,
  model: Model,
  hash: string,
): Promise<Invitation | undefined> {
  const stored = await store.flows.find("invitation", hash);
  if (!stored || stored.usedAt !== null) return undefined;
  const data = JSON.parse(stored.data) as InvitationData;
  return data.model === model.name ? { ...data, hash } : undefined;
}

/** Whoever wants an account, as far as invitations are concerned. */
export interface Invited {
  readonly services: Services;
  readonly model: Model;
  readonly caller: Caller;
}

/**
 * The invitation that a sign-up needs; `undefined` where the model needs none. `hash`: of the token that was sent. Throws AuthError
 * `invitation_required` and `invitation_invalid`.
 */
export async function needInvitation(
  invited: Invited,
  hash: string | undefined,
): Promise<Invitation | undefined> {
  const { services, model } = invited;
  if (model.registration !== "invitation") return undefined;
  if (hash === undefined) throw new AuthError("invitation_required");
  const invitation = await openInvitation(services, model, hash);
  if (!invitation) throw refusedInvitation(invited);
  return invitation;
}

/** Throws AuthError `invitation_invalid` if the invitation names another address. */
export function checkInvited(
  invited: Invited,
  invitation: Invitation | undefined,
  email: string | null | undefined,
): void {
  const wanted = invitation?.email ?? null;
  if (wanted !== null && wanted !== email) throw refusedInvitation(invited);
}

/** One error for whatever is wrong with an invitation, reported. */
function refusedInvitation({ services, model, caller }: Invited): AuthError {
  services.emit("invitation.refused", { model: model.name, ...addressOf(caller) });
  return new AuthError("invitation_invalid");
}

import { hash } from "node:crypto";
import type { Store } from "../database/port.js";
import type { TicketKind } from "../database/ticket-port.js";
import { randomBytes } from "../engine/random.js";
import { AuthError } from "../errors.js";
import type { Account, Model } from "./models.js";

/** The secret of a one-time link, as it stands in the mail. 43 characters, 256 bits. Never stored, never logged. */
export type TicketSecret = string & { readonly TicketSecret: unique symbol };

/** What is stored of a ticket's secret: SHA-256, base64url. The secret has full entropy, so nothing slower is needed. */
export function hashTicket(secret: string): string {
  return hash("sha256", secret, "base64url");
}

/** A secret for a link that is not issued yet. */
export function newTicketSecret(): TicketSecret {
  return randomBytes(32).toString("base64url") as TicketSecret;
}

export interface TicketOptions {
  /** Milliseconds. */
  readonly lifespan: number;
  /** The new address of an e-mail change. */
  readonly email?: string;
  /** Of a new device: when its session was opened. */
  readonly since?: number;
  /** The session that asks. */
  readonly by?: string;
  /** Default: a new one. */
  readonly secret?: TicketSecret;
}

/**
 * Issues a one-time link for an account. The older ones of its kind still work: their mail may be on its way.
 * Throws AuthError `unauthenticated` if the session that asks has ended by now.
 */
export async function issueTicket(
  store: Store,
  model: Model,
  account: Account,
  kind: TicketKind,
  options: TicketOptions,
): Promise<TicketSecret> {
  const { lifespan, email = null, since, by, secret = newTicketSecret() } = options;
  const issued = await store.tickets.issue(model, {
    hash: hashTicket(secret),
    kind,
    accountId: String(account.id),
    email,
    lifespan,
    ...(since === undefined ? {} : { since }),
    ...(by === undefined ? {} : { by }),
  });
  if (!issued) throw new AuthError("unauthenticated");
  return secret;
}

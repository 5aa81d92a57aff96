import { hash } from "node:crypto";
import type { Account, Model } from "./models.js";
import { randomBytes } from "./random.js";
import type { Store, TicketKind } from "./store.js";

/** The secret of a one-time link, as it stands in the mail. 43 characters, 256 bits. Never stored, never logged. */
export type TicketSecret = string & { readonly TicketSecret: unique symbol };

/** What is stored of a ticket's secret: SHA-256, base64url. The secret has full entropy, so nothing slower is needed. */
export function hashTicket(secret: string): string {
  return hash("sha256", secret, "base64url");
}

/** Issues a one-time link for an account. The older ones of its kind are worth nothing from now on. */
export async function issueTicket(
  store: Store,
  model: Model,
  account: Account,
  kind: TicketKind,
  options: { readonly lifespan: number; readonly email?: string },
): Promise<TicketSecret> {
  const secret = randomBytes(32).toString("base64url") as TicketSecret;
  const { lifespan, email = null } = options;
  await store.tickets.issue(model, {
    hash: hashTicket(secret),
    kind,
    accountId: String(account.id),
    email,
    lifespan,
  });
  return secret;
}

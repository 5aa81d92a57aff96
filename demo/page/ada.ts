import type { Page } from "./page.js";
import { apiUrl, type Model } from "./server.js";

/** A ready account that this browser keeps for itself, so that nobody has to fill in a form to look around. */
interface ReadyAccount {
  readonly email: string;
  readonly password: string;
}

/** Whether an account can be made ready without a person: where nothing has to be confirmed, or the mails can be read. */
export function canTry({ description }: Page, model: Model): boolean {
  const isAsked = model.fields.some(
    ({ name, required, onSignUp }) => required && onSignUp && name !== "name",
  );
  return model.registration && !isAsked && (!model.confirmable || description.inbox);
}

/** Whose name the ready account of a model has. */
export function nameOfReady(page: Page, model: Model): string {
  return model === page.description.models[0] ? "Ada Lovelace" : "Grace Hopper";
}

/** Signs in with the ready account. The first time it registers, opens the mail and follows the link, as a person would. */
export async function signInAsReady(page: Page): Promise<void> {
  const { client, model } = page.seat.get();
  const kept = readyOf(model);
  if (kept) {
    try {
      await client.signIn(kept);
      return;
    } catch (error) {
      // The account is gone, or has another password by now: another one takes its place.
      if ((error as { readonly code?: unknown }).code !== "invalid_credentials") throw error;
    }
  }
  const name = nameOfReady(page, model);
  const first = name.split(" ")[0]?.toLowerCase() ?? "";
  const email = `${first}-${crypto.randomUUID().slice(0, 6)}@example.com`;
  const ready = { email, password: `${crypto.randomUUID()} ${first}` };
  const named = model.fields.some((field) => field.name === "name" && field.onSignUp) ? { name } : {};
  const { signedIn } = await client.register({ ...ready, ...named });
  if (!signedIn) {
    await confirm(email);
    await client.signIn(ready);
  }
  localStorage.setItem(keyOf(model), JSON.stringify(ready));
}

/** The password of the account, if it is the ready one of this browser. */
export function passwordOf(model: Model, email: string): string | undefined {
  const ready = readyOf(model);
  return ready?.email === email ? ready.password : undefined;
}

/** Reads the mail and follows its link. Where the link leads back to is of no interest here. */
async function confirm(email: string): Promise<void> {
  const response = await fetch(`${apiUrl}/inbox/messages?to=${encodeURIComponent(email)}`);
  const mails: readonly { readonly text: string }[] = await response.json();
  const link = /https?:\/\/\S+/.exec(mails[0]?.text ?? "")?.[0];
  if (link) await fetch(link, { redirect: "manual" });
}

function keyOf(model: Model): string {
  return `keyturn-demo:ready:${apiUrl}${model.mountAt}`;
}

function readyOf(model: Model): ReadyAccount | undefined {
  try {
    return JSON.parse(localStorage.getItem(keyOf(model)) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

import { hash } from "node:crypto";
import type { Model } from "../../accounts/models.js";
import type { ParamValues } from "../../accounts/overrides.js";
import type { ResolvedSettings } from "../../config/resolve.js";
import type { Store } from "../../database/port.js";
import { randomBytes } from "../../engine/random.js";
import { isCookieName } from "./flow-cookie.js";

export type WindowType = "newWindow" | "inAppBrowser" | "sameWindow";

/** A sign-in under way at a provider. What only the browser knows is not among it: a copy of the database finishes no sign-in. */
export interface FlowData {
  readonly provider: string;
  readonly model: string;
  /** Hash of the secret in this browser's cookie. */
  readonly secretHash: string;
  /** Where the result goes: on the allow-list. */
  readonly origin: string;
  readonly windowType: WindowType;
  readonly config: string | null;
  /** The model's own fields that the client sent, not checked yet. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** What the client sent of the parameters that the app permits for hooks of its own. */
  readonly params: ParamValues;
  /** S256 of the client's verifier, where the result is a one-time code. */
  readonly challenge: string | null;
  /** Hash of the token of the invitation that the client sent. */
  readonly invitation: string | null;
  /** The session that wants to add this identity to its account. */
  readonly link: string | null;
}

/** A flow that has begun: what the browser gets of it. */
export interface StartedFlow {
  /** Travels through the provider and back. */
  readonly state: string;
  readonly secret: string;
}

/** The random text, and with it everything else of a flow, has 256 bits. */
const secretBytes = 32;

/** Stores a new flow. */
export async function startFlow(
  { flows }: Store,
  data: Omit<FlowData, "secretHash">,
  lifespan: number,
): Promise<StartedFlow> {
  const [state, secret] = [newSecret(), newSecret()];
  const whole: FlowData = { ...data, secretHash: hashOf(secret) };
  await flows.put({ kind: "flow", hash: hashOf(state), data: JSON.stringify(whole), lifespan });
  return { state, secret };
}

/** A random text of 43 characters. */
export function newSecret(): string {
  return randomBytes(secretBytes).toString("base64url");
}

/** What the store keeps of a secret, and what makes two of them comparable. */
export function hashOf(secret: string): string {
  return hash("sha256", secret, "base64url");
}

/** The nonce of a flow: only the browser that began it has what it follows from. */
export function nonceOf(secret: string): string {
  return hashOf(`nonce ${secret}`);
}

/** The PKCE verifier of a flow (RFC 7636 §4.1), likewise. */
export function verifierOf(secret: string): string {
  return hashOf(`verifier ${secret}`);
}

/** The address that a provider sends browsers back to. Only from the configuration: the same at the start and at the exchange. */
export function callbackUrl(
  { fullHost, baseUrl, omniauthPrefix }: ResolvedSettings,
  provider: string,
): string {
  return `${fullHost ?? baseUrl}${omniauthPrefix}/${provider}/callback`;
}

/** Whether accounts of a model may sign in with a provider. */
export function offers({ omniauthable }: Model, { providers }: ResolvedSettings, name: string): boolean {
  if (!Object.hasOwn(providers, name)) return false;
  return typeof omniauthable === "boolean" ? omniauthable : omniauthable.includes(name);
}

/** The values of a request's flow cookies by their names. */
export function flowCookies(header: string | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const part of (header ?? "").split(";")) {
    const at = part.indexOf("=");
    const name = part.slice(0, at).trim();
    if (at > 0 && isCookieName(name)) found.set(name, part.slice(at + 1).trim());
  }
  return found;
}

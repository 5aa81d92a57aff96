import type { HeaderNames } from "../protocol.js";
import { deviceMarkHeader } from "../protocol.js";
import { namesOf, readCredentials } from "./credentials.js";
import { KeyturnError } from "./errors.js";
import type { Globals, WebStorage } from "./globals.js";
import type { Arrival, Client } from "./types.js";

/** What is used of a page. */
export interface CodePage extends Pick<Globals, "sessionStorage" | "history"> {
  readonly location?: { readonly href: string } | undefined;
  readonly crypto?: WebCrypto | undefined;
}

/** The part of Web Crypto that is used. A page that was not loaded securely has no `subtle`. */
interface WebCrypto {
  getRandomValues(bytes: Uint8Array<ArrayBuffer>): Uint8Array;
  readonly subtle?:
    | { digest(name: "SHA-256", data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> }
    | undefined;
}

export interface FinishOptions {
  /** The server's `headersNames`, where it changes them. */
  readonly headersNames?: Partial<HeaderNames> | undefined;
}

/** The secret of one sign-in (RFC 7636): the code that comes back is worth nothing without it. */
export interface Proof {
  readonly verifier: string;
  readonly challenge: Promise<string>;
}

/** A new proof; undefined where there is no Web Crypto. */
export function newProof({ crypto }: CodePage): Proof | undefined {
  if (!crypto?.subtle) return undefined;
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const hashed = crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return { verifier, challenge: hashed.then((bytes) => base64url(new Uint8Array(bytes))) };
}

const keyOf = ({ authUrl, config }: Pick<Client, "authUrl" | "config">): string =>
  `keyturn:verifier:${authUrl}:${config}`;

/** Does something with the page's sessionStorage, where it has one that may be used. */
function withStorage<T>(page: CodePage, work: (storage: WebStorage) => T): T | undefined {
  try {
    return page.sessionStorage && work(page.sessionStorage);
  } catch {
    return undefined;
  }
}

/** Keeps the verifier for the page that the provider leads back to. A window that is opened next takes a copy along. */
export function keepVerifier(page: CodePage, client: Client, verifier: string): void {
  withStorage(page, (storage) => storage.setItem(keyOf(client), verifier));
}

export function dropVerifier(page: CodePage, client: Client): void {
  withStorage(page, (storage) => storage.removeItem(keyOf(client)));
}

/** The one-time code in an address; undefined if it has none, or one that another of the page's clients has asked for. */
export function codeIn(url: string, { config }: Pick<Client, "config">): string | undefined {
  const params = new URLSearchParams(url.split(/[?#&]/).slice(1).join("&"));
  const code = params.get("omniauth_code");
  return code && (params.get("config") ?? config) === config ? code : undefined;
}

/**
 * Finishes a sign-in that came back to this page, in the same window or in one that lost its opener: takes the one-time code out of the
 * page's address and exchanges it. Call it once when the page starts. Returns undefined if the address brought nothing of a sign-in that
 * began in this tab. Throws KeyturnError `provider_refused` (`cause` is the server's code) or `network`.
 *
 * @example
 * const client = createClient({ apiUrl: "https://api.example.com" });
 * const arrival = await finishSignIn(client);
 * if (arrival?.kind === "signed-in" && arrival.registered) showWelcome();
 */
export async function finishSignIn(
  client: Client,
  options: FinishOptions = {},
): Promise<Arrival | undefined> {
  const page = globalThis as unknown as CodePage;
  const url = page.location?.href ?? "";
  const code = codeIn(url, client);
  const verifier = withStorage(page, (storage) => storage.getItem(keyOf(client)));
  // Somebody else's code, such as that of an identity that the app adds by itself.
  if (code === undefined || !verifier) return undefined;
  dropVerifier(page, client);
  const cleanUrl = url
    .replace(/([?#&])(omniauth_code|oauth_registration|config)=[^&#]*/g, "$1")
    .replace(/([?#&])&+/g, "$1")
    .replace(/[?&]+(?=#|$)|#$/g, "");
  page.history?.replaceState(page.history.state, "", cleanUrl);
  return redeem(client, code, verifier, options);
}

interface Redeemed {
  readonly code?: string;
  readonly data?: { readonly uid: string };
  readonly oauth_registration?: boolean;
}

/** Exchanges a code. Throws KeyturnError as `finishSignIn` does. */
export async function redeem(
  client: Client,
  code: string,
  verifier: string,
  { headersNames }: FinishOptions,
): Promise<Arrival | undefined> {
  const response = await client.fetch(`${client.authUrl}/omniauth_code`, {
    method: "POST",
    headers: { "content-type": "application/json", ...client.device },
    body: JSON.stringify({ omniauth_code: code, code_verifier: verifier }),
  });
  const body = (await response.json().catch(() => ({}))) as Redeemed;
  const received = readCredentials(response.headers, namesOf(headersNames));
  if (!response.ok || !received) throw new KeyturnError("provider_refused", { cause: body.code });
  const mark = response.headers.get(deviceMarkHeader);
  if (mark) client.device[deviceMarkHeader] = mark;
  const { token, client: client_id, expiry } = received;
  return client.handleUrl(
    linkOf({
      auth_token: token,
      client_id,
      expiry,
      uid: body.data?.uid,
      oauth_registration: body.oauth_registration,
    }),
  );
}

/** Credentials as the link that would have brought them: one way in for all of them. */
export function linkOf(given: Readonly<Record<string, unknown>>): string {
  const params = Object.entries(given).filter(([, value]) => value !== undefined);
  const text = params.map(([name, value]): [string, string] => [name, String(value)]);
  return `keyturn:popup?${new URLSearchParams([...text, ["blank", "true"]])}`;
}

function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

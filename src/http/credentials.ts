import type { Authentication, Credentials } from "../engine/authentication.js";
import { blankHeader, type HeaderNames } from "../protocol.js";

/** What of a request is needed to know who asks. Adapters make it without building a `Request`. */
export interface RequestHead {
  readonly method: string;
  /** Path with the query. */
  readonly url: string;
  /** Address of the peer, as the socket says. */
  readonly peer: string | undefined;
  /** Whether the connection was cut off before its address could be read. */
  readonly isPeerGone?: boolean;
  /** A header by its name in lower case. */
  header(name: string): string | undefined;
}

export interface CredentialSettings {
  readonly headersNames: HeaderNames;
  readonly cookieEnabled: boolean;
  readonly cookieName: string;
}

/** Where a token came from. A browser sends the cookie also when another site asks it to, and another site can write a parameter. */
export type CredentialSource = "header" | "param" | "cookie";

/** Credentials that a request showed. */
export interface ShownCredentials extends Credentials {
  readonly from: CredentialSource;
}

type Fields = Readonly<Record<string, unknown>>;

const longestAuthorization = 4096;
const none: Fields = {};

/**
 * Finds the credentials of a request: one whole set (token, client, uid) from one place, the first that has all three. The places
 * are the headers, the JSON in `Authorization: Bearer` (RFC 6750 §2.1), the parameters and the cookie. So a field of the app that
 * is called `client` is never mixed with a token from elsewhere. Returns `undefined` if no place has a whole set.
 */
export function readCredentials(
  head: RequestHead,
  param: ((name: string) => string | undefined) | undefined,
  settings: CredentialSettings,
): ShownCredentials | undefined {
  const names = settings.headersNames;
  const accessToken = text(head.header(names["access-token"]));
  const client = text(head.header(names.client));
  const uid = fromHeader(text(head.header(names.uid)));
  if (accessToken !== undefined && client !== undefined && uid !== undefined)
    return { accessToken, client, uid, from: "header" };
  const bearer = bearerValue(head.header(names.authorization));
  return (
    (bearer === undefined ? undefined : wholeSet(encodedFields(bearer), names, "header")) ??
    (param && wholeSet(param, names, "param")) ??
    (settings.cookieEnabled
      ? wholeSet(encodedFields(readCookie(head.header("cookie"), settings.cookieName)), names, "cookie")
      : undefined)
  );
}

function wholeSet(
  read: (name: string) => unknown,
  names: HeaderNames,
  from: CredentialSource,
): ShownCredentials | undefined {
  const accessToken = text(read(names["access-token"]));
  const client = text(read(names.client));
  const uid = text(read(names.uid));
  if (accessToken === undefined || client === undefined || uid === undefined) return undefined;
  return { accessToken, client, uid, from };
}

function encodedFields(value: string | undefined): (name: string) => unknown {
  const fields = decodeFields(value);
  return (name) => (Object.hasOwn(fields, name) ? fields[name] : undefined);
}

/** The headers by which a response hands credentials to the client: all of them, with or without a token. */
export function credentialHeaders(
  authentication: Authentication,
  names: HeaderNames,
): [name: string, value: string][] {
  const { token, session } = authentication;
  const uid = toHeader(authentication.account.uid);
  if (token === undefined) {
    return [
      [names["access-token"], blankHeader],
      [names["token-type"], "Bearer"],
      [names.client, session.client],
      [names.expiry, blankHeader],
      [names.uid, uid],
      ["cache-control", "no-store"],
    ];
  }
  return [
    [names["access-token"], token],
    [names["token-type"], "Bearer"],
    [names.client, session.client],
    [names.expiry, String(authentication.expiry)],
    [names.uid, uid],
    [names.authorization, `Bearer ${encodeFields(authentication, names)}`],
    ["cache-control", "no-store"],
  ];
}

/** The same as an object, as clients keep it: what `createNewAuthToken` and `buildAuthHeaders` return. */
export function credentialFields(authentication: Authentication, names: HeaderNames): Record<string, string> {
  return {
    [names["access-token"]]: authentication.token ?? blankHeader,
    [names["token-type"]]: "Bearer",
    [names.client]: authentication.session.client,
    [names.expiry]: String(authentication.expiry),
    [names.uid]: authentication.account.uid,
  };
}

/** The credentials as base64 of JSON: the value of `Authorization: Bearer` and of the cookie. */
export function encodeFields(authentication: Authentication, names: HeaderNames): string {
  const { "access-token": accessToken, "token-type": tokenType, client, expiry, uid } = names;
  // By hand, at half the price of JSON.stringify: names of headers, tokens and clients have no letter that JSON would escape.
  const json = `{"${accessToken}":"${authentication.token ?? blankHeader}","${tokenType}":"Bearer","${client}":"${authentication.session.client}","${expiry}":"${authentication.expiry}","${uid}":${JSON.stringify(authentication.account.uid)}}`;
  // btoa is three times as fast, and knows only letters of one byte.
  return ascii.test(json) ? btoa(json) : Buffer.from(json).toString("base64");
}

// Anything but such JSON is ignored: some clients send a raw token here beside good headers.
function decodeFields(value: string | undefined): Fields {
  if (value === undefined || value.length > longestAuthorization) return none;
  try {
    const fields: unknown = JSON.parse(Buffer.from(value, "base64").toString("utf8"));
    return typeof fields === "object" && fields !== null && !Array.isArray(fields)
      ? (fields as Fields)
      : none;
  } catch {
    return none;
  }
}

// Clients that keep the value as it came, and a library that puts the scheme in front of it once more, send it twice.
const bearer = /^(?:bearer +)+([A-Za-z0-9+/_=-]+) *$/i;

function bearerValue(header: string | undefined): string | undefined {
  return header === undefined ? undefined : bearer.exec(header)?.[1];
}

function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(";") ?? []) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

function text(value: unknown): string | undefined {
  // No database takes a zero byte in a text.
  return typeof value === "string" && value.trim() !== "" && !value.includes("\0") ? value : undefined;
}

const ascii = /^[\x20-\x7e]*$/;

// Header values are bytes (RFC 9110 §5.5): an address with other letters travels as UTF-8.
function toHeader(value: string): string {
  return ascii.test(value) ? value : Buffer.from(value).toString("latin1");
}

function fromHeader(value: string | undefined): string | undefined {
  return value === undefined || ascii.test(value) ? value : Buffer.from(value, "latin1").toString("utf8");
}

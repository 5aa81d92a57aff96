import { createPrivateKey, type KeyObject } from "node:crypto";
import { decodeJwt, SignJWT } from "jose";
import { fromOptions, type Provider, type ProviderOptions } from "./provider.js";
import { isTrue, objectOf, textOf } from "./values.js";

export interface AppleOptions extends Omit<ProviderOptions, "clientSecret"> {
  /** Id of your team, 10 characters. */
  readonly teamId?: string;
  /** Id of the key, 10 characters. */
  readonly keyId?: string;
  /** What the `.p8` file holds. Line breaks may be written as `\n`. */
  readonly privateKey?: string;
  /** In place of the three: a secret that is signed already. It ends within six months, which the log warns of. */
  readonly clientSecret?: string;
}

const audience = "https://appleid.apple.com";
/** Seconds that a signed secret is good for: one request. */
const secretLife = 300;
const warnBefore = 30 * 24 * 3600;

/**
 * Sign in with Apple. Keys: https://developer.apple.com/account/resources. `clientId` is the Services ID.
 *
 * Sources: Auth.js' and better-auth's Apple providers; supabase/auth for the issuer, which the metadata called account.apple.com in June
 * 2025 while tokens still said appleid.apple.com (nextauthjs/next-auth#13050): the first spelling stays the key. Apple answers by a form
 * that its page posts, takes only https and no localhost, and tells the name once, in an unsigned field of that form. The secret is a
 * JWT of at most six months (ES256 with the team's key): here each request has its own.
 */
export function apple(options: AppleOptions = {}): Provider {
  const { teamId, keyId, privateKey, clientSecret } = options;
  const key = privateKey === undefined ? undefined : readKey(privateKey);
  const problems = clientSecret === undefined ? keyProblems(options, key) : [];
  const signed = key instanceof Error || key === undefined ? undefined : key;
  return {
    ...fromOptions(options, ["name", "email"], { response_mode: "form_post" }),
    problems,
    label: "Apple",
    ...(signed && clientSecret === undefined
      ? { signSecret: (clientId, now) => signSecret(signed, teamId ?? "", keyId ?? "", clientId, now) }
      : {}),
    ...(clientSecret === undefined ? {} : { warnings: (now) => secretWarnings(clientSecret, now) }),
    issuer: "https://appleid.apple.com",
    acceptedIssuers: ["https://appleid.apple.com", "https://account.apple.com"],
    endpoints: {
      authorization: "https://appleid.apple.com/auth/authorize",
      token: "https://appleid.apple.com/auth/token",
      keys: "https://appleid.apple.com/auth/keys",
    },
    profileRequests: [],
    formPost: true,
    clientAuthentication: "post",
    pkce: "sent",
    idToken: "with nonce",
    hashesNonce: true,
    algorithms: ["RS256", "ES256"],
    denials: ["user_cancelled_authorize"],
    profile: ({ claims, callback }) => ({
      subject: textOf(claims["sub"]),
      email: textOf(claims["email"]),
      emailVerified: isTrue(claims["email_verified"]),
      name: nameIn(callback["user"]),
      nickname: null,
      image: null,
    }),
  };
}

/** A secret for one request (https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret). */
function signSecret(
  key: KeyObject,
  teamId: string,
  keyId: string,
  clientId: string,
  now: number,
): Promise<string> {
  const seconds = Math.floor(now / 1000);
  return new SignJWT({})
    .setProtectedHeader({ alg: "ES256", kid: keyId })
    .setIssuer(teamId)
    .setSubject(clientId)
    .setAudience(audience)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + secretLife)
    .sign(key);
}

// The name costs nothing but itself when it is broken; the address in this field is nobody's proof and is not read.
function nameIn(field: string | undefined): string | null {
  try {
    const name = objectOf(objectOf(JSON.parse(field ?? "{}"))["name"]);
    const parts = [textOf(name["firstName"]), textOf(name["lastName"])].filter((part) => part !== null);
    return parts.length > 0 ? parts.join(" ") : null;
  } catch {
    return null;
  }
}

function readKey(pem: string): KeyObject | Error {
  try {
    return createPrivateKey(pem.replaceAll("\\n", "\n"));
  } catch (error) {
    return new Error("unreadable", { cause: error });
  }
}

function keyProblems({ teamId, keyId }: AppleOptions, key: KeyObject | Error | undefined): readonly string[] {
  const isId = (id: string | undefined): boolean => /^[A-Z0-9]{10}$/.test(id ?? "");
  const problems: string[] = [];
  if (!isId(teamId)) problems.push("teamId must be the 10 characters of your team's id");
  if (!isId(keyId)) problems.push("keyId must be the 10 characters of the key's id");
  if (key === undefined) problems.push("privateKey is missing: it is what the .p8 file holds");
  else if (key instanceof Error)
    problems.push(
      "privateKey cannot be read: it must be what the .p8 file holds, with its first and last line",
    );
  else if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
    problems.push("privateKey must be an EC key of the curve P-256, as Apple's .p8 files are");
  return problems;
}

function secretWarnings(secret: string, now: number): readonly string[] {
  const ends = expiryOf(secret);
  if (ends === undefined) return ["clientSecret is no JWT that Apple could accept"];
  const day = new Date(ends * 1000).toISOString().slice(0, 10);
  if (ends * 1000 <= now) return [`clientSecret expired on ${day}: every sign-in with Apple fails`];
  if (ends - now / 1000 > warnBefore) return [];
  return [`clientSecret expires on ${day}; with teamId, keyId and privateKey it would never`];
}

function expiryOf(secret: string): number | undefined {
  try {
    return decodeJwt(secret).exp;
  } catch {
    return undefined;
  }
}

import { createHash } from "node:crypto";
import { decodeProtectedHeader, type JWTPayload, jwtVerify } from "jose";
import { AuthError } from "../../errors.js";
import { innerError, type ServerFacts } from "./connection.js";
import type { Provider } from "./providers/provider.js";

export interface IdTokenChecks {
  /** The only values that `aud` may have. */
  readonly audiences: readonly string[];
  /** What `nonce` has to be; `undefined`: the provider repeats none. */
  readonly nonce: string | undefined;
  /** Whether a native app sent it: then no shared secret may have signed it. */
  readonly isNative: boolean;
  /** Whether a native app asked for it, whose nonce the provider may have hashed. */
  readonly mayHashNonce?: boolean;
}

/** Seconds that two clocks may differ. */
const clockTolerance = 60;

/**
 * Verifies an ID token (OpenID Connect Core 1.0 §3.1.3.7): signature, algorithm, issuer, audience, times and nonce. The algorithms are
 * those of the provider's data, never what the token's header asks for. Throws AuthError `identity_unproven`, and
 * `provider_unavailable` when the keys could not be had.
 */
export async function verifyIdToken(
  provider: Provider,
  facts: ServerFacts,
  token: string,
  checks: IdTokenChecks,
): Promise<JWTPayload> {
  const refuse = (cause: unknown): AuthError =>
    new AuthError("identity_unproven", { subject: provider.label, cause });
  let claims: JWTPayload;
  try {
    claims = (await verifySignature(provider, facts, token, checks)).payload;
  } catch (error) {
    const inner = innerError(error);
    throw inner instanceof AuthError ? inner : refuse(inner);
  }
  const { iss = "" } = claims;
  const isIssuer = provider.isIssuer?.(iss, claims) ?? provider.acceptedIssuers.includes(iss);
  if (!isIssuer) throw refuse(new Error("iss is not the provider's"));
  const authorized = claims["azp"];
  if (Array.isArray(claims.aud) && claims.aud.length > 1 && authorized === undefined)
    throw refuse(new Error("aud has several values, and azp is missing"));
  if (authorized !== undefined && !checks.audiences.includes(String(authorized)))
    throw refuse(new Error("azp is another app"));
  if (checks.nonce !== undefined && !isNonce(claims["nonce"], checks.nonce, checks.mayHashNonce))
    throw refuse(new Error("nonce is not the one of this sign-in"));
  return claims;
}

function verifySignature(
  { algorithms, clientSecret = "" }: Provider,
  { keys }: ServerFacts,
  token: string,
  { audiences, isNative }: IdTokenChecks,
) {
  const allowed = isNative ? algorithms.filter((one) => !one.startsWith("HS")) : algorithms;
  const { alg = "none" } = decodeProtectedHeader(token);
  if (!allowed.includes(alg)) throw new Error("alg is not one of the provider's");
  const options = {
    algorithms: [alg],
    audience: [...audiences],
    clockTolerance,
    requiredClaims: ["iss", "sub", "aud", "exp", "iat"],
  };
  if (alg.startsWith("HS")) return jwtVerify(token, new TextEncoder().encode(clientSecret), options);
  if (!keys) throw new Error("The provider has no keys");
  return jwtVerify(token, keys, options);
}

function isNonce(given: unknown, nonce: string, mayBeHashed: boolean | undefined): boolean {
  if (given === nonce) return true;
  return mayBeHashed === true && given === createHash("sha256").update(nonce).digest("hex");
}

import type { NewIdentity } from "../../database/identity-port.js";
import { AuthError } from "../../errors.js";
import type { Services } from "../services.js";
import { hashOf, newSecret } from "./flow.js";

/** The result of a sign-in that the client fetches by POST: nothing that opens the account stands in an address. */
export interface CodeData {
  readonly model: string;
  /** S256 of the client's verifier: the code alone is worth nothing (RFC 7636). */
  readonly challenge: string;
  readonly config: string | null;
  readonly result:
    | {
        readonly kind: "account";
        readonly accountId: string;
        readonly identityId: string;
        readonly isNew: boolean;
      }
    /** An identity that the session of this name wants to add. */
    | { readonly kind: "identity"; readonly client: string; readonly identity: NewIdentity };
}

/** How long a code is good for. */
const codeLifespan = 60_000;

export async function issueCode({ store }: Services, data: CodeData): Promise<string> {
  const code = newSecret();
  await store.flows.put({
    kind: "code",
    hash: hashOf(code),
    data: JSON.stringify(data),
    lifespan: codeLifespan,
  });
  return code;
}

/** Redeems a code, once, also when the verifier is wrong. Throws AuthError `omniauth_code_invalid`. */
export async function redeemCode<Kind extends CodeData["result"]["kind"]>(
  { store }: Services,
  model: string,
  kind: Kind,
  code: string | undefined,
  verifier: string | undefined,
): Promise<CodeData & { readonly result: Extract<CodeData["result"], { kind: Kind }> }> {
  const taken = code === undefined ? undefined : await store.flows.take("code", hashOf(code));
  const data = taken && (JSON.parse(taken.data) as CodeData);
  const isOurs =
    data?.model === model && data.result.kind === kind && hashOf(verifier ?? "") === data.challenge;
  if (!data || !isOurs) throw new AuthError("omniauth_code_invalid");
  return data as CodeData & { readonly result: Extract<CodeData["result"], { kind: Kind }> };
}

/** Whether a text can be the S256 challenge of a verifier. */
export function isChallenge(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9_-]{43}$/.test(text);
}

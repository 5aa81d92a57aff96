import { parseUrl } from "../parse-url.js";
import type { BotCheck, BotCheckRequest, BotVerdict } from "./bot-check.js";
import { askSiteVerify, type SiteVerifyAnswer } from "./site-verify.js";

/** What a service's options have in common. */
export interface TokenCheckOptions {
  /** The secret of your site. Default: a variable that the check names. */
  readonly secretKey?: string | undefined;
  /** The hosts that a token may be from. Default: those that the service itself allows. */
  readonly hostnames?: readonly string[];
  /** A header that may carry the token in place of the parameter. */
  readonly header?: string;
  /** Where the service is. */
  readonly endpoint?: string;
  /** How long to wait for it, milliseconds. Default 3000. */
  readonly timeout?: number;
}

/** A service that gives tokens to pages and tells a server whether one is good. */
export interface TokenService {
  /** What people call it. */
  readonly label: string;
  readonly endpoint: string;
  readonly secretVariable: string;
  /** The parameter that its widget puts into a form. */
  readonly parameter: string;
  /** Characters that a token of it has at most. */
  readonly longestToken: number;
  /** Whether it gives the same answer to the same question with the same key: then one that got no answer is asked again. */
  readonly takesIdempotencyKey: boolean;
}

/** More for one request than the answer itself says: `undefined`, or why the token is not good for it. */
export type MoreChecks = (answer: SiteVerifyAnswer, request: BotCheckRequest) => string | undefined;

/** Milliseconds that one question may take: there may be two, and a person waits. */
const longestTimeout = 3500;

/** Our own mistake, or the service's. A token must never cause one of these: whoever could, would do away with the check. */
const notTheCallers: ReadonlySet<string> = new Set([
  "missing-input-secret",
  "invalid-input-secret",
  "internal-error",
]);

/** A bot check that asks a service. Throws a TypeError for options that are mistaken. */
export function tokenCheck(service: TokenService, options: TokenCheckOptions, more: MoreChecks): BotCheck {
  const { label, secretVariable, parameter, longestToken, takesIdempotencyKey } = service;
  const { endpoint = service.endpoint, timeout = 3000, hostnames, header } = options;
  if (!parseUrl(endpoint)) throw new TypeError('"endpoint" must be an absolute URL');
  if (!(timeout > 0 && timeout <= longestTimeout))
    throw new TypeError(`"timeout" must be from 1 to ${longestTimeout} milliseconds`);
  const secret = options.secretKey ?? process.env[secretVariable] ?? "";
  const tokenOf = (request: BotCheckRequest): string | undefined => {
    const given = request.parameter(parameter) ?? (header === undefined ? undefined : request.header(header));
    // What can be no token is none, and nobody is asked.
    return given === undefined || given === "" || given.length > longestToken ? undefined : given;
  };
  const ask = async (fields: Readonly<Record<string, string>>): Promise<SiteVerifyAnswer> => {
    try {
      return await askSiteVerify({ endpoint, timeout, fields });
    } catch (error) {
      if (!takesIdempotencyKey) throw error;
      return askSiteVerify({ endpoint, timeout, fields });
    }
  };
  const check = async (request: BotCheckRequest): Promise<BotVerdict> => {
    const token = tokenOf(request);
    if (token === undefined) return "missing";
    const { address } = request;
    const fields = {
      secret,
      response: token,
      ...(address === null ? {} : { remoteip: address }),
      ...(takesIdempotencyKey ? { idempotency_key: crypto.randomUUID() } : {}),
    };
    const answer = await ask(fields).catch((cause: unknown) => {
      throw new Error(`${label} could not be asked`, { cause });
    });
    const codes = answer.errorCodes.join(", ");
    if (!answer.success && answer.errorCodes.some((code) => notTheCallers.has(code))) {
      const where = codes.includes("secret") ? `: look at secretKey, or at ${secretVariable}` : "";
      throw new Error(`${label} refuses the question itself (${codes})${where}`);
    }
    if (!answer.success) return { failed: codes === "" ? "failed" : codes };
    if (hostnames && !hostnames.includes(answer.hostname ?? "")) return { failed: "hostname-mismatch" };
    const why = more(answer, request);
    return why === undefined ? "passed" : { failed: why };
  };
  return Object.assign(check, {
    parameters: [parameter],
    missingSecret: secret === "" ? secretVariable : undefined,
  });
}

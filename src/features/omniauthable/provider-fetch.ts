import { AuthError } from "../../errors.js";
import type { Provider } from "./providers/provider.js";

/** Bytes that a provider's response may have. Profiles have some thousand. */
const largestResponse = 512 * 1024;

/** Limits of the requests to one provider within one sign-in. */
export interface RequestLimits {
  /** Milliseconds for one request. */
  readonly request: number;
  /** Ends all of them. */
  readonly signal: AbortSignal;
}

export type ProviderFetch = (url: string, init?: RequestInit) => Promise<Response>;

/**
 * Requests to a provider: bounded in time and size, without redirects. Throws AuthError `provider_unavailable` for a provider that cannot
 * be reached, takes too long, responds with an error of its own, with too much, or with a redirect. Its body goes nowhere.
 */
export function providerFetch({ label }: Provider, limits: RequestLimits): ProviderFetch {
  const unavailable = (cause: unknown): AuthError =>
    new AuthError("provider_unavailable", { subject: label, cause });
  return async (url, init = {}) => {
    try {
      const signals = [limits.signal, AbortSignal.timeout(limits.request)];
      if (init.signal) signals.push(init.signal);
      const response = await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.any(signals) });
      const { host } = new URL(url);
      if (response.status >= 300 && response.status < 400)
        throw new Error(`${host} answered with a redirect`);
      if (response.status >= 500 || response.status === 429)
        throw new Error(`${host} answered with ${response.status}`);
      const body = await readAll(response, host);
      return new Response(body.length === 0 ? null : body, {
        status: response.status,
        headers: response.headers,
      });
    } catch (error) {
      throw error instanceof AuthError ? error : unavailable(withoutSecrets(error));
    }
  };
}

async function readAll(response: Response, host: string): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > largestResponse) throw new Error(`${host} sent more than ${largestResponse} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

// fetch's own errors may hold the address with what is in it.
function withoutSecrets(error: unknown): Error {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  if (error instanceof Error && error.name === "TimeoutError") return new Error("The provider took too long");
  if (error instanceof Error && error.name === "AbortError") return new Error("The provider took too long");
  return cause instanceof TypeError || code !== ""
    ? new Error(`The provider could not be reached${code}`)
    : (cause as Error);
}

const numberOrText = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Reads JSON in which whole numbers past 2^53 become text: as numbers they would lose their last digits, and two people become one. */
export function parseLossless(text: string): unknown {
  const quoted = text.replace(numberOrText, (part) =>
    /^-?\d{16,}$/.test(part) && !Number.isSafeInteger(Number(part)) ? `"${part}"` : part,
  );
  return JSON.parse(quoted);
}

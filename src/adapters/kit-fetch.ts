import type { HeaderBag } from "./kit-headers.js";
import type { GuardResponse } from "./kit-refusal.js";
import type { ResponseHead } from "./kit-response-head.js";

/** The headers of a Response of the Fetch standard. Throws a TypeError where they cannot be changed, as those that `fetch` returns. */
export class FetchHeaders implements HeaderBag {
  readonly #headers: Headers;

  constructor(headers: Headers) {
    this.#headers = headers;
  }

  get(name: string): string | undefined {
    return this.#headers.get(name) ?? undefined;
  }

  set(name: string, value: string): void {
    this.#headers.set(name, value);
  }

  remove(name: string): void {
    this.#headers.delete(name);
  }

  cookies(): readonly string[] {
    return this.#headers.getSetCookie();
  }

  setCookies(values: readonly string[]): void {
    this.#headers.delete("set-cookie");
    for (const value of values) this.#headers.append("set-cookie", value);
  }
}

/** What a guard responds, as a Response. */
export function toResponse({ status, headers, body }: GuardResponse): Response {
  return new Response(body ?? null, { status, headers });
}

/** The response with what Keyturn adds to it. A copy where its headers cannot be changed, as those of one that came from `fetch`. */
export function withHead(response: Response, head: ResponseHead): Response {
  try {
    head.applyTo(new FetchHeaders(response.headers));
    return response;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const copy = new Response(response.body, response);
    head.applyTo(new FetchHeaders(copy.headers));
    return copy;
  }
}

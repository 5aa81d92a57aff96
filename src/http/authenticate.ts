import type { Model } from "../accounts/models.js";
import type { Turn } from "../engine/sessions.js";
import type { OpenRequest, SlowRequests } from "../engine/slow-requests.js";
import { AuthError } from "../errors.js";
import { answerHeaders } from "./credential-headers.js";
import { type RequestHead, readCredentials } from "./credentials.js";
import type { House } from "./runtime.js";

/** The outcome for one of the app's own routes. */
export type Protection = Admitted | Refused;

export interface Admitted {
  readonly turn: Turn;
  /** For the time until the answer's headers are out: `slow.end(open)` has to be called then. */
  readonly open: OpenRequest;
  readonly slow: SlowRequests;
  /** What the answer has to carry, whatever it is. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface Refused {
  readonly turn: undefined;
  readonly status: number;
  /** JSON. */
  readonly body: string;
}

const unauthenticated: Refused = {
  turn: undefined,
  status: 401,
  body: JSON.stringify({ errors: [new AuthError("unauthenticated").message] }),
};

/** Finds out who asks for one of the app's own routes. Never rejects. Builds no `Request` and no `URL`: this is the hot path. */
export async function protect(
  house: House,
  models: readonly Model[],
  head: RequestHead,
): Promise<Protection> {
  const { settings } = house;
  try {
    const query = needsQuery(head.url, settings.acceptTokensInQuery)
      ? new URLSearchParams(head.url.slice(head.url.indexOf("?")))
      : undefined;
    const param =
      query && settings.acceptTokensInQuery ? (name: string) => query.get(name) ?? undefined : undefined;
    const shown = readCredentials(head, param, settings);
    if (!shown) return unauthenticated;
    const address = house.addressOf(head);
    if (shown.from === "cookie" && house.origins.isForged(head)) {
      house.domain.emit("request.cross_site", address === null ? {} : { address });
      return refused(new AuthError("cross_site_refused"));
    }
    const unbatch = query?.get("unbatch") === "true";
    const turn = await house.domain.sessions.admit(models, shown, { address, unbatch });
    if (!turn) return unauthenticated;
    const headers = answerHeaders(turn, shown.from, settings);
    return { turn, headers, open: house.slow.begin(turn), slow: house.slow };
  } catch (error) {
    settings.logger.error({ err: error }, "A request could not be authenticated");
    return refused(new AuthError("unavailable", { cause: error }));
  }
}

function needsQuery(url: string, acceptTokens: boolean): boolean {
  const at = url.indexOf("?");
  return at >= 0 && (acceptTokens || url.includes("unbatch=true", at));
}

/** The refusal for an error. */
export function refused(error: AuthError): Refused {
  return { turn: undefined, status: error.status, body: JSON.stringify({ errors: [error.message] }) };
}

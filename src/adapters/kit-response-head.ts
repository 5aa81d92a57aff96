import type { Model } from "../accounts/models.js";
import { AuthError } from "../errors.js";
import { type Accepted, type AuthenticationOutcome, rejected } from "../http/authenticate.js";
import type { RequestHead } from "../http/credentials.js";
import type { Origins } from "../http/origins.js";
import { internals, type WithInternals } from "../internals.js";
import { addCredentials, type HeaderBag, mergeHeaders, removeCredentials } from "./kit-headers.js";

/** What guards need of an Auth. */
export type Guarding = WithInternals<"origins" | "registry" | "settings" | "authenticate" | "languages">;

/** What one guard of a request found out. */
interface Finding {
  readonly auth: Guarding;
  /** The models it looked among. */
  readonly models: readonly Model[];
  readonly outcome: AuthenticationOutcome;
}

/**
 * What Keyturn adds to one response, however many of its guards the request passes. Adapters apply it when the headers go out:
 * until then other middleware may set, replace and clear headers in any order.
 */
export class ResponseHead {
  #findings: Finding[] = [];
  #isClosed = false;
  #cors: { readonly origins: Origins; readonly origin: string | undefined } | undefined;

  /** Front ends of this origin may read the response, if the origin is an allowed one. */
  allow(origins: Origins, origin: string | undefined): void {
    this.#cors = { origins, origin };
  }

  /**
   * Finds out who asks, once for each response: a second guard builds on what the first one found, whatever its audience. From then
   * on the response carries the next credentials, also if the second guard refuses, and front ends of allowed origins may read it.
   */
  async authenticate(auth: Guarding, audience: string, request: RequestHead): Promise<AuthenticationOutcome> {
    const origin = request.header("origin");
    const { origins, registry, authenticate } = auth[internals];
    if (origin !== undefined && origins.isEnabled) this.allow(origins, origin);
    const models = registry.audience(audience);
    for (const { auth: asked, models: tried, outcome } of this.#findings) {
      if (asked !== auth) continue;
      if (outcome.authentication)
        return models.includes(outcome.authentication.model)
          ? outcome
          : rejected(new AuthError("unauthenticated"), auth[internals], models, request);
      if (models.every((model) => tried.includes(model))) return outcome;
    }
    const outcome = await authenticate(audience, request);
    this.#findings.push({ auth, models, outcome });
    // Nobody waits any more, and nobody would tell when the handler is done.
    if (this.#isClosed) this.close();
    return outcome;
  }

  /** An auth route takes over: its own response says which credentials there are. */
  forget(auth: Guarding, bag: HeaderBag): void {
    for (const { slow, pending, headers } of this.#accepted(auth)) {
      slow.end(pending);
      removeCredentials(bag, headers);
    }
    this.#findings = this.#findings.filter((finding) => finding.auth !== auth);
  }

  /** The headers go out, or are final as far as we know. May be called again: a later middleware may have changed them. */
  applyTo(bag: HeaderBag): void {
    if (this.#cors) mergeHeaders(bag, this.#cors.origins.headers(this.#cors.origin));
    for (const accepted of this.#accepted()) {
      // A token that has become stale does not go out. The response does.
      if (accepted.slow.release(accepted.pending)) addCredentials(bag, accepted.headers);
      else removeCredentials(bag, accepted.headers);
    }
  }

  /** The client is gone, or has been sent everything. May be called before a guard knows who asks. */
  close(): void {
    this.#isClosed = true;
    for (const { slow, pending } of this.#accepted()) slow.end(pending);
  }

  #accepted(auth?: Guarding): readonly Accepted[] {
    return this.#findings.flatMap(({ auth: asked, outcome }) =>
      outcome.authentication && (auth === undefined || asked === auth) ? [outcome] : [],
    );
  }
}

import { AuthError } from "../errors.js";
import { internals } from "../internals.js";
import { routelessError } from "./kit-failure.js";
import { withHead } from "./kit-fetch.js";
import type { Guarding, ResponseHead } from "./kit-response-head.js";

/**
 * Runs a route handler and puts the credentials into its response, where Node's own response is not known. What the handler throws would
 * leave without them, so it becomes the response that Next would make of it. Next's other signals, such as that of a page
 * that cannot be rendered ahead, are not about this response and go on.
 */
export async function outcomeOf(
  auth: Guarding,
  head: ResponseHead,
  request: Request,
  run: () => Response | Promise<Response>,
): Promise<Response> {
  const end = (): void => head.close();
  request.signal.addEventListener("abort", end, { once: true });
  try {
    return withHead(await run(), head);
  } catch (error) {
    return withHead(responseTo(auth, error), head);
  } finally {
    request.signal.removeEventListener("abort", end);
    head.close();
  }
}

function responseTo(auth: Guarding, error: unknown): Response {
  const digest = digestOf(error);
  if (digest === undefined) {
    auth[internals].settings.logger.error({ err: error }, "A route handler failed");
    return routelessError(auth, new AuthError("internal", { cause: error }));
  }
  const response = redirectOf(digest) ?? fallbackOf(digest);
  if (response) return response;
  throw error;
}

/** What the errors of Next's own functions have in place of a class. */
function digestOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("digest" in error)) return undefined;
  return typeof error.digest === "string" ? error.digest : undefined;
}

/** `redirect("/a;b")` throws `NEXT_REDIRECT;replace;/a;b;307;`; in a form's submission it is a push, and a 303. */
function redirectOf(digest: string): Response | undefined {
  const [, kind, location, status] = /^NEXT_REDIRECT;(replace|push);(.*);(30[378]);$/s.exec(digest) ?? [];
  if (location === undefined) return undefined;
  const isSubmission = kind === "push" && status === "307";
  return new Response(null, { status: isSubmission ? 303 : Number(status), headers: { location } });
}

/** `notFound()`, `forbidden()` and `unauthorized()`. */
function fallbackOf(digest: string): Response | undefined {
  const [, status] = /^NEXT_HTTP_ERROR_FALLBACK;(40[134])$/.exec(digest) ?? [];
  return status === undefined ? undefined : new Response(null, { status: Number(status) });
}

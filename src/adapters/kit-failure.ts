import { AuthError, ConfigError } from "../errors.js";
import type { Origins } from "../http/origins.js";
import { errorResponse, json } from "../http/respond.js";
import type { Logger } from "../logger.js";
import { en } from "../texts/en.js";

interface Failing {
  readonly origins: Origins;
  readonly settings: { readonly logger: Logger; readonly production: boolean };
}

/**
 * The response of an auth route that could not respond by itself: the client is told that it failed, the log says why. A mistake in
 * how the app mounts Keyturn is told to the client too, outside production.
 */
export function failureResponse(auth: Failing, error: unknown, origin: string | undefined): Response {
  auth.settings.logger.error({ err: error }, "An auth route could not respond");
  const response =
    error instanceof ConfigError && !auth.settings.production
      ? json(500, { success: false, errors: error.problems, code: "internal" })
      : errorResponse(new AuthError("internal", { cause: error }), en);
  for (const [name, value] of auth.origins.headers(origin)) response.headers.append(name, value);
  return response;
}

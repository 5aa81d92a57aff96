import { AuthError, ConfigError } from "../errors.js";
import { errorResponse, json } from "../http/respond.js";
import { internals, type WithInternals } from "../internals.js";

/**
 * The response of an auth route that could not respond by itself: the client is told that it failed, the log says why. A mistake in
 * how the app mounts Keyturn is told to the client too, outside production.
 */
export function failureResponse(
  auth: WithInternals<"origins" | "settings" | "languages">,
  error: unknown,
  origin: string | undefined,
): Response {
  const { settings, origins, languages } = auth[internals];
  settings.logger.error({ err: error }, "An auth route could not respond");
  // In the default language for everybody: nothing varies.
  const language = languages.ofJson(languages.byDefault);
  const response =
    error instanceof ConfigError && !settings.production
      ? json(500, { success: false, errors: error.problems, code: "internal" })
      : errorResponse(new AuthError("internal", { cause: error }), language, {
          settings,
          model: null,
          action: null,
        });
  for (const [name, value] of origins.headers(origin)) response.headers.append(name, value);
  if (languages.isEnabled) response.headers.set("content-language", language.name);
  return response;
}

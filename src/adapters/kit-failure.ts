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
  const response =
    error instanceof ConfigError && !settings.production
      ? json(500, { success: false, errors: error.problems, code: "internal" })
      : routelessError(auth, new AuthError("internal", { cause: error }));
  for (const [name, value] of origins.headers(origin)) response.headers.append(name, value);
  if (languages.isEnabled)
    response.headers.set("content-language", languages.ofJson(languages.byDefault).name);
  return response;
}

/** The response to an error that belongs to no route: in the default language for everybody, so that nothing varies. */
export function routelessError(auth: WithInternals<"settings" | "languages">, error: AuthError): Response {
  const { settings, languages } = auth[internals];
  const language = languages.ofJson(languages.byDefault);
  return errorResponse(error, language, { settings, model: null, action: null });
}

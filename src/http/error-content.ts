import type { ErrorGiven } from "../config/error-response.js";
import type { ResolvedSettings } from "../config/resolve.js";
import type { AuthError } from "../errors.js";
import type { Language } from "../texts/language.js";
import { errorBody, problemsInWords } from "./error-body.js";
import { isJsonType, isPlainObject, jsonType } from "./json-type.js";

/** Where an error arises, and how the app wants it to look. */
export interface ErrorContext extends Pick<ErrorGiven, "model" | "action"> {
  readonly settings: Pick<ResolvedSettings, "errorResponse" | "logger">;
}

/** The content of an error's response: the one place where `errorResponse` is asked. */
export interface ErrorContent {
  /** JSON. */
  readonly body: string;
  readonly type: string;
}

export function errorContent(
  error: AuthError,
  language: Language,
  { settings, model, action }: ErrorContext,
  extra?: Readonly<Record<string, unknown>>,
): ErrorContent {
  const standard = errorBody(error, language, extra);
  const { errorResponse, logger } = settings;
  if (errorResponse) {
    const { errors, code } = standard;
    const given: ErrorGiven = {
      code,
      status: error.status,
      model,
      action,
      messages: "full_messages" in errors ? (errors["full_messages"] ?? []) : (errors as readonly string[]),
      problems: problemsInWords(error.problems, language),
      retryAfter: error.retryAfter ?? null,
      body: standard,
    };
    try {
      return contentOf(errorResponse(given));
    } catch (failure) {
      logger.error({ err: failure }, "errorResponse failed, so the usual body was sent");
    }
  }
  return { body: JSON.stringify(standard), type: jsonType };
}

/** What the app has made of an error. Throws a TypeError for what can be no content. */
function contentOf(shown: unknown): ErrorContent {
  if (shown instanceof Promise) {
    shown.catch(() => undefined);
    throw new TypeError("errorResponse must not be async");
  }
  const { body, type } = isPlainObject(shown) ? shown : {};
  if (typeof body !== "object" || body === null)
    throw new TypeError("errorResponse has to return a body that is an object");
  if (type !== undefined && !isJsonType(type))
    throw new TypeError("errorResponse returned a type that is not one of JSON");
  return { body: JSON.stringify(body), type: type ?? jsonType };
}

/** When to come back, and which limit was met (draft-ietf-httpapi-ratelimit-headers-10): whole seconds. */
export function retryHeaders({ limit, retryAfter }: AuthError): readonly (readonly [string, string])[] {
  if (retryAfter === undefined) return [];
  if (!limit) return [["retry-after", String(retryAfter)]];
  const { name, quota, window } = limit;
  return [
    ["retry-after", String(retryAfter)],
    ["ratelimit-policy", `"${name}";q=${quota};w=${window}`],
    ["ratelimit", `"${name}";r=0;t=${retryAfter}`],
  ];
}

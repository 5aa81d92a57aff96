import { policySource } from "../config/redirect-allowlist.js";
import { AuthError, type ErrorCode } from "../errors.js";
import type { PageReply, RawReply, Reply } from "../features/call.js";
import type { Pages } from "../features/pages.js";
import { escapeHtml } from "../texts/html.js";
import type { Language } from "../texts/language.js";
import { type ErrorContext, errorContent, retryHeaders } from "./error-content.js";
import { jsonType } from "./json-type.js";

type Headers = readonly (readonly [string, string])[];

/** A JSON response. */
export function json(status: number, body: unknown, type: string = jsonType): Response {
  return jsonText(status, JSON.stringify(body), type);
}

/** Nothing of an account belongs in a cache. */
function jsonText(status: number, text: string, type: string, headers: Headers = []): Response {
  return new Response(text, {
    status,
    headers: [
      ["content-type", type],
      ["cache-control", "no-store"],
      ...headers.map(([name, value]): [string, string] => [name, value]),
    ],
  });
}

/** What an action replied with, as a response. */
export function toResponse(reply: Reply, language: Language, pages: Pages): Response {
  if ("redirect" in reply) return redirectTo(reply.redirect);
  if ("headers" in reply) return raw(reply);
  if ("page" in reply) return raw(pageReply(reply, language, pages));
  return json(reply.status, reply.body, reply.type);
}

/** The error itself if it is an expected one; whatever else was thrown is the server's own, and its text stays here. */
export function expectedError(error: unknown): AuthError {
  return error instanceof AuthError ? error : new AuthError("internal", { cause: error });
}

/** The response to an error. `extra`: what the body carries beside `errors` and `code`. */
export function errorResponse(
  error: AuthError,
  language: Language,
  context: ErrorContext,
  extra?: Readonly<Record<string, unknown>>,
): Response {
  const { body, type } = errorContent(error, language, context, extra);
  const response = jsonText(error.status, body, type, retryHeaders(error));
  codes.set(response, error.code);
  return response;
}

// Beside the response, because an app may give its body any look.
const codes = new WeakMap<Response, ErrorCode>();

/** The code of the error that a response tells of. */
export function errorCodeOf(response: Response): ErrorCode | undefined {
  return codes.get(response);
}

/** A response with the same status and headers, and no content. */
export function withoutBody(response: Response): Response {
  const bare = new Response(null, response);
  const code = codes.get(response);
  if (code !== undefined) codes.set(bare, code);
  return bare;
}

function raw({ status, headers, html }: RawReply): Response {
  return new Response(html ?? null, {
    status,
    headers: [
      ["cache-control", "no-store"],
      ["referrer-policy", "no-referrer"],
      ["x-content-type-options", "nosniff"],
      ...(html === undefined ? [] : ([["content-type", "text/html; charset=utf-8"]] as [string, string][])),
      ...headers.map(([name, value]): [string, string] => [name, value]),
    ],
  });
}

/** 302 to an address that has been checked against the allow-list. */
function redirectTo(location: string): Response {
  return new Response(null, {
    status: 302,
    headers: { location, "cache-control": "no-store", "referrer-policy": "no-referrer" },
  });
}

/** A small page for a link that leads nowhere else, or whose button does what the link is for. */
export function pageReply({ status, page, form }: PageReply, language: Language, pages: Pages): RawReply {
  const { title, text, ...more } = language.texts.pages[page];
  if (!("button" in more)) return pages.render({ status, language, title, text });
  const formTargets = form
    ? [form.action, ...(form.leadsTo === undefined ? [] : [form.leadsTo])].map(policySource)
    : ["'self'"];
  return pages.render({ status, language, title, text, content: formHtml(form, more.button), formTargets });
}

/** Without a form of its own: back to the address of the page, which carries the secret of its link and the language. */
function formHtml(form: PageReply["form"], button: string): string {
  const hidden = Object.entries(form?.fields ?? {}).map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">\n`,
  );
  const action = form ? ` action="${escapeHtml(form.action)}"` : "";
  return `<form method="post"${action}>
${hidden.join("")}<button>${escapeHtml(button)}</button>
</form>`;
}

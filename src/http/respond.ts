import type { Account, AccountBase } from "../accounts/models.js";
import { AuthError } from "../errors.js";

/** A JSON answer. Nothing of an account belongs in a cache. */
export function json(
  status: number,
  body: unknown,
  headers: readonly (readonly [string, string])[] = [],
): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: [
      ["content-type", "application/json; charset=utf-8"],
      ["cache-control", "no-store"],
      ...headers.map(([name, value]): [string, string] => [name, value]),
    ],
  });
}

/** The answer to an error that was thrown. Whatever is not an AuthError is ours, and its text stays here. */
export function errorResponse(error: unknown, extra: Readonly<Record<string, unknown>> = {}): Response {
  const known = error instanceof AuthError ? error : new AuthError("internal", { cause: error });
  const retry: [string, string][] = known.status === 503 ? [["retry-after", "1"]] : [];
  return json(known.status, { success: false, ...extra, errors: [known.message] }, retry);
}

/** 302 to an address that has been checked against the allow-list. */
export function redirectTo(location: string): Response {
  return new Response(null, {
    status: 302,
    headers: { location, "cache-control": "no-store", "referrer-policy": "no-referrer" },
  });
}

/** The account without its times, as sign-in and validate_token show it. */
export function withoutTimes(
  account: Account,
): Omit<Account, keyof Pick<AccountBase, "created_at" | "updated_at">> {
  const { created_at: _created, updated_at: _updated, ...rest } = account;
  return rest;
}

/** A small page for a link that leads nowhere else. `title` and `text` are ours. */
export function page(status: number, title: string, text: string): Response {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
  :root { color-scheme: light dark }
  body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 20vh auto; padding: 0 1.5rem }
  h1 { font-size: 1.5rem }
</style>
<h1>${title}</h1>
<p>${text}</p>
</html>
`;
  return new Response(html, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  });
}

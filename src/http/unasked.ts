/** Requests that a program makes on its own, before anybody has followed a link: to look whether it works, or to be quicker later. */

const purposes = ["sec-purpose", "purpose", "x-purpose", "x-moz"] as const;

/** Whether nobody has asked for this yet. `header`: a header by its name in lower case. */
export function isUnasked(method: string, header: (name: string) => string | undefined): boolean {
  if (method === "HEAD") return true;
  if (method !== "GET") return false;
  const isGuess = purposes.some((name) => /prefetch|prerender|preview/i.test(header(name) ?? ""));
  return isGuess || header("next-router-prefetch") !== undefined;
}

/**
 * The response to it: nothing happens, and nothing is kept. A prefetch is refused, because a browser would show a success in place of
 * following the link; whoever only looks is told that something is here.
 */
export function unaskedResponse(method: string): Response {
  return new Response(null, {
    status: method === "HEAD" ? 204 : 503,
    headers: { "cache-control": "no-store", "referrer-policy": "no-referrer" },
  });
}

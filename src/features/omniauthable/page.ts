import { escapeHtml } from "../../texts/html.js";
import type { RawReply } from "../call.js";
import type { Page, Pages } from "../pages.js";

/** Small pages of a sign-in: each with a strict policy of its own, which takes the place of what the app sets (helmet). */

export interface ResultPage extends Omit<Page, "content"> {
  /** Where the link leads, if there is one. */
  readonly link?: { readonly href: string; readonly label: string };
  /** What the page's script works with. */
  readonly data?: object;
  /** Inner HTML that is made of our own words only. */
  readonly form?: string;
  readonly headers?: readonly (readonly [string, string])[];
}

/** A page as a response. */
export function pageReply(pages: Pages, page: ResultPage): RawReply {
  const { link, data, form, headers = [], ...rest } = page;
  const later = page.script === undefined ? "" : ' class="later"';
  const content = [
    form ?? "",
    link ? `<p${later}><a id="next" href="${escapeHtml(link.href)}">${escapeHtml(link.label)}</a></p>` : "",
    data ? `<script type="application/json" id="data">${escapeJson(data)}</script>` : "",
  ];
  const rendered = pages.render({ ...rest, content: content.join("\n") });
  return {
    ...rendered,
    headers: [...rendered.headers, ["x-frame-options", "DENY"], ...openWindow, ...headers],
  };
}

/**
 * Every response of a sign-in says this: with `same-origin`, which helmet sets, a popup would lose its opener for good, at a redirect too
 * (HTML standard, "cross-origin opener policies").
 */
export const openWindow: readonly (readonly [string, string])[] = [
  ["cross-origin-opener-policy", "unsafe-none"],
];

// Inside of a script element nothing else can end it, or begin a comment.
function escapeJson(data: object): string {
  return JSON.stringify(data).replaceAll("<", "\\u003c");
}

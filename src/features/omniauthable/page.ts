import { createHash } from "node:crypto";
import { escapeHtml } from "../../texts/html.js";
import type { Language } from "../../texts/language.js";
import type { RawReply } from "../call.js";

/** Small pages of a sign-in: each with a strict policy of its own, which takes the place of what the app sets (helmet). */

export interface ResultPage {
  readonly status: number;
  readonly language: Language;
  readonly title: string;
  readonly text: string;
  /** Where the link leads, if there is one. */
  readonly link?: { readonly href: string; readonly label: string };
  /** What the page's script works with. */
  readonly data?: object;
  readonly script?: string;
  /** Inner HTML that is made of our own words only. */
  readonly form?: string;
  /** Where the form may lead, beside this server. */
  readonly formTargets?: readonly string[];
  readonly headers?: readonly (readonly [string, string])[];
}

const style = `
:root { color-scheme: light dark }
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 20vh auto; padding: 0 1.5rem }
h1 { font-size: 1.5rem }
label { display: block; margin: 1rem 0 }
input, button { font: inherit; padding: .3rem .6rem }
.later { animation: appear 0s 3s both }
@keyframes appear { from { visibility: hidden } to { visibility: visible } }
`;
const styleHash = hashOf(style);

/** A page as a response. `frame-ancestors`: nobody can lay it under their own. */
export function pageReply({
  status,
  language,
  title,
  text,
  link,
  data,
  script,
  form,
  formTargets = [],
  headers = [],
}: ResultPage): RawReply {
  const policy = [
    "default-src 'none'",
    `style-src '${styleHash}'`,
    ...(script === undefined ? [] : [`script-src '${hashOf(script)}'`]),
    "base-uri 'none'",
    form === undefined ? "form-action 'none'" : ["form-action 'self'", ...formTargets].join(" "),
    "frame-ancestors 'none'",
  ];
  const later = script === undefined ? "" : ' class="later"';
  const html = [
    "<!doctype html>",
    `<html lang="${language.name}" dir="${language.direction}">`,
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="robots" content="noindex">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${style}</style>`,
    `<h1>${escapeHtml(title)}</h1>`,
    `<p id="text">${escapeHtml(text)}</p>`,
    form ?? "",
    link ? `<p${later}><a id="next" href="${escapeHtml(link.href)}">${escapeHtml(link.label)}</a></p>` : "",
    data ? `<script type="application/json" id="data">${escapeJson(data)}</script>` : "",
    script === undefined ? "" : `<script>${script}</script>`,
    "</html>",
    "",
  ];
  return {
    status,
    html: html.filter((line) => line !== "").join("\n"),
    headers: [
      ["content-security-policy", policy.join("; ")],
      ["x-frame-options", "DENY"],
      ...openWindow,
      ...headers,
    ],
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

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

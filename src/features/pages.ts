import { createHash } from "node:crypto";
import { escapeHtml } from "../texts/html.js";
import type { Language } from "../texts/language.js";

/** The button's colours in one scheme. */
interface ButtonColors {
  readonly button: string;
  readonly buttonText: string;
}

/** How the app shows itself, in its pages as in its mails. */
export interface Look {
  readonly appName: string;
  readonly light: ButtonColors;
  readonly dark: ButtonColors;
}

/** A small page: one card with a title, a text and what may follow it. */
export interface Page {
  readonly status: number;
  readonly language: Language;
  readonly title: string;
  readonly text: string;
  /** Inner HTML that is escaped already. */
  readonly content?: string;
  readonly script?: string;
  /** Sources of `form-action`: where a form of the content may post to, and lead. Default: nowhere. */
  readonly formTargets?: readonly string[];
}

/** Renders the small pages of one app, each with the policy that its browser is held to. */
export interface Pages {
  render(page: Page): {
    readonly status: number;
    readonly html: string;
    readonly headers: readonly (readonly [string, string])[];
  };
}

/** The pages of an app. Nothing in them is loaded from anywhere: their addresses may carry the secret of a link. */
export function createPages(look: Look): Pages {
  const style = styleOf(look);
  const styleSource = `'${hashOf(style)}'`;
  const [initial = ""] = look.appName;
  const brand = `<p class="brand" dir="auto"><span aria-hidden="true">${escapeHtml(initial.toUpperCase())}</span> ${escapeHtml(look.appName)}</p>`;
  return {
    render({ status, language, title, text, content = "", script, formTargets = ["'none'"] }) {
      const policy = [
        "default-src 'none'",
        `style-src ${styleSource}`,
        ...(script === undefined ? [] : [`script-src '${hashOf(script)}'`]),
        "base-uri 'none'",
        `form-action ${formTargets.join(" ")}`,
        "frame-ancestors 'none'",
      ];
      const html = [
        "<!doctype html>",
        `<html lang="${language.name}" dir="${language.direction}">`,
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="robots" content="noindex">',
        `<title>${escapeHtml(title)}</title>`,
        `<style>${style}</style>`,
        brand,
        "<main>",
        `<h1>${escapeHtml(title)}</h1>`,
        `<p id="text">${escapeHtml(text)}</p>`,
        content,
        "</main>",
        script === undefined ? "" : `<script>${script}</script>`,
        "</html>",
        "",
      ];
      return {
        status,
        html: html.filter((line) => line !== "").join("\n"),
        headers: [["content-security-policy", policy.join("; ")]],
      };
    },
  };
}

// The grounds and texts are those of the mails (mail/templates/layout.html.eta).
function styleOf({ light, dark }: Look): string {
  return `
:root {
  color-scheme: light dark;
  --ground: #f3f1ec; --card: #ffffff; --rule: #e2dfd7; --strong: #1d2125; --text: #3d4349;
  --button: ${light.button}; --on-button: ${light.buttonText};
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --card: #1e2327; --rule: #30373d; --strong: #f3f5f6; --text: #cfd6db;
    --button: ${dark.button}; --on-button: ${dark.buttonText};
  }
}
* { box-sizing: border-box }
html { background: var(--ground); color: var(--text); font: 1rem/1.55 system-ui, sans-serif }
body { max-width: 30rem; margin: 0 auto; padding: 14vh 1rem 3rem; overflow-wrap: anywhere }
.brand { display: flex; align-items: center; gap: .75rem; margin: 0 .25rem 1.25rem; font-weight: 600; color: var(--strong) }
.brand span { flex: none; width: 2.2rem; border-radius: .55rem; background: var(--button); color: var(--on-button); font-weight: 700; line-height: 2.2rem; text-align: center }
main { padding: 2rem; border: 1px solid var(--rule); border-radius: .9rem; background: var(--card) }
h1 { margin: 0 0 .75rem; font-size: 1.45rem; line-height: 1.25; color: var(--strong) }
p { margin: 0 }
form, #next { margin-top: 1.5rem }
label { display: block; margin-bottom: 1rem }
input { display: block; width: 100%; margin-top: .3rem; padding: .6rem .75rem; border: 1px solid var(--text); border-radius: .6rem; background: transparent; color: var(--strong); font: inherit }
button, #next { display: block; width: 100%; padding: .75rem 1rem; border: 1px solid var(--on-button); border-radius: .6rem; background: var(--button); color: var(--on-button); font: inherit; font-weight: 600; text-align: center; text-decoration: none; cursor: pointer }
button:focus-visible, #next:focus-visible, input:focus-visible { outline: 3px solid var(--strong); outline-offset: 2px }
.later { animation: appear 0s 3s both }
@keyframes appear { from { visibility: hidden } to { visibility: visible } }
`;
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

import type { Preview } from "../mail/previews.js";
import { escapeHtml } from "../texts/html.js";

/** What is looked at, as the address of a page says it. */
export interface Selection {
  readonly mail: string;
  readonly model: string;
  readonly language: string;
  readonly size: string;
}

export interface Choices {
  readonly mails: readonly string[];
  readonly models: readonly string[];
  readonly languages: readonly string[];
}

/** The page of `keyturn views --preview`: subject, HTML at two widths, and text of one mail, with links to all others. */
export function previewPage(
  choices: Choices,
  chosen: Selection,
  { message, strangersWords }: Preview,
): string {
  const choose = (name: keyof Selection, values: readonly string[]): string =>
    `<nav aria-label="${name}"><b>${name}</b> ${values
      .map((value) =>
        value === chosen[name]
          ? `<strong>${escapeHtml(value)}</strong>`
          : `<a href="/?${escapeHtml(queryOf({ ...chosen, [name]: value }))}">${escapeHtml(value)}</a>`,
      )
      .join(" ")}</nav>`;
  const html = `/mail.html?${escapeHtml(queryOf(chosen))}`;
  const warning =
    strangersWords.length === 0
      ? ""
      : `<p class="warning" role="alert">This mail goes to an address that nobody has proven yet, and prints ${escapeHtml(strangersWords.join(", "))}: whoever registers a stranger's address writes to that stranger with it.</p>`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(message.subject)}</title>
<style>
  :root { color-scheme: light dark }
  body { font: 15px/1.5 system-ui, sans-serif; margin: 1.5rem }
  nav { margin: .3rem 0 } nav a, nav strong { margin-inline-end: .6rem } nav b { display: inline-block; width: 5.5rem }
  .warning { border-inline-start: 4px solid #c98a1b; padding: .5rem 1rem }
  .frames { display: flex; gap: 1.5rem; flex-wrap: wrap }
  iframe { border: 1px solid #8888; height: 46rem; background: #fff }
  pre { border: 1px solid #8888; padding: 1rem; overflow: auto; white-space: pre-wrap }
</style>
${choose("mail", choices.mails)}
${choose("model", choices.models)}
${choose("language", choices.languages)}
${choose("size", ["usual", "long"])}
${warning}
<h1 dir="auto" id="subject">${escapeHtml(message.subject)}</h1>
<p>From ${escapeHtml(message.from)} to ${escapeHtml(message.to)}</p>
<div class="frames">
<iframe title="HTML, 700 wide" width="700" src="${html}" sandbox></iframe>
<iframe title="HTML, 390 wide" width="390" src="${html}" sandbox></iframe>
</div>
<h2>Text</h2>
<pre dir="auto" id="text">${escapeHtml(message.text)}</pre>
</html>
`;
}

function queryOf(selection: Selection): string {
  return new URLSearchParams({ ...selection }).toString();
}

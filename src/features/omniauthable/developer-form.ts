import { policySource } from "../../config/redirect-allowlist.js";
import { escapeHtml } from "../../texts/html.js";
import type { Language } from "../../texts/language.js";
import type { RawReply } from "../call.js";
import type { Pages } from "../pages.js";
import { pageReply } from "./page.js";

/** The form of the developer provider, which posts to the callback as a provider's page would. */
export function developerForm(
  action: string,
  state: string,
  headers: readonly (readonly [string, string])[],
  destination: string,
  language: Language,
  pages: Pages,
): RawReply {
  const words = language.texts.omniauth;
  const form = `<form method="post" action="${escapeHtml(action)}">
<input type="hidden" name="state" value="${escapeHtml(state)}">
<input type="hidden" name="code" value="developer">
<label>${words.name} <input name="name" autocomplete="off"></label>
<label>${words.email} <input name="email" type="email" required autocomplete="off"></label>
<button>${words.sign_in}</button>
</form>`;
  // Browsers hold the redirect behind a form to `form-action` too.
  const formTargets = ["'self'", policySource(destination)];
  const { developer: title, developer_note: text } = words;
  return pageReply(pages, { status: 200, language, title, text, form, formTargets, headers });
}

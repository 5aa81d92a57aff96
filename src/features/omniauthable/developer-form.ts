import { en } from "../../texts/en.js";
import type { RawReply } from "../call.js";
import { escapeHtml, pageReply } from "./page.js";

/** The form of the developer provider, which posts to the callback as a provider's page would. */
export function developerForm(
  action: string,
  state: string,
  headers: readonly (readonly [string, string])[],
): RawReply {
  const words = en.omniauth;
  const form = `<form method="post" action="${escapeHtml(action)}">
<input type="hidden" name="state" value="${escapeHtml(state)}">
<input type="hidden" name="code" value="developer">
<label>${words.name} <input name="name" autocomplete="off"></label>
<label>${words.email} <input name="email" type="email" required autocomplete="off"></label>
<button>${words.sign_in}</button>
</form>`;
  return pageReply({ status: 200, title: words.developer, text: words.developer_note, form, headers });
}

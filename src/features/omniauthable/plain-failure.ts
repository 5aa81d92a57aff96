import type { ErrorCode } from "../../errors.js";
import type { Language } from "../../texts/language.js";
import { fill } from "../../texts/texts.js";
import type { RawReply } from "../call.js";
import type { Pages } from "../pages.js";
import { pageReply } from "./page.js";

/** A page for a failure that nobody can be told of: no flow says who asked. `href`: where somebody can start again. */
export function plainFailure(
  pages: Pages,
  code: ErrorCode,
  status: number,
  language: Language,
  { subject = "", href }: { readonly subject?: string; readonly href?: string } = {},
): RawReply {
  const { errors, omniauth } = language.texts;
  return pageReply(pages, {
    status,
    language,
    title: omniauth.failed,
    text: `${fill(errors[code], { subject })} (${omniauth.code}: ${code})`,
    ...(href === undefined ? {} : { link: { href, label: omniauth.continue } }),
  });
}

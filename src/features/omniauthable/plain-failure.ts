import type { ErrorCode } from "../../errors.js";
import { en } from "../../texts/en.js";
import { fill } from "../../texts/texts.js";
import type { RawReply } from "../call.js";
import { pageReply } from "./page.js";

/** A page for a failure that nobody can be told of: no flow says who asked. `href`: where somebody can start again. */
export function plainFailure(
  code: ErrorCode,
  status: number,
  { subject = "", href }: { readonly subject?: string; readonly href?: string } = {},
): RawReply {
  return pageReply({
    status,
    title: en.omniauth.failed,
    text: `${fill(en.errors[code], { subject })} (${en.omniauth.code}: ${code})`,
    ...(href === undefined ? {} : { link: { href, label: en.omniauth.continue } }),
  });
}

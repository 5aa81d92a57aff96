import { z } from "zod";
import type { Account } from "../accounts/models.js";
import type { OwnTexts } from "../texts/language.js";
import { isLanguageTag } from "../texts/match.js";
import { callback, flag, list, optionalText, setting } from "./setting.js";

/** Somebody who is about to read a text. */
export interface Reader {
  /** Name of the model that the request or the mail is about, where it is about one. */
  readonly model: string | undefined;
  /** Who reads, where that is known: the recipient of a mail, or whoever is signed in. */
  readonly account: Account | undefined;
  /** A header of the reader's own request, by its name in lower case. Always `undefined` for a mail that somebody else has caused. */
  header(name: string): string | undefined;
}

const tag = z.string().refine(isLanguageTag, 'must be a language tag such as "de" or "pt-BR" (BCP 47)');

/** The settings of languages. */
export const languageSettings = {
  /** Languages of responses, mails and pages: `["en", "de", "pt-BR"]`. Built in are en, de, fr, es, pt-BR, it, nl, pl, ja, zh-CN, ko, ru, tr and ar. Default: English alone, whatever browsers ask for. */
  locales: list(tag),
  /** The language of whoever asks for none of `locales`. Default: the first of `locales`. */
  defaultLocale: optionalText(tag),
  /** The field of a model that names the account's language. Default `"locale"`, where a model has such a field. */
  localeField: setting<string, string>(z.string().min(1).default("locale")),
  /**
   * Names the reader's language, where the account's field does not; `undefined` leaves it to `Accept-Language`. Default: none.
   *
   * @example ({ header }) => header("x-app-language")
   */
  chooseLocale: callback<(reader: Reader) => string | undefined>(),
  /** Whether JSON responses are translated too. `false`: only mails and pages are, for clients that compare the English texts. Default `true`. */
  translateResponses: flag(true),
  /**
   * Your own words, by language: any text, labels of your fields, your refusals; a whole language too. Default: the built-in ones.
   *
   * @example { de: { fields: { company: "Firma" }, errors: { disabled: "Ihr Konto ist gesperrt." } } }
   */
  texts: setting<Readonly<Record<string, OwnTexts>>, Readonly<Record<string, OwnTexts>>>(
    z.record(tag, z.record(z.string(), z.unknown())).default({}) as unknown as z.ZodType<
      Readonly<Record<string, OwnTexts>>
    >,
    undefined,
  ),
};

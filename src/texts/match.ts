/** Which of the languages that there are serves somebody. Tags are those of BCP 47. */

/**
 * The language that serves a wish such as `"de-AT"`; `undefined` if none does. A language serves all of its regions where they are written in
 * one script: `pt` is served by `pt-BR`, but `zh-TW` not by `zh-CN`.
 */
export function matchLanguage(wish: string, available: readonly string[]): string | undefined {
  const tag = tagOf(wish);
  return serving(tag, localeOf(tag), available);
}

/** A wish as a tag: Java, Python and POSIX say `pt_BR` and `pt_BR.UTF-8`. */
function tagOf(wish: string): string {
  return wish
    .trim()
    .replace(/[.@].*$/, "")
    .replaceAll("_", "-");
}

/** Norwegian has a name for both of its written forms, which most software gives to the more frequent one. */
function languageOf(locale: Intl.Locale): string {
  return locale.language === "no" ? "nb" : locale.language;
}

function serving(
  wish: string,
  wished: Intl.Locale | undefined,
  available: readonly string[],
): string | undefined {
  if (wished === undefined) return undefined;
  const candidates = available.filter((name) => {
    const locale = ownLocale(name);
    return locale && languageOf(locale) === languageOf(wished) && locale.script === wished.script;
  });
  return (
    candidates.find((name) => name.toLowerCase() === wish.toLowerCase()) ??
    candidates.find((name) => ownLocale(name)?.region === wished.region) ??
    candidates[0]
  );
}

interface Preference {
  readonly tag: string;
  /** `undefined` for `*`. */
  readonly locale: Intl.Locale | undefined;
  readonly quality: number;
}

/** What is looked at of a header: reading a tag takes long, and no browser sends half as many. */
const longestHeader = 512;
const mostTags = 16;

/**
 * The language that an `Accept-Language` header asks for (RFC 9110 §12.5.4); `undefined` if it asks for none that there is. The most wanted
 * first, and each is tried to its end before the next. `q=0` excludes.
 */
export function negotiate(
  header: string | undefined,
  available: readonly string[],
  byDefault: string,
): string | undefined {
  const preferences = (header ?? "").slice(0, longestHeader).split(",", mostTags).flatMap(preferenceOf);
  const refused = preferences.filter(({ quality }) => quality === 0);
  const accepted = available.filter((name) => !refused.some((range) => covers(range, name)));
  const wanted = preferences
    .filter(({ quality }) => quality > 0)
    .toSorted((one, other) => other.quality - one.quality);
  for (const { tag, locale } of wanted) {
    const anything = accepted.includes(byDefault) ? byDefault : accepted[0];
    const found = tag === "*" ? anything : serving(tag, locale, accepted);
    if (found !== undefined) return found;
  }
  return undefined;
}

// A range without a good quality is passed over: what it means is anybody's guess.
function preferenceOf(text: string): Preference[] {
  const [name = "", ...parameters] = text.split(";").map((part) => part.trim());
  const tag = tagOf(name);
  const locale = tag === "*" ? undefined : localeOf(tag);
  if (tag !== "*" && locale === undefined) return [];
  const given = parameters.find((one) => /^q\s*=/i.test(one))?.replace(/^q\s*=\s*/i, "");
  if (given === undefined) return [{ tag, locale, quality: 1 }];
  return /^(0(\.\d*)?|1(\.0*)?)$/.test(given) ? [{ tag, locale, quality: Number(given) }] : [];
}

// RFC 4647 §3.3.1, and the names that one language has: who refuses `zh-Hans` refuses `zh-CN`. `*` refuses nothing that is asked for.
function covers({ tag, locale }: Preference, name: string): boolean {
  const [wide, narrow] = [tag.toLowerCase(), name.toLowerCase()];
  if (narrow === wide || narrow.startsWith(`${wide}-`)) return true;
  return locale !== undefined && locale.toString() === ownLocale(name)?.toString();
}

/** The languages that there are. What strangers ask for is not kept, so that nothing of theirs takes up room. */
const known = new Map<string, Intl.Locale | undefined>();

function ownLocale(name: string): Intl.Locale | undefined {
  if (!known.has(name)) known.set(name, localeOf(name));
  return known.get(name);
}

/** The tag with its script and region; `undefined` for what is no tag. */
function localeOf(tag: string): Intl.Locale | undefined {
  if (known.has(tag)) return known.get(tag);
  try {
    return new Intl.Locale(tag.trim()).maximize();
  } catch {
    // RangeError: not a language tag.
    return undefined;
  }
}

/** Whether a text is a language tag. */
export function isLanguageTag(text: string): boolean {
  return localeOf(text) !== undefined && text === text.trim();
}

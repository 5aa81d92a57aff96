/** Which of the languages that there are serves somebody. Tags are those of BCP 47. */

/**
 * The language that serves a wish such as `"de-AT"`; `undefined` if none does. A language serves all of its regions where they are written in
 * one script: `pt` is served by `pt-BR`, but `zh-TW` not by `zh-CN`.
 */
export function matchLanguage(wish: string, available: readonly string[]): string | undefined {
  const wished = localeOf(wish);
  if (wished === undefined) return undefined;
  const candidates = available.filter((name) => {
    const locale = localeOf(name);
    return locale?.language === wished.language && locale.script === wished.script;
  });
  return (
    candidates.find((name) => name.toLowerCase() === wish.trim().toLowerCase()) ??
    candidates.find((name) => localeOf(name)?.region === wished.region) ??
    candidates[0]
  );
}

interface Preference {
  readonly tag: string;
  readonly quality: number;
}

/** Characters of a header that are looked at; no browser sends half as many. */
const longestHeader = 1000;

/**
 * The language that an `Accept-Language` header asks for (RFC 9110 §12.5.4); `undefined` if it asks for none that there is. The most wanted
 * first, and each is tried to its end before the next. `q=0` excludes.
 */
export function negotiate(
  header: string | undefined,
  available: readonly string[],
  byDefault: string,
): string | undefined {
  const preferences = (header ?? "").slice(0, longestHeader).split(",").flatMap(preferenceOf);
  const refused = preferences.filter(({ quality }) => quality === 0).map(({ tag }) => tag);
  const accepted = available.filter((name) => !refused.some((range) => covers(range, name)));
  const wanted = preferences
    .filter(({ quality }) => quality > 0)
    .toSorted((one, other) => other.quality - one.quality);
  for (const { tag } of wanted) {
    const anything = accepted.includes(byDefault) ? byDefault : accepted[0];
    const found = tag === "*" ? anything : matchLanguage(tag, accepted);
    if (found !== undefined) return found;
  }
  return undefined;
}

// A range without a good quality is passed over: what it means is anybody's guess.
function preferenceOf(text: string): Preference[] {
  const [tag = "", ...parameters] = text.split(";").map((part) => part.trim());
  if (tag !== "*" && localeOf(tag) === undefined) return [];
  const given = parameters.find((one) => /^q\s*=/i.test(one))?.replace(/^q\s*=\s*/i, "");
  if (given === undefined) return [{ tag, quality: 1 }];
  return /^(0(\.\d*)?|1(\.0*)?)$/.test(given) ? [{ tag, quality: Number(given) }] : [];
}

// RFC 4647 §3.3.1, and the names that one language has: who refuses `zh-Hans` refuses `zh-CN`. `*` refuses nothing that is asked for.
function covers(range: string, name: string): boolean {
  const [wide, narrow] = [range.toLowerCase(), name.toLowerCase()];
  if (narrow === wide || narrow.startsWith(`${wide}-`)) return true;
  const [refused, own] = [localeOf(range), localeOf(name)];
  return refused !== undefined && refused.toString() === own?.toString();
}

const known = new Map<string, Intl.Locale | undefined>();

/** The tag with its script and region; `undefined` for what is no tag. */
function localeOf(tag: string): Intl.Locale | undefined {
  if (known.has(tag)) return known.get(tag);
  let locale: Intl.Locale | undefined;
  try {
    locale = new Intl.Locale(tag.trim()).maximize();
  } catch {
    // RangeError: not a language tag.
  }
  // The names of languages that there are, and what browsers send: few. Whatever else a header says is not remembered for ever.
  if (known.size < 500) known.set(tag, locale);
  return locale;
}

/** Whether a text is a language tag. */
export function isLanguageTag(text: string): boolean {
  return localeOf(text) !== undefined && text === text.trim();
}

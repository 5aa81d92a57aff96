/**
 * A name as it is compared: two names that a reader takes for one are one. `undefined` for a text that can be no name: without a letter
 * it could be a phone number, with an @ an address, and characters that nobody sees would tell two names apart.
 *
 * NFKC makes one of full-width letters, ligatures and the like; the case is folded in code, by Unicode's own tables, so that neither the
 * server's language nor a collation has a say. The four Turkish i are one. Letters of other scripts that look alike stay different.
 */
export function foldName(name: string): string | undefined {
  const trimmed = name.trim();
  if (isUnseen.test(trimmed)) return undefined;
  const plain = trimmed.normalize("NFKC").replace(/\s+/gu, " ").trim();
  if (!/\p{L}/u.test(plain) || plain.includes("@") || isUnseen.test(plain)) return undefined;
  return foldCase(plain);
}

// Control and format characters, what no version of Unicode has assigned yet, and what is not shown, such as a Hangul filler.
const isUnseen = /[\p{C}\p{Default_Ignorable_Code_Point}]/u;

/** Lower case first, because ẞ has no upper case; then through upper case, because ς and ß have the same as σ and ss. */
function foldCase(text: string): string {
  const folded = text.toLowerCase().toUpperCase().toLowerCase();
  // What İ leaves behind its i. A dot on another letter is part of it.
  return folded.replaceAll("i\u0307", "i").normalize("NFKC");
}

import { en } from "../texts/en.js";
import { nearOrAll } from "./nearest-name.js";

/** What is wrong with texts that an app gives for a language: each mistake with its place. English is the measure. */
export function checkTexts(place: string, texts: object): readonly string[] {
  return Object.entries(texts).flatMap(([section, given]) => {
    const at = `${place}.${section}`;
    if (section === "fields") return eachText(at, given, []);
    if (section === "refusals") return checkRefusals(at, given);
    const known: Readonly<Record<string, unknown>> = en;
    if (!Object.hasOwn(known, section))
      return [unknownText(at, section, [...Object.keys(known), "refusals"])];
    return checkSection(at, given, known[section]);
  });
}

/** The `{names}` of a text, each once, in order of the alphabet. */
export function placesIn(sentence: string): readonly string[] {
  return [...new Set([...sentence.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name))].sort();
}

const categories: readonly string[] = ["zero", "one", "two", "few", "many", "other"];

function checkSection(place: string, given: unknown, model: unknown): readonly string[] {
  if (typeof model === "string") return checkSentence(place, given, placesIn(model));
  if (!isRecord(given) || !isRecord(model)) return [`${place}: must be an object`];
  return Object.entries(given).flatMap(([key, value]) => {
    const at = `${place}.${key}`;
    if (value === undefined) return [];
    return Object.hasOwn(model, key)
      ? checkSection(at, value, model[key])
      : [unknownText(at, key, Object.keys(model))];
  });
}

function checkSentence(place: string, given: unknown, places: readonly string[]): readonly string[] {
  if (typeof given !== "string") {
    if (!isRecord(given) || !places.includes("count")) return [`${place}: must be text`];
    const forms = Object.keys(given);
    const unknown = forms.filter((form) => !categories.includes(form));
    return [
      ...unknown.map(
        (form) => `${place}.${form}: must be one of the plural categories ${categories.join(", ")}`,
      ),
      ...(forms.includes("other") ? [] : [`${place}.other: is missing`]),
      ...forms
        .filter((form) => !unknown.includes(form))
        .flatMap((form) =>
          typeof given[form] === "string"
            ? checkSentence(`${place}.${form}`, given[form], places)
            : [`${place}.${form}: must be text`],
        ),
    ];
  }
  if (given.trim() === "") return [`${place}: must not be empty`];
  if (/\p{Cc}/u.test(given)) return [`${place}: must be one line`];
  const foreign = placesIn(given).filter((name) => !places.includes(name));
  const known = places.length === 0 ? "none" : places.map((name) => `{${name}}`).join(", ");
  return foreign.map((name) => `${place}: {${name}} has no value here. There are: ${known}`);
}

function checkRefusals(place: string, given: unknown): readonly string[] {
  if (!isRecord(given)) return [`${place}: must be an object`];
  return Object.entries(given).flatMap(([code, value]) => {
    const at = `${place}.${code}`;
    if (!isRecord(value)) return [`${at}: must be { short, whole }`];
    return [
      ...checkSentence(`${at}.short`, value["short"], ["count"]),
      ...checkSentence(`${at}.whole`, value["whole"], ["count", "field"]),
    ];
  });
}

function eachText(place: string, given: unknown, places: readonly string[]): readonly string[] {
  if (!isRecord(given)) return [`${place}: must be an object`];
  return Object.entries(given).flatMap(([key, value]) => checkSentence(`${place}.${key}`, value, places));
}

function unknownText(place: string, key: string, known: readonly string[]): string {
  return `${place}: there is no such text${nearOrAll(key, known, "name")}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

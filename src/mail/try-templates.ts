import type { Brand } from "../config/mail-colors.js";
import type { Language } from "../texts/language.js";
import { type CompiledTemplates, escapeHtml, formatOf } from "./compile.js";
import { placesOf } from "./template-files.js";
import { carriesLink, mailNames, sharedParts } from "./templates.js";
import { htmlWords, textWords, type Words } from "./words.js";

const link = "https://app.example/sampleLink";
const body = "sampleBody";
const values = {
  app: "App",
  to: "a@app.example",
  newEmail: "b@app.example",
  provider: "Example",
  duration: "1 hour",
};

/**
 * Renders each template of the app once in every language, for every model: compiling finds neither a misspelt name nor a forgotten link.
 * Returns what is wrong, with file and line.
 */
export function tryTemplates(
  { render, own }: CompiledTemplates,
  models: readonly string[],
  languages: readonly Language[],
  brand: Brand,
): readonly string[] {
  const problems = new Set<string>();
  const attempt = (
    name: string,
    model: string,
    language: Language,
    mustHold: readonly (readonly [what: string, text: string])[],
  ): void => {
    const use = { model, language: language.name };
    const file = placesOf(`${name}.eta`, use).find((place) => own.files.has(place)) ?? `${name}.eta`;
    try {
      const output = render(name, sampleFor(name, model, language, brand), use);
      for (const [what, text] of mustHold)
        if (!output.includes(text)) problems.add(`${file}: ${what} is never printed`);
    } catch (error) {
      const said = sayFailure(file, error);
      if (said !== undefined) problems.add(said);
    }
  };
  const uses = (models.length === 0 ? ["user"] : models).flatMap((model) =>
    languages.map((language) => [model, language] as const),
  );
  for (const [model, language] of uses)
    for (const part of sharedParts)
      attempt(`${part}.html`, model, language, [part === "layout" ? ["it.body", body] : ["it.url", link]]);
  // What is wrong with the page around all mails would be said for each of them again.
  if (problems.size > 0) return [...problems];
  for (const [model, language] of uses)
    for (const kind of mailNames)
      for (const format of ["text", "html"])
        attempt(`${kind}.${format}`, model, language, carriesLink(kind) ? [["it.url", link]] : []);
  return [...problems];
}

function sampleFor(name: string, model: string, language: Language, brand: Brand) {
  const kind = name.replace(/\.\w+$/, "");
  const words =
    formatOf(name) === "text"
      ? textWords(language, kind, values)
      : htmlWords(language, kind, values, escapeHtml);
  const isShared = (sharedParts as readonly string[]).includes(kind);
  return known("it", {
    appName: values.app,
    to: values.to,
    newEmail: values.newEmail,
    provider: values.provider,
    device: "Firefox (Windows)",
    validFor: values.duration,
    model,
    account: {},
    words: known("it.words", words, isShared ? everyWord(language) : optionalWords),
    language: language.name,
    ...sides(language),
    brand,
    config: "default",
    redirectUrl: link,
    url: link,
    ...(formatOf(name) === "html" ? { subject: "Sample" } : {}),
    // What the page and the button are given by whoever includes them.
    ...(isShared ? { label: "Open", body } : {}),
  });
}

/** Which side is which: `left` and `right` change places where a language runs the other way. */
export function sides({ direction }: Language) {
  const isRtl = direction === "rtl";
  return { direction, start: isRtl ? "right" : "left", end: isRtl ? "left" : "right" } as const;
}

/** Words that a mail has or has not, and that a template may ask for. */
const optionalWords: ReadonlySet<string> = new Set(["valid_for", "button", "note"]);

// The page around a mail may look at any word.
function everyWord({ texts }: Language): ReadonlySet<string> {
  return new Set(Object.values(texts.mails).flatMap((mail: Words) => Object.keys(mail)));
}

/** The values, and an error for a name that is not among them. */
function known<T extends object>(place: string, names: T, optional: ReadonlySet<string> = new Set()): T {
  return new Proxy(names, {
    get(target, name) {
      if (typeof name === "string" && !(name in target) && !optional.has(name))
        throw new UnknownName(
          `${place}.${name} does not exist. There are: ${Object.keys(target).sort().join(", ")}`,
        );
      return Reflect.get(target, name);
    },
  });
}

class UnknownName extends Error {
  override readonly name = "UnknownName";
}

/** Eta's message begins with file and line, and ends with what the code has thrown. */
function sayFailure(file: string, error: unknown): string | undefined {
  if (!(error instanceof Error)) return `${file}: ${String(error)}`;
  // It may come from the sample account, which has none of the model's fields.
  if (error.name === "TypeError") return undefined;
  const lines = error.message
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  const at = /^(\S+\.eta):(\d+)$/.exec(lines[0] ?? "");
  return `${at?.[1] ?? file}${at ? `, line ${at[2]}` : ""}: ${lines.at(-1) ?? error.name}`;
}

import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import { mailNames, templateFiles, templateUrl } from "./templates.js";

/** What a template is for: a model and a language. */
export interface TemplateFor {
  readonly model: string;
  readonly language: string;
}

/** The templates of an app, in the places where they may lie. */
export interface OwnTemplates {
  /** Paths below the folder, such as `admin/layout.de.html.eta`. */
  readonly files: ReadonlySet<string>;
  readonly problems: readonly string[];
}

/** Where a template of the app may lie for a model and a language, the most special place first. */
export function placesOf(file: string, { model, language }: TemplateFor): readonly string[] {
  const translated = withLanguage(file, language);
  return [`${model}/${translated}`, `${model}/${file}`, translated, file];
}

/** `layout.html.eta` for a language: `layout.de.html.eta`. */
export function withLanguage(file: string, language: string): string {
  return file.replace(/(?=\.(text|html)\.eta$)/, `.${language}`);
}

/** The file that serves a template for a model and a language: the app's own, or the one that comes with Keyturn. */
export function sourceOf(
  directory: string | undefined,
  { files }: OwnTemplates,
  file: string,
  use: TemplateFor,
): { readonly path: string | URL; readonly name: string; readonly isOwn: boolean } {
  const own = placesOf(file, use).find((place) => files.has(place));
  return own === undefined || directory === undefined
    ? { path: templateUrl(file), name: file, isOwn: false }
    : { path: join(directory, own), name: own, isOwn: true };
}

/** Reads which templates a folder has. One of a name that no mail, model or language has is a mistake. */
export function findOwnTemplates(
  directory: string | undefined,
  models: readonly string[],
  languages: readonly string[],
): OwnTemplates {
  if (directory === undefined) return { files: new Set(), problems: [] };
  let found: readonly string[];
  try {
    found = filesIn(directory);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { files: new Set(), problems: [`the templates directory cannot be read: ${reason}`] };
  }
  const plain = templateFiles.flatMap((file) => [
    file,
    ...languages.map((language) => withLanguage(file, language)),
  ]);
  const known = new Set([...plain, ...models.flatMap((model) => plain.map((file) => `${model}/${file}`))]);
  const names = `layout.html.eta, button.html.eta, and .text.eta or .html.eta after ${mailNames.join(", ")}`;
  const places = `A language stands before .text or .html (${languages.join(", ")}), a model is a folder (${models.join(", ")})`;
  return {
    files: new Set(found),
    problems: found
      .filter((file) => !known.has(file))
      .map((file) => `${file}: no mail has a template of this name. The names are ${names}. ${places}`),
  };
}

/** Paths of the files in a folder and the folders in it; hidden ones are passed over. */
export function filesIn(directory: string): readonly string[] {
  const below = (entry: Dirent): readonly string[] =>
    entry.isDirectory()
      ? visible(join(directory, entry.name)).map(({ name }) => `${entry.name}/${name}`)
      : [entry.name];
  return visible(directory).flatMap(below);
}

function visible(directory: string): readonly Dirent[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith("."))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

import { readFileSync } from "node:fs";
import { Eta } from "eta";
import { oneLine } from "../texts/one-line.js";
import { findOwnTemplates, type OwnTemplates, sourceOf, type TemplateFor } from "./template-files.js";
import { templateFiles } from "./templates.js";

/** Renders one template, by file name without `.eta`, with the data it sees as `it`. */
export type RenderTemplate = (
  name: string,
  data: Readonly<Record<string, unknown>>,
  use: TemplateFor,
) => string;

export interface CompiledTemplates {
  readonly render: RenderTemplate;
  readonly own: OwnTemplates;
  /** One sentence each. `render` may only be used when there are none. */
  readonly problems: readonly string[];
}

/** Reads and compiles every template, the app's own files before those that come with Keyturn. */
export function compileTemplates(
  directory: string | undefined,
  models: readonly string[],
  languages: readonly string[],
): CompiledTemplates {
  const own = findOwnTemplates(directory, models, languages);
  const problems = new Set(own.problems);
  const byFiles = new Map<string, Engines>();
  const byUse = new Map<string, Engines>();
  // Models and languages without files of their own share what is compiled.
  const compiled = (use: TemplateFor): Engines => {
    const sources = templateFiles.map((file) => ({ file, ...sourceOf(directory, own, file, use) }));
    const key = sources.map(({ name }) => name).join("|");
    const known = byFiles.get(key);
    if (known) return known;
    const engines: Engines = { text: textEngine(), html: htmlEngine(), names: new Map() };
    for (const { file, path, name } of sources) {
      engines.names.set(file, name);
      try {
        engines[formatOf(file)].loadTemplate(partName(file), readTemplate(file, path));
      } catch (error) {
        problems.add(`${name}: ${firstWords(error)}`);
      }
    }
    byFiles.set(key, engines);
    return engines;
  };
  for (const model of models.length === 0 ? [""] : models)
    for (const language of languages) byUse.set(`${model} ${language}`, compiled({ model, language }));
  const fallback = compiled({ model: "", language: "" });
  return {
    own,
    problems: [...problems],
    render(name, data, { model, language }) {
      const engines = byUse.get(`${model} ${language}`) ?? byUse.get(` ${language}`) ?? fallback;
      const file = `${name}.eta`;
      return engines[formatOf(file)].render(partName(file), data, {
        filepath: engines.names.get(file) ?? file,
      });
    },
  };
}

interface Engines {
  readonly text: Eta;
  readonly html: Eta;
  /** The file of each template, for what is said of a mistake. */
  readonly names: Map<string, string>;
}

const { escapeFunction } = new Eta().config;

/** Makes a value part of an HTML text or attribute. */
export function escapeHtml(value: unknown): string {
  return escapeFunction(value ?? "");
}

function htmlEngine(): Eta {
  return new Eta({ debug: true, escapeFunction: escapeHtml });
}

function textEngine(): Eta {
  // Trimming is off because it would swallow the line break after each `<%= … %>`.
  return new Eta({ debug: true, autoTrim: false, escapeFunction: oneLine });
}

/** Reads a template. Throws an Error for a text without a subject. */
function readTemplate(file: string, path: string | URL): string {
  const source = readFileSync(path, "utf8")
    .replace(/^\uFEFF/, "")
    .replaceAll("\r\n", "\n");
  if (formatOf(file) === "text" && !source.startsWith("Subject: "))
    throw new Error('the first line must be "Subject: …"');
  return source;
}

export function formatOf(file: string): "text" | "html" {
  return /\.text(\.eta)?$/.test(file) ? "text" : "html";
}

/** Eta keeps templates that are not files under names that start with "@". */
function partName(file: string): string {
  return `@${file.replace(/\.(text|html)(\.eta)?$/, "")}`;
}

// Eta's messages go on for pages with the compiled function.
function firstWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const lines = error.message.split("\n").map((line) => line.trim());
  return lines.filter(Boolean).slice(0, 2).join(": ");
}

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Eta } from "eta";
import { en } from "../texts/en.js";
import { carriesLink, mailNames, sharedParts, templateFiles, templateUrl } from "./templates.js";
import { htmlWords } from "./words.js";

/** Renders one template, by file name without `.eta`, with the data it sees as `it`. */
export type RenderTemplate = (name: string, data: Readonly<Record<string, unknown>>) => string;

/**
 * Reads and compiles every template, the user's own files before the shipped ones, and tries each of the user's
 * once. What is wrong with them is collected in `problems`, one sentence each; `render` may only be used when
 * there are none.
 */
export function compileTemplates(directory?: string): {
  render: RenderTemplate;
  problems: readonly string[];
} {
  const engines = { text: textEngine(), html: htmlEngine() };
  const render: RenderTemplate = (name, data) =>
    engines[formatOf(name)].render(partName(name), data, { filepath: `${name}.eta` });
  const { own, problems } = ownFiles(directory);
  for (const file of templateFiles) {
    const path = own.has(file) && directory !== undefined ? join(directory, file) : templateUrl(file);
    try {
      const source = readFileSync(path, "utf8")
        .replace(/^\uFEFF/, "")
        .replaceAll("\r\n", "\n");
      if (formatOf(file) === "text" && !source.startsWith("Subject: ")) {
        problems.push(`${file}: the first line must be "Subject: …"`);
      }
      engines[formatOf(file)].loadTemplate(partName(file), source);
    } catch (error) {
      problems.push(`${file}: ${firstWords(error)}`);
    }
  }
  if (directory !== undefined && problems.length === 0) problems.push(...tryAll(render));
  return { render, problems };
}

/** Brings a value to one line without control characters: in a header or a plain text it could start a new part. */
export function oneLine(value: unknown): string {
  // Bidirectional overrides go too: they make one address look like another.
  return String(value ?? "")
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, "");
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

function ownFiles(directory: string | undefined): { own: ReadonlySet<string>; problems: string[] } {
  if (directory === undefined) return { own: new Set(), problems: [] };
  try {
    const names = readdirSync(directory).filter((name) => !name.startsWith("."));
    const unknown = names.filter((name) => !templateFiles.includes(name)).sort();
    const known = `layout.html.eta, button.html.eta, and .text.eta or .html.eta after ${mailNames.join(", ")}`;
    const problems = unknown.map(
      (name) => `${name}: no mail has a template of this name. The names are ${known}`,
    );
    return { own: new Set(names), problems };
  } catch (error) {
    return { own: new Set(), problems: [`the templates directory cannot be read: ${firstWords(error)}`] };
  }
}

/** Compiling does not find a misspelt name or a forgotten link, so every template is rendered once with a sample. */
function tryAll(render: RenderTemplate): string[] {
  const link = "https://app.example/sampleLink";
  const body = "sampleBody";
  const sample = {
    appName: "App",
    to: "a@app.example",
    newEmail: "b@app.example",
    provider: "Example",
    model: "user",
    account: {},
  };
  const values = {
    app: "App",
    to: sample.to,
    newEmail: sample.newEmail,
    provider: sample.provider,
    duration: "1 hour",
  };
  const data = {
    ...sample,
    language: "en",
    subject: "Sample",
    validFor: "1 hour",
    url: link,
    config: "default",
    label: "Open",
    body,
  };
  const attempt = (name: string, mustHold: readonly (readonly [what: string, text: string])[]): string[] => {
    try {
      const words = htmlWords(en, name.replace(/\.\w+$/, ""), values, escapeHtml);
      const output = render(name, { ...data, words });
      const missing = mustHold.filter(([, text]) => !output.includes(text));
      return missing.map(([what]) => `${name}.eta: ${what} is never printed`);
    } catch (error) {
      // A TypeError may come from the sample account, which has none of the model's fields.
      return error instanceof Error && error.name === "TypeError" ? [] : [`${name}.eta: ${lastWords(error)}`];
    }
  };
  const shared = sharedParts.flatMap((part) =>
    attempt(`${part}.html`, [part === "layout" ? ["it.body", body] : ["it.url", link]]),
  );
  if (shared.length > 0) return shared;
  return mailNames.flatMap((kind) =>
    ["text", "html"].flatMap((format) =>
      attempt(`${kind}.${format}`, carriesLink(kind) ? [["it.url", link]] : []),
    ),
  );
}

function formatOf(file: string): "text" | "html" {
  return /\.text(\.eta)?$/.test(file) ? "text" : "html";
}

/** Eta keeps templates that are not files under names that start with "@". */
function partName(file: string): string {
  return `@${file.replace(/\.(text|html)(\.eta)?$/, "")}`;
}

// Eta's messages go on for pages: the compiled function after the first lines, or the place in the source before the last.
function firstWords(error: unknown): string {
  return error instanceof Error ? lines(error).slice(0, 2).join(": ") : String(error);
}

function lastWords(error: unknown): string {
  return error instanceof Error ? (lines(error).at(-1) ?? error.name) : String(error);
}

function lines(error: Error): string[] {
  return error.message
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

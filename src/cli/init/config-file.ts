import { type DatabaseName, isClosed } from "./arguments.js";
import type { Language } from "./language.js";
import { type DescribedSetting, readSettings, valueShown } from "./settings-reference.js";

export interface ConfigOptions {
  readonly model: string;
  readonly mountAt: string;
  readonly database: DatabaseName;
  readonly language: Language;
  readonly port: number;
  /** Whether Next loads the file: it does so several times, and reads the files of the environment itself. */
  readonly isNext?: boolean;
}

const required = ["baseUrl", "database", "models", "mountAt"];
const ofModels = ["A model", "A field"];
const width = 110;

/** The configuration file: what has to be said, and every other setting as a comment with its default. */
export function configText(options: ConfigOptions): string {
  const { model, mountAt, database, port, isNext = false } = options;
  const sections = readSettings();
  const general = sections.filter(({ title }) => !ofModels.includes(title));
  const modelSettings = sections.find(({ title }) => title === "A model")?.settings ?? [];
  const fieldSettings = sections.find(({ title }) => title === "A field")?.settings ?? [];
  return [
    ...head(options),
    isNext ? "const makeAuth = () => createAuth({" : "export const auth = createAuth({",
    "  // Where clients reach this server. Links in mails begin with it. In production it begins with https://",
    `  baseUrl: "http://localhost:${port}",`,
    `  database: ${databaseCode(database)},`,
    '  // A client whose connection breaks stays signed in. "expire", the default, is stricter.',
    '  lostResponses: "recover",',
    "",
    "  // The kinds of account. One more: keyturn init Admin /admin_auth",
    "  models: {",
    `    ${model}: {`,
    `      mountAt: "${mountAt}",`,
    ...(isClosed(model) ? ["      registration: false, // first account: keyturn accounts create"] : []),
    "",
    "      // Fields of your own, as columns of the accounts table. What a field may say:",
    ...indent(
      fieldSettings.flatMap(({ name, byDefault, text }) =>
        comment(`- ${name}: ${withDefault(text, byDefault)}`),
      ),
      6,
    ),
    '      fields: { name: { type: "string", writable: true } },',
    ...indent(
      modelSettings
        .filter(isOptional)
        .filter(({ name }) => name !== "fields" && !(name === "registration" && isClosed(model)))
        .flatMap(commentedOut),
      6,
    ),
    "    },",
    "  },",
    ...general.flatMap(({ title, settings }) => {
      const lines = grouped(settings.filter(isOptional).filter(({ name }) => name !== "lostResponses"));
      return lines.length === 0 ? [] : ["", `  // ---- ${title}`, ...indent(lines, 2)];
    }),
    "});",
    ...(isNext
      ? [
          "",
          "// One for the process, however often Next loads this file.",
          "export const auth = sharedAuth(makeAuth);",
        ]
      : []),
    "",
  ]
    .join("\n")
    .replaceAll("MODEL", model);
}

function isOptional({ name }: DescribedSetting): boolean {
  return !required.includes(name);
}

function head({ database, language: { name }, isNext = false }: ConfigOptions): string[] {
  const url = name === "TypeScript" ? 'process.env["DATABASE_URL"]' : "process.env.DATABASE_URL";
  const fromUrl = [
    "",
    ...(isNext
      ? []
      : [
          "// Node's own reader of .env; a variable that is set already stays as it is.",
          'if (existsSync(".env")) process.loadEnvFile(".env");',
        ]),
    `const databaseUrl = ${url};`,
    `if (!databaseUrl) throw new Error("DATABASE_URL is missing: set it, or write it into ${isNext ? ".env.local" : ".env"}");`,
  ];
  const isUrl = database !== "sqlite";
  return [
    ...(isUrl && !isNext ? ['import { existsSync } from "node:fs";'] : []),
    'import { createAuth } from "keyturn";',
    ...(isNext ? ['import { sharedAuth } from "keyturn/next";'] : []),
    `import { ${database} } from "keyturn/${database}";`,
    ...(isUrl ? fromUrl : []),
    "",
    "// The app imports `auth` from here, and keyturn migrate and the other commands read this file.",
    "// Lines that begin with // show every other setting with its default, or with an example.",
  ];
}

function databaseCode(database: DatabaseName): string {
  return database === "sqlite" ? 'sqlite("app.db")' : `${database}(databaseUrl)`;
}

/** Settings of a group, such as `mail.from`, stand inside of it. */
function grouped(settings: readonly DescribedSetting[]): string[] {
  const groupOf = ({ name }: DescribedSetting): string =>
    name.includes(".") ? (name.split(".", 1)[0] ?? "") : "";
  const groups = [...new Set(settings.map(groupOf))].filter((group) => group !== "");
  const inside = (group: string) =>
    settings
      .filter((setting) => groupOf(setting) === group)
      .map((setting) => ({ ...setting, name: setting.name.slice(group.length + 1) }));
  return [
    ...settings.filter((setting) => groupOf(setting) === "").flatMap(commentedOut),
    ...groups.flatMap((group) => ["", `// ${group}: {`, ...inside(group).flatMap(commentedInGroup), "// },"]),
  ];
}

/** Uncommented with its whole group, as editors do it, an explanation is still a comment. */
function commentedInGroup(setting: DescribedSetting): string[] {
  const lines = commentedOut(setting).filter((line) => line !== "");
  const code = lines.pop() ?? "";
  return [...lines.map((line) => `//   ${line}`), code.replace(/^\/\//, "//  ")];
}

function commentedOut(setting: DescribedSetting): string[] {
  const { name, byDefault, text } = setting;
  const value = valueShown(setting);
  const isTold = byDefault.startsWith(`\`${value}\``);
  return [
    "",
    ...comment(isTold && byDefault.length === value.length + 2 ? text : withDefault(text, byDefault)),
    `// ${name}: ${value},${isTold ? "" : " // an example"}`,
  ];
}

function withDefault(text: string, byDefault: string): string {
  return byDefault === "required" ? `${text} Required.` : `${text} Default: ${byDefault}.`;
}

function comment(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < width - 6)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`// ${word}`);
  }
  return lines;
}

function indent(lines: readonly string[], spaces: number): string[] {
  return lines.map((line) => (line === "" ? "" : " ".repeat(spaces) + line));
}

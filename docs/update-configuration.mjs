/**
 * Fills the tables of configuration.md with what the sources say of each setting: `node docs/update-configuration.mjs`. The JSDoc of a
 * setting is its documentation; "Default: …" at its end is the column of defaults. Which setting stands in which table is up to the page.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = `${root}docs/configuration.md`;

/** @returns {Map<string, string>} the row of each setting, by its name as the page has it. */
export function settingRows() {
  const features = readdirSync(`${root}src/features`, { withFileTypes: true }).filter((one) =>
    one.isDirectory(),
  );
  const files = [
    "src/config/config.ts",
    "src/config/core-settings.ts",
    "src/config/language-settings.ts",
    "src/config/mail-settings.ts",
    "src/accounts/models.ts",
    ...features.map(({ name }) => `src/features/${name}/settings.ts`),
  ];
  return new Map(files.flatMap((file) => describedIn(file)).map(({ name, text }) => [name, row(name, text)]));
}

/** @param {string} text the page. */
export function withRows(text, rows = settingRows()) {
  return text.replace(/^\| `([\w.]+)` \|.*\|$/gm, (line, name) => rows.get(name) ?? line);
}

const interfaces = { Settings: "", AuthConfig: "", MailSettings: "mail.", ModelConfig: "", FieldConfig: "" };

function describedIn(file) {
  let source;
  try {
    source = ts.createSourceFile(file, readFileSync(root + file, "utf8"), ts.ScriptTarget.ESNext, true);
  } catch {
    return [];
  }
  return source.statements.flatMap((statement) => {
    if (ts.isInterfaceDeclaration(statement) && statement.name.text in interfaces)
      return statement.members.map((member) => described(member, interfaces[statement.name.text]));
    if (!ts.isVariableStatement(statement)) return [];
    return statement.declarationList.declarations.flatMap(({ name, initializer }) =>
      /ettings$/.test(name.getText()) && initializer && ts.isObjectLiteralExpression(initializer)
        ? initializer.properties.map((property) => described(property, ""))
        : [],
    );
  });
}

function described(node, prefix) {
  const [doc] = ts.getJSDocCommentsAndTags(node);
  const comment = typeof doc?.comment === "string" ? doc.comment : "";
  return { name: prefix + node.name.getText(), text: comment.replace(/\s+/g, " ").trim() };
}

function row(name, text) {
  const isRequired = / Required\.$/.test(text) || /^(database|models|mountAt|type)$/.test(name);
  const [, before = text, given] = /^(.*?) Default:? (.*)\.$/.exec(text) ?? [];
  const byDefault = isRequired ? "required" : (given ?? "none");
  const what = before.replace(/ Required\.$/, "").replaceAll("|", "\\|");
  return `| \`${name}\` | ${byDefault.replaceAll("|", "\\|")} | ${what} |`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(page, withRows(readFileSync(page, "utf8")));

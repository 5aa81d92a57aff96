import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));
const file = `${root}test/consumer/express.ts`;
const source = readFileSync(file, "utf8");
const { hover } = createEditor(file, source);

test("a hover over req.account shows the account's own fields", () => {
  const { shown } = hover("account", source.indexOf("req.account.id"));
  for (const member of ["name: string | null", "age: number | null", "uid: string", "email: string | null"])
    expect(shown).toContain(member);
  expect(shown).not.toMatch(/AccountOf|mountAt/);
}, 120_000);

test("a hover over what a guard has found shows each model's account beside its name", () => {
  const { shown } = hover("found", source.indexOf("const found"));
  expect(shown).toMatch(/model: "user"/);
  expect(shown).toMatch(/level: number \| null/);
  expect(shown).not.toMatch(/AccountOf|mountAt/);
});

test("a hover over a setting, a model's setting and a field's shows what it is for", () => {
  for (const name of ["baseUrl", "database", "models", "groups", "mountAt", "confirmable", "fields", "type"])
    expect(hover(name, source.indexOf(`${name}:`)).description, name).toMatch(/\w+ \w+ \w+/);
});

test("a hover over a function of the Auth shows what it does", () => {
  for (const name of ["createAuth", "authenticate", "identify", "keyturn"])
    expect(hover(name, source.indexOf(`${name}(`)).description, name).toMatch(/\w+ \w+ \w+/);
});

const hooksFile = `${root}test/hooks-in-an-editor.ts`;
const hooksSource = `
import { createAuth } from "keyturn";
import { sqlite } from "keyturn/sqlite";
const parts = {
  baseUrl: "http://localhost:3000",
  database: sqlite(":memory:"),
  models: { user: { mountAt: "/auth", fields: { name: { type: "string" }, age: { type: "integer" } } } },
} as const;
export const auth = createAuth({
  ...parts,
  hooks: {
    user: {
      answer: (account) => account,
      beforeCreate: (signUp) => signUp.skipConfirmation(),
      beforeUpdate: (update) => ({ name: update.fields.name }),
      afterSignIn: (signedIn) => signedIn.account,
    },
  },
});
createAuth({ ...parts, hooks: { user: { beforeCreate: () => ({ age: "5" }) } } });
createAuth({ ...parts, hooks: { user: { beforeUpdate: async () => true } } });
`;

test("a hover over what a hook is given shows the model's own fields, and a wrong return which would be right", () => {
  const { hover: over, errors } = createEditor(hooksFile, hooksSource);
  for (const given of ["account)", "signUp)", "update)", "signedIn)"]) {
    const { shown } = over(given, 0);
    for (const field of [/name\??: string \| null/, /age\??: number \| null/])
      expect(shown, given).toMatch(field);
    expect(shown, given).not.toMatch(/mountAt|FieldsOf/);
  }
  const [first, second, ...more] = errors();
  const right = "{ readonly name?: string | null | undefined; readonly age?: number | null | undefined; }";
  expect(more).toEqual([]);
  expect(first).toContain(`Type '{ age: "5"; }' is not assignable to type '${right}'`);
  expect(first).toContain("Type 'string' is not assignable to type 'number'");
  expect(second).toContain(`Type 'boolean' is not assignable to type 'NoFields | ${right}'`);
  expect(`${first}${second}`).not.toMatch(/mountAt|FieldsOf/);
}, 120_000);

/** What an editor shows of a file: for the word `name` that begins at `from` or after it, and underlined in red. */
function createEditor(
  path: string,
  text: string,
): {
  hover(name: string, from: number): { shown: string; description: string };
  errors(): readonly string[];
} {
  const read = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, root);
  const service = ts.createLanguageService({
    getCompilationSettings: () => ({ ...options, noErrorTruncation: true }),
    getScriptFileNames: () => [path],
    getScriptVersion: () => "1",
    getScriptSnapshot: (name) =>
      ts.ScriptSnapshot.fromString(name === path ? text : (ts.sys.readFile(name) ?? "")),
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (name) => name === path || ts.sys.fileExists(name),
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
  });
  return {
    hover(name, from) {
      const info = service.getQuickInfoAtPosition(path, text.indexOf(name, from));
      return {
        shown: ts.displayPartsToString(info?.displayParts),
        description: ts.displayPartsToString(info?.documentation),
      };
    },
    errors: () =>
      service
        .getSemanticDiagnostics(path)
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")),
  };
}

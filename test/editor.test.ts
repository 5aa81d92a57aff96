import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));
const file = `${root}test/consumer/express.ts`;
const source = readFileSync(file, "utf8");
const hover = createHover();

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

/** What an editor shows for the word `name` that begins at `from` or after it. */
function createHover(): (name: string, from: number) => { shown: string; description: string } {
  const read = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(read.config, ts.sys, root);
  const service = ts.createLanguageService({
    getCompilationSettings: () => ({ ...options, noErrorTruncation: true }),
    getScriptFileNames: () => [file],
    getScriptVersion: () => "1",
    getScriptSnapshot: (name) => ts.ScriptSnapshot.fromString(ts.sys.readFile(name) ?? ""),
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
  });
  return (name, from) => {
    const info = service.getQuickInfoAtPosition(file, source.indexOf(name, from));
    return {
      shown: ts.displayPartsToString(info?.displayParts),
      description: ts.displayPartsToString(info?.documentation),
    };
  };
}

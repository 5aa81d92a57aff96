import { describe, expect, test } from "vitest";
import { folderWith } from "../../../test/fixtures/init-app.js";
import { readEntries } from "./app-entry.js";
import { detectDatabase } from "./database.js";
import { detectLanguage, languageFor } from "./language.js";
import { type Project, readProject, workspacePackages } from "./project.js";

/** Projects as editors on Windows, other package managers and stricter compilers leave them. */

type Files = Readonly<Record<string, unknown>>;

const project = (files: Files, below = ""): Project =>
  readProject(`${folderWith({ ".git/HEAD": "", ...files })}/${below}`);

describe("files of others", () => {
  const read = (files: Files) => project(files).manifest;

  test("a byte order mark in front is no part of what a file says", () => {
    const files = {
      "package.json": '\ufeff{ "type": "module", "dependencies": { "express": "^5" } }',
      "tsconfig.json": '\ufeff{ "compilerOptions": { "module": "commonjs" } }',
      ".env": "\ufeffDATABASE_URL=mysql://localhost/a\r\n",
      "src/index.ts": "",
    };
    const found = project(files);
    expect(found.manifest).toMatchObject({ type: "module", dependencies: { express: "^5" } });
    expect(detectLanguage(found, readEntries(found)[0]).value).toMatchObject({ format: "commonjs" });
    expect(detectDatabase(found, undefined, {})).toMatchObject({ value: "mysql" });
  });

  test("what is not as expected in a package.json is as if it were not there", () => {
    const odd = {
      main: ["a.js"],
      packageManager: {},
      scripts: { a: null, b: "node b.js" },
      devDependencies: [],
    };
    const files = { "package.json": { type: "module", ...odd, workspaces: { nohoist: ["**"] } } };
    expect(read(files)).toEqual({ type: "module", scripts: { b: "node b.js" } });
    expect(project(files).isWorkspaceRoot).toBe(false);
    expect(() => read({ "package.json": "{" })).toThrow("cannot be read as a package.json");
    expect(() => read({ "package.json": "[]" })).toThrow("cannot be read as a package.json");
  });

  test.each([
    [
      "of Bun, with a catalog",
      { "package.json": { workspaces: { packages: ["apps/*"], catalog: { a: "1" } } } },
    ],
    ["in brackets", { "pnpm-workspace.yaml": "packages: ['apps/*', \"!apps/old\"]\n" }],
    ["in brackets over lines", { "pnpm-workspace.yaml": "packages: [\n  apps/*,\n  !apps/old\n]\n" }],
    ["a line each", { "pnpm-workspace.yaml": 'packages:\r\n  - "apps/*"\r\n  - "!apps/old"\r\n' }],
  ])("the packages of a workspace are known: %s", (name, files) => {
    const both = { ...files, "apps/api/package.json": {}, "apps/old/package.json": {} };
    const { root } = project(both, "apps/api");
    const found = workspacePackages(root).map((path) => path.slice(root.length + 1));
    expect(found).toEqual(name.startsWith("of Bun") ? ["apps/api", "apps/old"] : ["apps/api"]);
  });
});

describe("the language", () => {
  const languageIn = (files: Files) => {
    const found = project(files);
    return detectLanguage(found, readEntries(found)[0]).value;
  };
  const typescript = (type: string | undefined, compilerOptions: object) => ({
    "package.json": { ...(type === undefined ? {} : { type }), devDependencies: { typescript: "^6.0.0" } },
    "tsconfig.json": { compilerOptions },
  });

  test.each([
    [
      "a module by its name, alone in a package of CommonJS",
      { "src/server.mts": "" },
      { module: "node16" },
      { format: "esm", ending: ".mts", imported: ".mjs" },
    ],
    [
      "the same, run as it is",
      { "src/server.mts": 'import "./a.mts";' },
      { module: "nodenext", allowImportingTsExtensions: true },
      { format: "esm", ending: ".mts", imported: ".mts" },
    ],
    [
      "CommonJS whose compiler refuses imports",
      { "src/index.ts": "" },
      { module: "nodenext", verbatimModuleSyntax: true },
      { format: "commonjs", ending: ".mts", imported: ".mjs", importsByRequire: true },
    ],
  ])("%s gets a configuration that is a module whatever its package is", (_, files, options, language) => {
    expect(languageIn({ ...typescript(undefined, options), ...files })).toEqual({
      name: "TypeScript",
      ...language,
    });
  });

  test("an entry file with JSX is one", () => {
    const files = typescript("module", { module: "nodenext" });
    expect(languageIn({ ...files, "src/index.tsx": 'import { a } from "./a";' })).toMatchObject({
      name: "TypeScript",
      imported: "",
    });
  });

  test("a configuration that is there is imported by its own ending", () => {
    const language = { name: "TypeScript", format: "esm", ending: ".mts", imported: ".mjs" } as const;
    const asWritten = { ...language, ending: ".ts", imported: ".ts" } as const;
    expect(
      ["auth.mts", "auth.ts", "auth.js", "auth.mjs"].map((path) => languageFor(path, language).imported),
    ).toEqual([".mjs", ".js", ".js", ".mjs"]);
    expect(
      ["auth.mts", "auth.ts", "auth.js", "auth.mjs"].map((path) => languageFor(path, asWritten).imported),
    ).toEqual([".mts", ".ts", ".js", ".mjs"]);
    expect(languageFor("src/auth.ts", { ...asWritten, imported: "" }).imported).toBe("");
  });
});

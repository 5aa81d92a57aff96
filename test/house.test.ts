import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join, posix, relative, sep } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { privateEntries, publicEntries, root } from "../scripts/entries.mjs";
import { folderOf, isAllowed, mayImport, packageHomes, portable, roomOf } from "./house-rules.js";

interface SourceFile {
  /** Relative to src, with forward slashes: `engine/token.ts`. */
  readonly path: string;
  readonly imports: readonly string[];
  /** What the style forbids, each with its line. */
  readonly habits: readonly string[];
}

const src = join(root, "src");
const files = filesBelow(src, /\.ts$/).map(read);
const sources = files.filter((file) => !file.path.endsWith(".test.ts"));

describe("the house", () => {
  test("every folder and file of src has a line in the list of who may import whom", () => {
    const folders = sources.map(({ path }) => folderOf(path));
    const known = new Set([...Object.keys(mayImport), "features"]);
    expect([...new Set(folders)].filter((folder) => !known.has(folder))).toEqual([]);
  });

  test("imports point inward, types included", () => {
    const wrong = sources.flatMap((file) =>
      localImports(file)
        .filter((target) => !isAllowed(roomOf(file.path), roomOf(target)))
        .map((target) => `${file.path} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  test("each package is imported only where the list allows it", () => {
    const wrong = sources.flatMap((file) =>
      file.imports
        .filter((name) => !name.startsWith("."))
        .map(packageOf)
        .filter((name) => !isAtHome(name, folderOf(file.path)))
        .map((name) => `${file.path} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test("no import goes round in a circle", () => {
    expect(circles(new Map(sources.map((file) => [file.path, localImports(file)])))).toEqual([]);
  });

  test("no file is longer than 300 lines, tests included", () => {
    const all = ["src", "test", "demo", "chaos", "bench", "scripts"].flatMap((folder) =>
      filesBelow(join(root, folder), /\.(tsx?|mjs|js)$/).map((path) => `${folder}/${path}`),
    );
    const counted = all.map((path) => ({ path, lines: linesOf(readFileSync(join(root, path), "utf8")) }));
    expect(counted.length).toBeGreaterThan(files.length);
    const long = counted.filter(({ lines }) => lines > 300);
    expect(long.map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
  });

  test("no default export, no `export *`, no `any`, no URL.canParse, no index.ts below src", () => {
    expect(files.flatMap((file) => file.habits)).toEqual([]);
  });
});

describe("the package", () => {
  test("a lockfile names no registry, so that it installs from whichever is set", () => {
    for (const folder of ["", "test/old-clients/"])
      expect(readFileSync(`${root}${folder}package-lock.json`, "utf8")).not.toContain('"resolved"');
  });

  test("every entry has its source", () => {
    const entries = [...publicEntries(), ...privateEntries()];
    expect(entries.filter((entry) => !existsSync(root + entry.source))).toEqual([]);
  });

  test("tsconfig.json resolves the names of package.json to the sources", () => {
    const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
    expect(config.compilerOptions.paths).toEqual(
      Object.fromEntries(
        [...publicEntries(), ...privateEntries()].map((entry) => [entry.name, [`./${entry.source}`]]),
      ),
    );
  });

  test("the names of package.json's exports also resolve for compilers that do not read exports", () => {
    const { exports, typesVersions } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
    const named = Object.entries<{ types?: string }>(exports).flatMap(([subpath, { types }]) =>
      types === undefined || subpath === "." ? [] : [[subpath.slice(2), [types]]],
    );
    expect(typesVersions).toEqual({ "*": Object.fromEntries(named) });
  });
});

/** Paths relative to the folder, with forward slashes. */
function filesBelow(folder: string, named: RegExp): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && named.test(entry.name))
    .filter((entry) => !entry.parentPath.includes("node_modules"))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}

function read(path: string): SourceFile {
  const text = readFileSync(join(src, path), "utf8");
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const imports: string[] = [];
  const habits = /.\/index\.ts$/.test(path) ? [`${path}: an inner index.ts`] : [];
  const visit = (node: ts.Node): void => {
    const imported = importOf(node);
    const habit = habitOf(node);
    if (imported && ts.isStringLiteral(imported)) imports.push(imported.text);
    if (habit)
      habits.push(`${path}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${habit}`);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { path, imports, habits };
}

function linesOf(text: string): number {
  return text.trimEnd().split("\n").length;
}

/** What stands for the module's name in each of the forms an import has. */
function importOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return node.argument.literal;
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return node.arguments[0];
  return undefined;
}

/** What a file imports from src, as paths like its own. */
function localImports(file: SourceFile): string[] {
  return file.imports
    .filter((name) => name.startsWith("."))
    .map((name) => posix.join(posix.dirname(file.path), name).replace(/\.js$/, ".ts"));
}

/** `hono/cookie` → `hono`, `@hono/node-server/serve` → `@hono/node-server`. */
function packageOf(name: string): string {
  return name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");
}

function isAtHome(name: string, part: string): boolean {
  const ofNode = name.startsWith("node:") || builtinModules.includes(name);
  return ofNode ? !portable.includes(part) : (packageHomes[name]?.includes(part) ?? false);
}

/** Each circle once, written `a.ts → b.ts → a.ts`. */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) found.push([...trail.slice(start), path].join(" → "));
    if (start >= 0 || done.has(path)) return;
    for (const target of imports.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return found;
}

function habitOf(node: ts.Node): string | undefined {
  if (node.kind === ts.SyntaxKind.AnyKeyword) return "any";
  if (node.kind === ts.SyntaxKind.DefaultKeyword && ts.canHaveModifiers(node.parent)) return "default export";
  if (ts.isExportAssignment(node)) return "default export";
  if (ts.isExportDeclaration(node) && !node.exportClause) return "export *";
  if (ts.isPropertyAccessExpression(node) && node.name.text === "canParse")
    return "URL.canParse: parseUrl is right";
  return undefined;
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { basename, dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { publicEntries, root } from "../scripts/entries.mjs";

/** A part is a folder of src, or a file directly in it. What it may import beside itself: */
const inner = ["protocol", "errors", "core"];
const around = [...inner, "store", "http", "oauth", "mail"];
const whole = [...around, "config", "config-problems", "settings", "account-functions", "auth"];
const mayImport: Record<string, readonly string[]> = {
  protocol: [],
  client: ["protocol"],
  errors: ["protocol"],
  core: ["protocol", "errors"],
  store: inner,
  http: inner,
  oauth: inner,
  mail: inner,
  config: around,
  "config-problems": [],
  settings: [...around, "config", "config-problems"],
  "account-functions": [...around, "config", "settings"],
  auth: [...around, "config", "settings", "account-functions"],
  adapters: whole,
  serve: [...whole, "adapters"],
  cli: [...whole, "adapters", "serve"],
  testing: [...whole, "adapters"],
  index: whole,
};

/** Where each package is at home. One that is not listed is a decision nobody has taken yet. */
const packageHomes: Record<string, readonly string[]> = {
  "@hono/node-server": ["cli"],
  "@node-rs/argon2": ["core"],
  "@zxcvbn-ts/language-common": ["core"],
  bcryptjs: ["core"],
  "better-sqlite3": ["store"],
  commander: ["cli"],
  eta: ["mail"],
  express: ["adapters"],
  hono: ["serve", "adapters"],
  jiti: ["cli"],
  kysely: ["store", "testing"],
  mysql2: ["store", "testing"],
  nodemailer: ["mail"],
  pg: ["store", "testing"],
  pino: ["cli"],
  zod: ["settings", "config-problems"],
};

/** These run in browsers too: nothing of Node. */
const portable = ["protocol", "client"];

interface SourceFile {
  /** Relative to src, with forward slashes: `core/rotation.ts`. */
  readonly path: string;
  readonly part: string;
  readonly lines: number;
  readonly imports: readonly string[];
  /** What the house does not do, each with its line. */
  readonly habits: readonly string[];
}

const src = dirname(fileURLToPath(import.meta.url));
const files = filesBelow(src).map(read);
const sources = files.filter((file) => !file.path.endsWith(".test.ts"));

describe("the house", () => {
  test("every part has a place in the list of who may import whom", () => {
    expect([...new Set(sources.map((file) => file.part))].filter((part) => !(part in mayImport))).toEqual([]);
  });

  test("imports point inward, types included", () => {
    const wrong = sources.flatMap((file) =>
      localImports(file)
        .filter((target) => partOf(target) !== file.part && !mayImport[file.part]?.includes(partOf(target)))
        .map((target) => `${file.path} imports ${target}: ${file.part} may not know ${partOf(target)}`),
    );
    expect(wrong).toEqual([]);
  });

  test("each package is imported only where it is at home", () => {
    const wrong = sources.flatMap((file) =>
      file.imports
        .filter((name) => !name.startsWith("."))
        .map(packageOf)
        .filter((name) => !isAtHome(name, file.part))
        .map((name) => `${file.path} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test("no import goes round in a circle", () => {
    expect(circles(new Map(sources.map((file) => [file.path, localImports(file)])))).toEqual([]);
  });

  test("files stay below 300 lines", () => {
    const long = files.filter((file) => file.lines > 300);
    expect(long.map((file) => `${file.path}: ${file.lines}`)).toEqual([]);
  });

  test("no default export, no `export *`, no `any`, no index.ts below src", () => {
    expect(files.flatMap((file) => file.habits)).toEqual([]);
  });
});

describe("the package", () => {
  test("the lockfile names no registry, so that it installs from whichever is set", () => {
    expect(readFileSync(`${root}package-lock.json`, "utf8")).not.toContain('"resolved"');
  });

  test("every public entry has its source", () => {
    expect(publicEntries().filter((entry) => !existsSync(root + entry.source))).toEqual([]);
  });

  test("tsconfig.json resolves the public names to the sources of package.json", () => {
    const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
    expect(config.compilerOptions.paths).toEqual(
      Object.fromEntries(publicEntries().map((entry) => [entry.name, [`./${entry.source}`]])),
    );
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(src, join(entry.parentPath, entry.name)).split(sep).join("/"))
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
  return { path, part: partOf(path), lines: text.trimEnd().split("\n").length, imports, habits };
}

/** What stands for the module's name in each of the forms an import has. */
function importOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return node.argument.literal;
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return node.arguments[0];
  return undefined;
}

function partOf(path: string): string {
  return basename(path.split("/", 1)[0] ?? "", ".ts");
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
  return undefined;
}

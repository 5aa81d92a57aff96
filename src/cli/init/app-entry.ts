import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Project } from "./project.js";
import { dependenciesOf, readText } from "./project.js";
import {
  child,
  type Import,
  importsOf,
  nameOf,
  nodesOf,
  parseSource,
  requiredOf,
  type Syntax,
  type Tree,
} from "./syntax.js";

/** The frameworks whose apps are found in sources. */
export type Mountable = "express" | "fastify" | "hono" | "koa" | "nest";

/** What an adapter mounts on: Nest is mounted as the framework that it runs on. */
export type Host = Mountable | "nestOnFastify";

/** Where an app is made: `const app = express();`. */
export interface AppMaking {
  readonly source: Syntax;
  /** Name of the app's variable. */
  readonly app: string;
  /** The whole statement. */
  readonly statement: Tree;
}

const packages: Readonly<Record<string, Mountable>> = {
  express: "express",
  fastify: "fastify",
  hono: "hono",
  koa: "koa",
  "@nestjs/core": "nest",
};
const extensions = ["ts", "mts", "cts", "tsx", "js", "mjs", "cjs", "jsx"];
const usual = ["server", "app", "index", "main"];

/** Every file that may be where the app starts: what package.json names, and the usual names in the usual places. */
export function readEntries(project: Project): readonly Syntax[] {
  const { main = "", scripts = {} } = project.manifest ?? {};
  const named = [main, ...Object.values(scripts)]
    .flatMap((text) => text.match(/[\w./-]+\.(?:[cm]?[jt]s|[jt]sx)\b/g) ?? [])
    .map((path) => path.replace(/^\.\//, ""))
    .filter((path) => !/^\/|(^|\/)(dist|build|out|node_modules|\.\.)\/|\.(test|spec|config)\./.test(path));
  const expected = ["", "src/", "server/", "api/"].flatMap((folder) =>
    usual.flatMap((name) => extensions.map((extension) => `${folder}${name}.${extension}`)),
  );
  return [...new Set([...named, ...expected])].flatMap((path) => {
    if (!existsSync(join(project.cwd, path))) return [];
    const text = readText(join(project.cwd, path));
    return (text === undefined ? undefined : parseSource(path, text)) ?? [];
  });
}

/** The framework that a file imports, if it is one of ours. */
export function frameworkIn(source: Syntax): Mountable | undefined {
  const used = importsOf(source).flatMap(({ from }) => packages[from] ?? []);
  return (["nest", "hono", "fastify", "koa", "express"] as const).find((one) => used.includes(one));
}

/** On what a Nest app runs: what its entry file imports says, then its packages. */
export function hostOf(
  framework: Mountable,
  { manifest, rootManifest }: Project,
  entries: readonly Syntax[],
): Host {
  if (framework !== "nest") return framework;
  const platform = { express: "@nestjs/platform-express", fastify: "@nestjs/platform-fastify" };
  const imported = entries.flatMap((source) => importsOf(source).map(({ from }) => from));
  if (imported.includes(platform.fastify)) return "nestOnFastify";
  const installed = { ...dependenciesOf(rootManifest), ...dependenciesOf(manifest) };
  const isOther = imported.includes(platform.express) || platform.express in installed;
  return platform.fastify in installed && !isOther ? "nestOnFastify" : "nest";
}

/** Every place in a file where an app of the framework is made. */
export function appsMadeIn(source: Syntax, framework: Mountable): readonly AppMaking[] {
  const imports = importsOf(source);
  return [...nodesOf(source.tree)].flatMap(([node, [declaration, parent, grandparent]]) => {
    const app = nameOf(child(node, "id"));
    if (node.type !== "VariableDeclarator" || app === undefined || !declaration) return [];
    if (!makes(unwrapped(child(node, "init")), framework, imports)) return [];
    const isExported = parent?.type === "ExportNamedDeclaration";
    const block = isExported ? grandparent : parent;
    const inBlock = block?.type === "Program" || block?.type === "BlockStatement";
    return inBlock ? [{ source, app, statement: isExported ? parent : declaration }] : [];
  });
}

function makes(value: Tree | undefined, framework: Mountable, imports: readonly Import[]): boolean {
  const callee = child(value, "callee");
  const isCall = value?.type === "CallExpression";
  const is = (node: Tree | undefined, from: string, imported: readonly string[]): boolean =>
    imports.some((one) => one.from === from && one.local === nameOf(node) && imported.includes(one.imported));
  if (framework === "express")
    return isCall && (is(callee, "express", ["default", "*", "express"]) || requiredOf(callee) === "express");
  if (framework === "fastify")
    return isCall && (is(callee, "fastify", ["default", "*", "fastify"]) || requiredOf(callee) === "fastify");
  if (framework === "koa") return value?.type === "NewExpression" && is(callee, "koa", ["default", "*"]);
  if (framework === "hono") return value?.type === "NewExpression" && is(callee, "hono", ["Hono"]);
  const makesNest = nameOf(child(callee, "property")) === "create";
  return isCall && makesNest && is(child(callee, "object"), "@nestjs/core", ["NestFactory"]);
}

/** Without `await`, `as` and the like around it, and without Fastify's `.withTypeProvider<…>()`, which returns the app. */
function unwrapped(node: Tree | undefined): Tree | undefined {
  const wrappers = ["AwaitExpression", "TSAsExpression", "TSSatisfiesExpression", "TSNonNullExpression"];
  const callee = child(node, "callee");
  if (nameOf(child(callee, "property")) === "withTypeProvider") return unwrapped(child(callee, "object"));
  if (!node || !wrappers.includes(node.type)) return node;
  return unwrapped(child(node, "argument") ?? child(node, "expression"));
}

import { tsPlugin } from "@sveltejs/acorn-typescript";
import { type Node, Parser } from "acorn";

/** A source of the app, with its tree. */
export interface Syntax {
  readonly path: string;
  readonly text: string;
  readonly tree: Tree;
}

/** A node of the tree, as ESTree describes it. */
export interface Tree extends Node {
  readonly [key: string]: unknown;
}

const withTypes = Parser.extend(tsPlugin());
const withJsx = Parser.extend(tsPlugin({ jsx: true }));

function parserOf(path: string): typeof Parser {
  if (/\.[jt]sx$/.test(path)) return withJsx;
  return /\.[cm]?ts$/.test(path) ? withTypes : Parser;
}

/** Parses a .ts, .mts, .cts, .tsx, .js, .mjs, .cjs or .jsx file. `undefined`: it cannot be parsed, so nothing is known of it. */
export function parseSource(path: string, text: string): Syntax | undefined {
  const parser = parserOf(path);
  for (const sourceType of ["module", "script"] as const) {
    try {
      const options = { ecmaVersion: "latest", sourceType, locations: true, allowHashBang: true } as const;
      return {
        path,
        text,
        tree: parser.parse(text, { ...options, allowReturnOutsideFunction: true }) as Node as Tree,
      };
    } catch {
      // CommonJS may say what a module may not; what is neither is left to its author.
    }
  }
  return undefined;
}

/** Every node, the outermost first, with the nodes around it, the nearest first. */
export function* nodesOf(
  tree: Tree,
  around: readonly Tree[] = [],
): Generator<readonly [Tree, readonly Tree[]]> {
  yield [tree, around];
  for (const child of Object.values(tree).flat()) if (isTree(child)) yield* nodesOf(child, [tree, ...around]);
}

function isTree(value: unknown): value is Tree {
  return (
    typeof value === "object" &&
    value !== null &&
    "type" in value &&
    typeof value.type === "string" &&
    "start" in value
  );
}

export function child(node: Tree | undefined, key: string): Tree | undefined {
  const value = node?.[key];
  return isTree(value) ? value : undefined;
}

export function children(node: Tree | undefined, key: string): readonly Tree[] {
  const value = node?.[key];
  return Array.isArray(value) ? value.filter(isTree) : [];
}

/** The name of an identifier, or the text of a literal. */
export function nameOf(node: Tree | undefined): string | undefined {
  const name =
    node?.type === "Identifier" ? node["name"] : node?.type === "Literal" ? node["value"] : undefined;
  return typeof name === "string" ? name : undefined;
}

/** An import of one name: `{ keyturn as auth }` of `keyturn/express`. `imported` is `default` or `*` for the whole. */
export interface Import {
  readonly from: string;
  readonly imported: string;
  readonly local: string;
}

/** What a file imports, with `import` or `require`. */
export function importsOf({ tree }: Syntax): readonly Import[] {
  return [...nodesOf(tree)].flatMap(([node]) => {
    if (node.type === "ImportDeclaration") return importedBy(node);
    if (node.type === "VariableDeclarator") return requiredBy(node);
    if (node.type !== "TSImportEqualsDeclaration") return [];
    const from = nameOf(child(child(node, "moduleReference"), "expression"));
    const local = nameOf(child(node, "id"));
    return from === undefined || local === undefined ? [] : [{ from, imported: "default", local }];
  });
}

function importedBy(node: Tree): readonly Import[] {
  const from = nameOf(child(node, "source")) ?? "";
  return children(node, "specifiers").flatMap((one) => {
    const local = nameOf(child(one, "local"));
    const whole = one.type === "ImportNamespaceSpecifier" ? "*" : "default";
    return local === undefined ? [] : [{ from, imported: nameOf(child(one, "imported")) ?? whole, local }];
  });
}

function requiredBy(node: Tree): readonly Import[] {
  const from = requiredOf(child(node, "init"));
  const id = child(node, "id");
  if (from === undefined) return [];
  const local = nameOf(id);
  if (local !== undefined) return [{ from, imported: "default", local }];
  return children(id, "properties").flatMap((one) => {
    const [imported, name] = [nameOf(child(one, "key")), nameOf(child(one, "value"))];
    return imported === undefined || name === undefined ? [] : [{ from, imported, local: name }];
  });
}

/** The module of `require("module")`. */
export function requiredOf(node: Tree | undefined): string | undefined {
  const isRequire = node?.type === "CallExpression" && nameOf(child(node, "callee")) === "require";
  return isRequire ? nameOf(children(node, "arguments")[0]) : undefined;
}

/** Whether a name is used in a file for anything. */
export function isNameUsed({ tree, text }: Syntax, name: string): boolean {
  if (!text.includes(name)) return false;
  return [...nodesOf(tree)].some(([node, [parent]]) => {
    const isKey = parent?.["key"] === node && parent["shorthand"] !== true;
    const isMember = parent?.["property"] === node && parent["computed"] !== true;
    return node.type === "Identifier" && node["name"] === name && !isKey && !isMember;
  });
}

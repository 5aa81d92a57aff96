import { join } from "node:path";
import type { FileChange } from "./file-change.js";
import type { Language } from "./language.js";
import { type Project, readText } from "./project.js";
import { child, children, nameOf, nodesOf, parseSource, type Tree } from "./syntax.js";

const setting = "serverExternalPackages";

/**
 * next.config with Keyturn among the packages that are not bundled. `undefined`: it is there already. `"by hand"`: the file has no one
 * object that is sure to be the settings.
 */
export function nextConfigChange(project: Project, language: Language): FileChange | "by hand" | undefined {
  const file = readConfig(project);
  if (!file) return newConfig(language);
  const { path, text } = file;
  const source = parseSource(path, text);
  const [object, ...others] = source ? settingsObjects(source.tree) : [];
  if (!object || others.length > 0) return "by hand";
  const property = children(object, "properties").find((one) => nameOf(child(one, "key")) === setting);
  const after = property ? inList(text, child(property, "value")) : asFirst(text, object);
  if (after === undefined) return "by hand";
  return after === text ? undefined : { path, before: text, after };
}

function readConfig({ cwd }: Project): { readonly path: string; readonly text: string } | undefined {
  for (const ending of ["ts", "mts", "mjs", "js", "cjs"]) {
    const path = `next.config.${ending}`;
    const text = readText(join(cwd, path));
    if (text !== undefined) return { path, text };
  }
  return undefined;
}

function newConfig({ name }: Language): FileChange {
  const isTypeScript = name === "TypeScript";
  const after = [
    isTypeScript ? 'import type { NextConfig } from "next";\n' : '/** @type {import("next").NextConfig} */',
    `const nextConfig${isTypeScript ? ": NextConfig" : ""} = {`,
    "  // Keyturn reads files of its own and has native parts, so it is not bundled.",
    `  ${setting}: ["keyturn"],`,
    "};\n",
    "export default nextConfig;\n",
  ].join("\n");
  return { path: isTypeScript ? "next.config.ts" : "next.config.mjs", before: undefined, after };
}

/** Objects that a variable called …config holds, or that the file exports as they are. */
function settingsObjects(tree: Tree): readonly Tree[] {
  return [...nodesOf(tree)].flatMap(([node]) => {
    const isNamed = node.type === "VariableDeclarator" && /config$/i.test(nameOf(child(node, "id")) ?? "");
    const isModule =
      node.type === "AssignmentExpression" && nameOf(child(child(node, "left"), "property")) === "exports";
    const value = isNamed
      ? child(node, "init")
      : node.type === "ExportDefaultDeclaration"
        ? child(node, "declaration")
        : isModule
          ? child(node, "right")
          : undefined;
    const plain = /^TS(Satisfies|As)Expression$/.test(value?.type ?? "") ? child(value, "expression") : value;
    return plain?.type === "ObjectExpression" ? [plain] : [];
  });
}

function inList(text: string, list: Tree | undefined): string | undefined {
  if (list?.type !== "ArrayExpression") return undefined;
  const elements = children(list, "elements");
  if (elements.some((one) => nameOf(one) === "keyturn")) return text;
  const quote = text.slice(list.start, list.end).includes("'") ? "'" : '"';
  const more = elements.length > 0 ? ", " : "";
  return `${text.slice(0, list.start + 1)}${quote}keyturn${quote}${more}${text.slice(list.start + 1)}`;
}

/** In front of the other settings, in the file's own style. */
function asFirst(text: string, object: Tree): string {
  const inside = text.slice(object.start + 1, object.end - 1);
  const quote = text.includes("'") && !text.includes('"') ? "'" : '"';
  const property = `${setting}: [${quote}keyturn${quote}]`;
  const before = text.slice(0, object.start + 1);
  const after = text.slice(object.start + 1);
  if (!inside.includes("\n")) return `${before} ${property}${inside.trim() === "" ? " " : ","}${after}`;
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const [, indent = "  "] = /\n([ \t]+)\S/.exec(inside) ?? [];
  return `${before}${lineEnd}${indent}${property},${after}`;
}

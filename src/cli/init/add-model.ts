import { CommandRefused } from "../failures.js";
import { isClosed } from "./arguments.js";
import { child, children, nameOf, nodesOf, parseSource, type Tree } from "./syntax.js";

/** What a configuration file says of its models, as far as it says it in so many words. */
interface WrittenModel {
  readonly name: string;
  readonly mountAt: string | undefined;
  readonly table: string;
}

/**
 * The text of a configuration file with one more model. Returns the same text if the model is there. Throws a CommandRefused if its name,
 * mount point or table is taken. `undefined`: the file does not list its models in a way that is sure to be read rightly.
 */
export function withModel(path: string, text: string, model: string, mountAt: string): string | undefined {
  const source = parseSource(path, text);
  const models = source && findModels(source.tree);
  if (!models) return undefined;
  const written = children(models, "properties").flatMap(readModel);
  const same = written.find(({ name }) => name === model);
  if (same) {
    if (same.mountAt === undefined || same.mountAt === mountAt) return text;
    throw new CommandRefused(`${path} has a model ${model}, mounted at ${same.mountAt}. Nothing was written`);
  }
  refuseTaken(path, written, model, mountAt);
  return insert(text, models, modelLine(model, mountAt));
}

/** A model as a configuration writes it. */
export function modelLine(model: string, mountAt: string): string {
  return `${model}: { mountAt: "${mountAt}"${isClosed(model) ? ", registration: false" : ""} }`;
}

function refuseTaken(path: string, written: readonly WrittenModel[], model: string, mountAt: string): void {
  const place = written.find((one) => one.mountAt === mountAt);
  if (place)
    throw new CommandRefused(
      `${mountAt} is taken: ${path} mounts the model ${place.name} there. Nothing was written`,
    );
  const table = written.find((one) => one.table.toLowerCase() === `${model}s`.toLowerCase());
  if (table)
    throw new CommandRefused(
      `The table ${model}s is taken: the model ${table.name} of ${path} keeps its accounts there. Nothing was written`,
    );
}

/** The object behind `models:` in what `createAuth` takes. */
function findModels(tree: Tree): Tree | undefined {
  for (const [node] of nodesOf(tree)) {
    if (node.type !== "ObjectExpression") continue;
    const names = children(node, "properties").map((property) => nameOf(child(property, "key")));
    if (!names.includes("models") || !(names.includes("database") || names.includes("baseUrl"))) continue;
    const property = children(node, "properties")[names.indexOf("models")];
    const value = child(property, "value");
    const object = value?.type === "ObjectExpression" ? value : child(value, "expression");
    return object?.type === "ObjectExpression" ? object : undefined;
  }
  return undefined;
}

function readModel(property: Tree): WrittenModel[] {
  const name = nameOf(child(property, "key"));
  if (name === undefined) return [];
  const said = (setting: string): string | undefined =>
    nameOf(
      children(child(property, "value"), "properties")
        .filter((one) => nameOf(child(one, "key")) === setting)
        .map((one) => child(one, "value"))
        .find((value) => value?.type === "Literal"),
    );
  return [{ name, mountAt: said("mountAt"), table: said("table") ?? `${name}s` }];
}

/** Behind the last property, in the same style: on its own line where the others are. */
function insert(text: string, object: Tree, property: string): string {
  const last = children(object, "properties").at(-1);
  if (!last) return `${text.slice(0, object.start)}{ ${property} }${text.slice(object.end)}`;
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const rest = text.slice(last.end, object.end);
  const hasComma = /^\s*,/.test(rest);
  if (!text.slice(object.start, last.start).includes("\n"))
    return `${text.slice(0, last.end)}, ${property}${text.slice(hasComma ? last.end + rest.indexOf(",") : last.end)}`;
  const lineStart = text.lastIndexOf("\n", last.start) + 1;
  const indent = /^[ \t]*/.exec(text.slice(lineStart))?.[0] ?? "";
  const [behind = ""] = /^[ \t]*,?[ \t]*(?:\/\/[^\r\n]*)?/.exec(rest) ?? [];
  const at = last.end + behind.length;
  const before = hasComma ? behind : `,${behind}`;
  return `${text.slice(0, last.end)}${before}${lineEnd}${indent}${property},${text.slice(at)}`;
}

import { child, children, nameOf, nodesOf, type Syntax, type Tree } from "./syntax.js";

/** The port that the app listens on, where its source says so in figures. What comments and other connections say does not count. */
export function portIn({ tree }: Syntax): number | undefined {
  const nodes = [...nodesOf(tree)].map(([node]) => node);
  const values = new Map(nodes.flatMap((node) => declared(node) ?? []));
  for (const places of [listening, settingOfApp, namedPort, exported])
    for (const node of nodes) {
      const port = figureOf(places(node), values);
      if (port !== undefined) return port;
    }
  return undefined;
}

type Values = ReadonlyMap<string, Tree>;

/** `const port = …`, and the default of `const { PORT = 3000 } = process.env`. */
function declared(node: Tree): readonly (readonly [string, Tree])[] | undefined {
  const [name, value] =
    node.type === "VariableDeclarator"
      ? [nameOf(child(node, "id")), child(node, "init")]
      : node.type === "AssignmentPattern"
        ? [nameOf(child(node, "left")), child(node, "right")]
        : [];
  return name === undefined || value === undefined ? undefined : [[name, value]];
}

/** `app.listen(…)`, `app.listen({ port })`, `serve({ fetch, port })`. */
function listening(node: Tree): Tree | undefined {
  if (node.type !== "CallExpression") return undefined;
  const callee = child(node, "callee");
  const name = nameOf(callee) ?? nameOf(child(callee, "property"));
  if (name !== "listen" && name !== "serve") return undefined;
  const [first] = children(node, "arguments");
  return first?.type === "ObjectExpression" ? portOf(first) : name === "listen" ? first : undefined;
}

/** `app.set("port", …)`. */
function settingOfApp(node: Tree): Tree | undefined {
  if (node.type !== "CallExpression" || nameOf(child(child(node, "callee"), "property")) !== "set")
    return undefined;
  const [name, value] = children(node, "arguments");
  return nameOf(name) === "port" ? value : undefined;
}

/** `const port = …`, in a file that another one lets listen. */
function namedPort(node: Tree): Tree | undefined {
  const [name, value] = declared(node)?.[0] ?? [];
  return name?.toLowerCase() === "port" ? value : undefined;
}

/** `export default { port: 3000, fetch: app.fetch }`, as Bun reads it. */
function exported(node: Tree): Tree | undefined {
  const value = node.type === "ExportDefaultDeclaration" ? child(node, "declaration") : undefined;
  return value?.type === "ObjectExpression" ? portOf(value) : undefined;
}

function portOf(object: Tree): Tree | undefined {
  const property = children(object, "properties").find((one) => nameOf(child(one, "key")) === "port");
  return child(property, "value");
}

/** 3000 of `3000`, `"3000"`, `process.env.PORT ?? 3000`, `Number(process.env.PORT || "3000")`, or of a variable with such a value. */
function figureOf(node: Tree | undefined, values: Values, depth = 0): number | undefined {
  if (node === undefined || depth > 10) return undefined;
  const first = (...nodes: readonly (Tree | undefined)[]): number | undefined =>
    nodes.map((one) => figureOf(one, values, depth + 1)).find((port) => port !== undefined);
  switch (node.type) {
    case "Literal":
      return /^\d{2,5}$/.test(String(node["value"])) ? Number(node["value"]) : undefined;
    case "Identifier":
      return first(values.get(nameOf(node) ?? ""));
    case "LogicalExpression":
      return first(child(node, "right"), child(node, "left"));
    case "ConditionalExpression":
      return first(child(node, "alternate"), child(node, "consequent"));
    case "CallExpression":
      return first(children(node, "arguments")[0]);
    default:
      return first(child(node, "argument"), child(node, "expression"));
  }
}

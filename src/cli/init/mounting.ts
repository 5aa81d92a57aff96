import { posix } from "node:path";
import type { AppMaking, Host } from "./app-entry.js";
import type { Language } from "./language.js";
import {
  child,
  children,
  importsOf,
  isNameUsed,
  nameOf,
  nodesOf,
  requiredOf,
  type Syntax,
  type Tree,
} from "./syntax.js";

/** The adapter for each. */
export const entryOf: Readonly<Record<Host, string>> = {
  express: "keyturn/express",
  fastify: "keyturn/fastify",
  hono: "keyturn/hono",
  koa: "keyturn/koa",
  nest: "keyturn/express",
  nestOnFastify: "keyturn/fastify",
};

/** The statement that mounts the routes, without its end. */
function mountingStatement(host: Host, app: string, argument: string): string {
  if (host === "fastify") return `${app}.register(${argument})`;
  return host === "nestOnFastify" ? `await ${app}.register(${argument})` : `${app}.use(${argument})`;
}

/** The lines that mount the auth routes, for somebody who puts them in by hand. */
export function mountingLines(host: Host, language: Language, config: string): readonly string[] {
  const mounting = (argument: string): string =>
    `${mountingStatement(host, "app", argument)}; // right after the app is made`;
  if (language.importsByRequire)
    return [
      `import routes = require("${entryOf[host]}");`,
      `import config = require("${config}");`,
      mounting("routes.keyturn(config.auth)"),
    ];
  return [
    ...importLines(language.format === "commonjs" && language.name === "JavaScript", {
      entry: entryOf[host],
      config,
      quote: '"',
      end: ";",
      keyturn: "keyturn",
      auth: "auth",
    }),
    mounting("keyturn(auth)"),
  ];
}

/**
 * The source of the app with the auth routes mounted, right after the app is made. `config`: path of the configuration file, without its
 * ending. `undefined`: there is no sure place.
 */
export function mount(
  { source, app, statement }: AppMaking,
  host: Host,
  language: Language,
  config: string,
): string | undefined {
  const { text } = source;
  if (language.importsByRequire) return undefined;
  const [lastImport, isRequire] = lastImportOf(source, statement.start);
  if (lastImport === undefined) return undefined;
  const used = text.slice(lastImport.start, lastImport.end);
  const style = {
    entry: entryOf[host],
    config: specifier(source.path, config) + language.imported,
    quote: /'/.test(used) && !/"/.test(used) ? "'" : '"',
    end: used.endsWith(";") ? ";" : "",
    keyturn: isNameUsed(source, "keyturn") ? "keyturnRoutes" : "keyturn",
    auth: isNameUsed(source, "auth") ? "keyturnAuth" : "auth",
  };
  if (isNameUsed(source, "keyturnRoutes") || isNameUsed(source, "keyturnAuth")) return undefined;
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const lineStart = text.lastIndexOf("\n", statement.start - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(lineStart, statement.start))?.[0] ?? "";
  const use = `${indent}${mountingStatement(host, app, `${style.keyturn}(${style.auth})`)}${style.end}`;
  const afterImports = endOfLine(text, lastImport.end);
  const afterApp = endOfLine(text, statement.end);
  if (afterImports === undefined || afterApp === undefined || afterImports > afterApp) return undefined;
  const added = importLines(isRequire, style)
    .map((line) => `${lineEnd}${line}`)
    .join("");
  return (
    text.slice(0, afterImports) +
    added +
    text.slice(afterImports, afterApp) +
    lineEnd +
    use +
    text.slice(afterApp)
  );
}

interface Style {
  readonly entry: string;
  readonly config: string;
  readonly quote: string;
  readonly end: string;
  readonly keyturn: string;
  readonly auth: string;
}

function importLines(
  isRequire: boolean,
  { entry, config, quote, end, keyturn, auth }: Style,
): readonly string[] {
  const named = (name: string, local: string): string =>
    name === local ? name : isRequire ? `${name}: ${local}` : `${name} as ${local}`;
  const line = (names: string, from: string): string =>
    isRequire
      ? `const { ${names} } = require(${quote}${from}${quote})${end}`
      : `import { ${names} } from ${quote}${from}${quote}${end}`;
  return [line(named("keyturn", keyturn), entry), line(named("auth", auth), config)];
}

/** The last import at the top of a file, or the last `require` that is a statement of its own before the app is made. */
function lastImportOf({ tree }: Syntax, before: number) {
  const statements = children(tree, "body");
  const imports = statements.filter(
    ({ type }) => type === "ImportDeclaration" || type === "TSImportEqualsDeclaration",
  );
  const required = statements
    .filter(({ type, end }) => type === "VariableDeclaration" && end <= before)
    .filter((one) => children(one, "declarations").every((declared) => isRequired(child(declared, "init"))));
  const last = imports.at(-1);
  return last ? ([last, false] as const) : ([required.at(-1), true] as const);
}

/** `require("x")`, `require("x").y`, `require("x")(…)`. */
function isRequired(node: Parameters<typeof requiredOf>[0]): boolean {
  if (node === undefined) return false;
  return requiredOf(node) !== undefined || isRequired(child(node, "object") ?? child(node, "callee"));
}

/** Where the line of a statement ends. `undefined`: more code stands behind it. */
function endOfLine(text: string, from: number): number | undefined {
  const [rest = ""] = /^[^\r\n]*/.exec(text.slice(from)) ?? [];
  return /^[ \t;]*(\/\/.*|\/\*[^*]*\*\/[ \t]*)?$/.test(rest) ? from + rest.length : undefined;
}

function specifier(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith(".") ? path : `./${path}`;
}

/** Whether a file mounts the auth routes: it calls what it imports as `keyturn` of an adapter, under whatever name. */
export function mountsKeyturn(source: Syntax): boolean {
  return mountingCall(source) !== undefined;
}

/** The name that a file mounts: `keyturnAuth` of `keyturn(keyturnAuth)`. */
export function mountedAuth(source: Syntax): string | undefined {
  const [argument] = children(mountingCall(source), "arguments");
  return argument?.type === "Identifier" ? nameOf(argument) : undefined;
}

function mountingCall(source: Syntax): Tree | undefined {
  const imports = importsOf(source).filter(({ from }) =>
    /^keyturn\/(express|fastify|hono|koa|node|next|adapter-kit)$/.test(from),
  );
  if (imports.length === 0) return undefined;
  const mounting = ["keyturn", "toNodeListener", "handleNode", "handlers"];
  const names = imports.filter(({ imported }) => mounting.includes(imported)).map(({ local }) => local);
  const wholes = imports
    .filter(({ imported }) => imported === "*" || imported === "default")
    .map(({ local }) => local);
  return [...nodesOf(source.tree)]
    .map(([node]) => node)
    .find((node) => {
      if (node.type !== "CallExpression") return false;
      const callee = child(node, "callee");
      const member = nameOf(child(callee, "property"));
      const ofWhole =
        wholes.includes(nameOf(child(callee, "object")) ?? "") && mounting.includes(member ?? "");
      return names.includes(nameOf(callee) ?? "") || ofWhole;
    });
}

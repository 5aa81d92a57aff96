import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { root } from "../scripts/entries.mjs";
import { parseDuration } from "../src/config/duration.js";
import { resolveConfig } from "../src/config/settings.js";
import { sqlite } from "../src/database/sqlite/sqlite.js";
import { errorTable } from "../src/errors.js";
import { eventTable } from "../src/events.js";
import { routes } from "../src/features/list.js";
import { mailNames } from "../src/mail/templates.js";
import { en } from "../src/texts/en.js";
import { paramsOf } from "./fixtures/routes.js";

/** The documentation, held against the sources: examples compile, tables are equal, links lead somewhere. */

interface Block {
  readonly page: string;
  readonly line: number;
  /** What stands behind the fence: `ts`, `ts fragment`, `sh`. */
  readonly info: string;
  readonly code: string;
}

const pages = [
  ...["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "demo/README.md"],
  ...pagesIn("docs"),
  ...pagesIn("decisions"),
];
const texts = new Map(pages.map((page) => [page, readFileSync(root + page, "utf8")]));
const blocks = pages.flatMap(blocksOf);

describe("examples", () => {
  test("every ts and js block compiles against the sources; fragments parse", () => {
    const files = virtualFiles();
    expect(files.size).toBeGreaterThan(10);
    expect(problemsOf(files)).toEqual([]);
    const fragments = blocks.filter(({ info }) => /^(ts|js) fragment$/.test(info));
    const broken = fragments.filter(({ code }) => syntaxErrors(code) > 0);
    expect(broken.map(({ page, line }) => `${page}:${line}`)).toEqual([]);
  }, 60_000);

  test("every json block is JSON", () => {
    for (const { code } of blocks.filter(({ info }) => info === "json")) JSON.parse(code);
  });

  test("no block says that it is in a language nobody checks", () => {
    const known = /^(|ts|js|ts fragment|js fragment|json|sh|text|http|ruby|html|eta)$/;
    expect(blocks.filter(({ info }) => !known.test(info)).map(({ page, line }) => `${page}:${line}`)).toEqual(
      [],
    );
  });
});

describe("tables", () => {
  const defaults = resolveConfig({
    baseUrl: "http://localhost:3000",
    environment: "development",
    database: sqlite(":memory:"),
    models: { user: { mountAt: "/auth" } },
  });
  const config = "docs/configuration.md";

  test("docs/configuration.md has every setting, and no other", () => {
    const settings = [
      ...membersOf("config/config.ts", "Settings"),
      ...membersOf("config/config.ts", "AuthConfig"),
    ];
    const documented = tablesOf(config)
      .flat()
      .map(([name]) => plain(name));
    const others = ["ModelConfig", "FieldConfig"].flatMap((name) => membersOf("accounts/models.ts", name));
    const mail = membersOf("config/config.ts", "MailSettings").map((name) => `mail.${name}`);
    const wanted = [...settings.filter((name) => name !== "mail"), ...mail, ...others];
    expect(documented.toSorted()).toEqual(wanted.toSorted());
  });

  test("docs/configuration.md tells the defaults that hold", () => {
    const resolved = new Map<string, unknown>(Object.entries(defaults));
    const told = tablesOf(config)
      .flat()
      .filter(([name]) => resolved.has(plain(name)));
    const literals = told.filter(([, value]) => value === "none" || /^`[^`]+`$/.test(value ?? ""));
    expect(literals.length).toBeGreaterThan(20);
    for (const [name, value = ""] of literals) {
      const actual = resolved.get(plain(name));
      expect([plain(name), isDefault(plain(value), actual)]).toEqual([plain(name), true]);
    }
  });

  test("docs/errors.md has every error with its status and text", () => {
    const wanted = Object.entries(errorTable).map(([code, status]) => [
      code,
      String(status),
      en.errors[code as keyof typeof errorTable],
    ]);
    expect(firstTable("docs/errors.md").map((row) => row.slice(0, 3).map(plain))).toEqual(wanted);
  });

  test("docs/events.md has every event with its name in the OWASP vocabulary", () => {
    expect(firstTable("docs/events.md").map((row) => row.slice(0, 2).map(plain))).toEqual(
      Object.entries(eventTable),
    );
  });

  test("docs/wire.md has every route with its parameters", () => {
    const wanted = routes.map((route) => [`${route.method} ${route.path}`, paramsOf(route).join(", ")]);
    const table = tablesOf("docs/wire.md").find(([first]) => first?.[0] === "`POST /`") ?? [];
    const documented = table.map(([route, , params]) => [plain(route), plain(params)]);
    expect(documented.toSorted()).toEqual(wanted.toSorted());
  });

  test("docs/hooks.md has every hook", () => {
    expect(firstTable("docs/hooks.md").map(([name]) => plain(name))).toEqual(
      membersOf("accounts/hooks.ts", "ModelHooks"),
    );
  });

  test("docs/mail.md has every mail", () => {
    expect(firstTable("docs/mail.md").map(([name]) => plain(name))).toEqual([...mailNames]);
  });

  test("docs/security.md has a row for each of the 48 lines, and every test that it names is there", () => {
    const rows = tablesOf("docs/security.md").flat();
    expect(rows.map(([number]) => Number(number))).toEqual(
      Array.from({ length: 48 }, (_, index) => index + 1),
    );
    const named = rows.flatMap(([number, , proof = ""]) =>
      [...proof.matchAll(/`([^`]+\.test\.ts)`: “([^”]+)”/g)].map(([, file = "", name = ""]) => ({
        number,
        file,
        name,
      })),
    );
    expect(named.length).toBeGreaterThan(40);
    const lost = named.filter(({ file, name }) => !sourceOf(file).includes(name));
    expect(lost).toEqual([]);
  });
});

describe("links", () => {
  test("every link between pages leads to a file and a heading that are there", () => {
    const dead = pages.flatMap((page) =>
      linksOf(page).flatMap((link) => {
        const [path = "", anchor] = link.split("#");
        const target = path === "" ? page : join(dirname(page), path);
        if (!existsSync(root + target)) return [`${page}: ${link}`];
        const isPage = anchor !== undefined && target.endsWith(".md");
        return isPage && !headingsOf(target).includes(anchor) ? [`${page}: ${link}`] : [];
      }),
    );
    expect(dead).toEqual([]);
  });

  test("every link of README leads to a file that is published with it", () => {
    const { files } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
    // npm publishes these without being told.
    const published: readonly string[] = [...files, "README.md", "LICENSE"];
    const lost = linksOf("README.md")
      .map((link) => link.split("#")[0] ?? "")
      .filter((path) => !published.some((one) => path === one || path.startsWith(`${one}/`)));
    const images = [...textOf("README.md").matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, path = ""]) => path);
    expect(lost).toEqual([]);
    expect(images.filter((path) => !published.some((one) => path.startsWith(`${one}/`)))).toEqual([]);
  });

  test("every page of docs and decisions is listed in its folder's README", () => {
    for (const folder of ["docs", "decisions"]) {
      const listed = linksOf(`${folder}/README.md`);
      const files = readdirSync(root + folder).filter((name) => name.endsWith(".md") && name !== "README.md");
      expect(files.filter((name) => !listed.includes(name))).toEqual([]);
    }
  });
});

function pagesIn(folder: string): readonly string[] {
  const names = readdirSync(root + folder).filter((name) => name.endsWith(".md"));
  return names.map((name) => `${folder}/${name}`);
}

function textOf(page: string): string {
  return texts.get(page) ?? readFileSync(root + page, "utf8");
}

function sourceOf(file: string): string {
  return existsSync(root + file) ? readFileSync(root + file, "utf8") : "";
}

function blocksOf(page: string): readonly Block[] {
  const text = textOf(page);
  return [...text.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map(({ index, 1: info = "", 2: code = "" }) => ({
    page,
    line: text.slice(0, index).split("\n").length,
    info: info.trim(),
    code,
  }));
}

/** The tables of a page: body rows of cells. */
function tablesOf(page: string): readonly (readonly (readonly string[])[])[] {
  const text = textOf(page).replace(/^```.*?^```$/gms, "");
  return [...text.matchAll(/^\|.*\|\n\|[-: |]+\|\n((?:\|.*\|\n)*)/gm)].map(([, body = ""]) =>
    body.trimEnd().split("\n").map(cellsOf),
  );
}

function firstTable(page: string): readonly (readonly string[])[] {
  return tablesOf(page)[0] ?? [];
}

function cellsOf(row: string): readonly string[] {
  const cells = row.slice(1, row.lastIndexOf("|")).split(/(?<!\\)\|/);
  return cells.map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function plain(cell: string | undefined): string {
  return (cell ?? "").replaceAll("`", "");
}

function isDefault(told: string, actual: unknown): boolean {
  if (told === "none") return actual === undefined || actual === null || Object.keys(actual).length === 0;
  const value: unknown = JSON.parse(told);
  return value === actual || (typeof actual === "number" && parseDuration(value) === actual);
}

function membersOf(file: string, name: string): readonly string[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(`${root}src/${file}`, "utf8"),
    ts.ScriptTarget.ESNext,
  );
  const found = source.statements.filter(ts.isInterfaceDeclaration).find((one) => one.name.text === name);
  return (found?.members ?? []).flatMap(({ name: member }) =>
    member && ts.isIdentifier(member) ? [member.text] : [],
  );
}

function linksOf(page: string): readonly string[] {
  const text = textOf(page)
    .replace(/^```.*?^```$/gms, "")
    .replace(/`[^`\n]*`/g, "");
  return [...text.matchAll(/\]\(([^()\s]+)\)/g)].flatMap(([, link = ""]) =>
    /^[a-z]+:/.test(link) ? [] : [link],
  );
}

/** The anchors of a page, as GitHub makes them. */
function headingsOf(page: string): readonly string[] {
  return [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** The whole examples as files: one folder a page, names from their first comment (`// auth.ts`). A page without an auth.ts imports README's. */
function virtualFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const whole = blocks.filter(({ info }) => info === "ts" || info === "js");
  const named = (code: string): string | undefined => /^\/\/ ([\w.-]+\.[jt]s)\b/.exec(code)?.[1];
  const shared = whole.find(({ page, code }) => page === "README.md" && named(code) === "auth.ts");
  for (const { page, line, info, code } of whole) {
    const name = named(code) ?? `line-${line}.${info}`;
    let folder = `${root}src/from-${page.replace(/\W/g, "-")}`;
    // A second file of the same name begins another example.
    while (files.has(`${folder}/${name}`)) folder += "-next";
    files.set(`${folder}/${name}`, `${code}\nexport {};\n`);
  }
  for (const file of [...files.keys()]) {
    const auth = `${dirname(file)}/auth.ts`;
    if (shared && !files.has(auth)) files.set(auth, shared.code);
  }
  return files;
}

function problemsOf(files: ReadonlyMap<string, string>): readonly string[] {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, root);
  const host = ts.createCompilerHost({ ...options, checkJs: true });
  const { fileExists, readFile, directoryExists } = host;
  const folders = new Set([...files.keys()].map(dirname));
  host.fileExists = (file) => files.has(file) || fileExists.call(host, file);
  host.readFile = (file) => files.get(file) ?? readFile.call(host, file);
  host.directoryExists = (folder) => folders.has(folder) || (directoryExists?.call(host, folder) ?? true);
  const program = ts.createProgram([...files.keys()], { ...options, checkJs: true }, host);
  return [...files.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(
      ({ messageText }) =>
        `${file.slice(root.length)}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    );
  });
}

function syntaxErrors(code: string): number {
  const { diagnostics = [] } = ts.transpileModule(`async () => {\n${code}\n}`, { reportDiagnostics: true });
  return diagnostics.length;
}

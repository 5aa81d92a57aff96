import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { settingRows, withRows } from "../docs/update-configuration.mjs";
import { root } from "../scripts/entries.mjs";
import { parseDuration } from "../src/config/duration.js";
import { resolveConfig, settingNames } from "../src/config/resolve.js";
import { sqlite } from "../src/database/sqlite/sqlite.js";
import { errorTable } from "../src/errors.js";
import { eventTable } from "../src/events.js";
import { auditKinds } from "../src/features/audit-log/kinds.js";
import { routes } from "../src/features/list.js";
import { featureModelSettings } from "../src/features/settings.js";
import { mailNames } from "../src/mail/templates.js";
import { en } from "../src/texts/en.js";
import { firstTable, headingsOf, linksOf, pages, plain, tablesOf, textOf } from "./fixtures/pages.js";
import { paramsOf } from "./fixtures/routes.js";

/** The documentation, held against the sources: tables are equal, links lead somewhere. */

describe("tables", () => {
  const defaults = resolveConfig({
    baseUrl: "http://localhost:3000",
    environment: "development",
    database: sqlite(":memory:"),
    models: { user: { mountAt: "/auth" } },
  });
  const config = "docs/configuration.md";

  test("docs/configuration.md has every setting, and no other", () => {
    const rows = settingRows();
    const documented = tablesOf(config)
      .flat()
      .map(([name]) => plain(name));
    const wanted = [...rows.keys()].filter((name) => name !== "mail");
    expect(documented.toSorted()).toEqual(wanted.toSorted());
    const all = [...settingNames, ...Object.keys(featureModelSettings)].filter((name) => name !== "mail");
    expect(all.filter((name) => !documented.includes(name))).toEqual([]);
  });

  test("docs/configuration.md says of each setting what the sources say", () => {
    expect(withRows(textOf(config))).toBe(textOf(config));
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

  test("docs/audit-log.md says of each event as what it is kept", () => {
    const all = tablesOf("docs/audit-log.md").flatMap((table) => table.map((row) => row.map(plain)));
    expect(all.filter(([name = ""]) => name in eventTable)).toEqual(Object.entries(auditKinds));
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

  test.each([
    [
      "docs/auth-functions.md",
      [...membersOf("auth.ts", "Auth"), ...membersOf("account-functions/tokens.ts", "TokenFunctions")],
    ],
    ["docs/accounts.md", membersOf("account-functions/accounts.ts", "Accounts")],
  ])(
    "%s has every public function of its part of auth, in its first table and under a heading",
    (page, wanted) => {
      const listed = firstTable(page).map(([name = ""]) => /^\[`(\w+)[(`]/.exec(name)?.[1]);
      expect(listed.toSorted()).toEqual(wanted.toSorted());
      expect(wanted.filter((name) => !headingsOf(page).includes(name.toLowerCase()))).toEqual([]);
    },
  );

  test("docs/adapters.md names everything that keyturn/adapter-kit exports", () => {
    const text = textOf("docs/adapters.md");
    expect(exportsOf("adapters/kit.ts").filter((name) => !text.includes(`\`${name}`))).toEqual([]);
  });

  test("docs/mail.md has every mail", () => {
    expect(firstTable("docs/mail.md").map(([name]) => plain(name))).toEqual([...mailNames]);
  });

  test("docs/security.md has a row for each of the 57 lines, and every test that it names is there", () => {
    const rows = tablesOf("docs/security.md").flat();
    expect(rows.map(([number]) => Number(number))).toEqual(
      Array.from({ length: 57 }, (_, index) => index + 1),
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

  test("every link and image of a published page leads to a file that is published with it", () => {
    const { files } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
    // npm publishes these without being told.
    const published: readonly string[] = [...files, "README.md", "LICENSE"];
    const isPublished = (path: string): boolean =>
      published.some((one) => path === one || path.startsWith(`${one}/`));
    const lost = pages.filter(isPublished).flatMap((page) =>
      linksOf(page)
        .map((link) => link.split("#")[0] ?? "")
        .filter((path) => path !== "" && !isPublished(join(dirname(page), path)))
        .map((path) => `${page}: ${path}`),
    );
    expect(lost).toEqual([]);
  });

  test("every file of the repository that a page names is there", () => {
    const named = pages.flatMap((page) =>
      [
        ...textOf(page).matchAll(/`((?:src|test|bench|demo|chaos|scripts)\/[\w./-]+\.(?:ts|js|mjs|md))`/g),
      ].map(([, path = ""]) => [page, path]),
    );
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter(([, path]) => !existsSync(root + path))).toEqual([]);
  });

  test("every page of docs and decisions is listed in its folder's README", () => {
    for (const folder of ["docs", "decisions"]) {
      const listed = linksOf(`${folder}/README.md`);
      const files = readdirSync(root + folder).filter((name) => name.endsWith(".md") && name !== "README.md");
      expect(files.filter((name) => !listed.includes(name))).toEqual([]);
    }
  });
});

function sourceOf(file: string): string {
  return existsSync(root + file) ? readFileSync(root + file, "utf8") : "";
}

function isDefault(told: string, actual: unknown): boolean {
  if (told === "none") return actual === undefined || actual === null || Object.keys(actual).length === 0;
  // The name of another setting, whose value it is.
  if (/^\w+$/.test(told) && !/^(true|false|null|\d+)$/.test(told)) return true;
  const value: unknown = JSON.parse(told);
  return value === actual || (typeof actual === "number" && parseDuration(value) === actual);
}

function treeOf(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(`${root}src/${file}`, "utf8"), ts.ScriptTarget.ESNext, true);
}

function exportsOf(file: string): readonly string[] {
  return treeOf(file).statements.flatMap((statement) =>
    ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)
      ? statement.exportClause.elements.map(({ name }) => name.text)
      : [],
  );
}

function membersOf(file: string, name: string): readonly string[] {
  const source = treeOf(file);
  const found = source.statements.filter(ts.isInterfaceDeclaration).find((one) => one.name.text === name);
  return (found?.members ?? []).flatMap(({ name: member }) =>
    member && ts.isIdentifier(member) ? [member.text] : [],
  );
}

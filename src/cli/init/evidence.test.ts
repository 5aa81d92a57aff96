import { describe, expect, test } from "vitest";
import { folderWith } from "../../../test/fixtures/init-app.js";
import { readEntries } from "./app-entry.js";
import { detectDatabase, findVariable } from "./database.js";
import { detectFramework } from "./framework.js";
import { detectLanguage } from "./language.js";
import { detectPackageManager, wordsOf } from "./package-manager.js";
import { packagesNeeded } from "./packages-needed.js";
import { type Project, readProject, workspacePackages } from "./project.js";

/** Which evidence is stronger than which: detection.test.ts has each kind by itself. */

type Files = Readonly<Record<string, unknown>>;
const project = (files: Files, below = ""): Project =>
  readProject(`${folderWith({ ".git/HEAD": "", ...files })}/${below}`);

describe("the package manager (shape 1)", () => {
  const everything = {
    "package.json": { packageManager: "pnpm@10.0.0" },
    "pnpm-lock.yaml": "",
    "package-lock.json": "",
  };

  test("the option is stronger than all that is found", () => {
    expect(detectPackageManager(project(everything), "bun", "yarn/4.0.0")).toEqual({
      value: "bun",
      reason: "--package-manager",
    });
  });

  test.each([
    ["npm@11.4.0", "npm"],
    ["pnpm@10.1.0+sha512.abc", "pnpm"],
    ["yarn@1.22.22", "yarn"],
    ["yarn@4.9.1", "yarn"],
    ["bun@1.2.1", "bun"],
  ])('"packageManager": %j means %s, whoever started the command', (packageManager, value) => {
    const found = detectPackageManager(
      project({ "package.json": { packageManager } }),
      undefined,
      "deno/2.0.0",
    );
    expect(found).toMatchObject({ value, reason: expect.stringContaining(packageManager) });
  });

  test.each(["yarn@bun@1.2.1", "npm", "pnpm@latest", "@pnpm", "cnpm@9.0.0", ""])(
    '"packageManager": %j is nonsense, and the next evidence decides',
    (packageManager) => {
      const files = { "package.json": { packageManager } };
      const lock = { ...files, "bun.lock": "" };
      expect(detectPackageManager(project(lock), undefined, "pnpm/9")).toMatchObject({ value: "bun" });
      expect(detectPackageManager(project(files), undefined, "pnpm/9")).toMatchObject({ value: "pnpm" });
    },
  );

  test("the nearest lockfile is stronger than one further up, and none is looked for above the repository", () => {
    const nested = { "package-lock.json": "", "apps/api/package.json": {}, "apps/api/bun.lock": "" };
    expect(detectPackageManager(project(nested, "apps/api"), undefined, undefined)).toEqual({
      value: "bun",
      reason: "bun.lock",
    });
    const above = { "apps/api/package.json": {}, "yarn.lock": "" };
    expect(detectPackageManager(project(above, "apps/api"), undefined, undefined)).toEqual({
      value: "yarn",
      reason: "../../yarn.lock",
    });
    const outside = { "yarn.lock": "", "own/.git/HEAD": "", "own/package.json": {} };
    expect(detectPackageManager(project(outside, "own"), undefined, "bun/1.2.1")).toMatchObject({
      value: "bun",
      reason: "bun started this command",
    });
  });

  test("packageManager of the workspace's root holds for its packages", () => {
    const files = {
      "package.json": { workspaces: ["apps/*"], packageManager: "yarn@4.9.1" },
      "apps/api/package.json": {},
    };
    expect(detectPackageManager(project(files, "apps/api"), undefined, "npm/11")).toMatchObject({
      value: "yarn",
    });
  });

  test.each([
    ["npm/11.4.0 node/v24.0.0 linux x64", "npm"],
    ["pnpm/10.1.0 npm/? node/v24.0.0", "pnpm"],
    ["yarn/1.22.22 npm/? node/v24.0.0", "yarn"],
    ["yarn/4.9.1 npm/? node/v24.0.0", "yarn"],
    ["bun/1.2.1 npm/? node/v24.0.0", "bun"],
    ["something/1.0.0 pnpm/1", "npm"],
  ])("without other evidence %j started the command: %s", (userAgent, value) => {
    expect(detectPackageManager(project({ "package.json": {} }), undefined, userAgent)).toMatchObject({
      value,
    });
  });

  const pnpmWorkspace = { "pnpm-workspace.yaml": "packages:\n  - apps/*\n", "apps/api/package.json": {} };
  const workspaces = { "package.json": { workspaces: ["apps/*"] }, "apps/api/package.json": {} };
  test.each([
    // Next's template for pnpm has a file of settings alone, and pnpm refuses to add at its root without -w.
    ["pnpm", { "pnpm-workspace.yaml": "onlyBuiltDependencies:\n  - sharp\n" }, "", "pnpm add -w a"],
    ["pnpm", pnpmWorkspace, "", "pnpm add -w a"],
    ["pnpm", pnpmWorkspace, "apps/api", "pnpm add a"],
    ["npm", workspaces, "", "npm install a"],
    ["npm", workspaces, "apps/api", "npm install a"],
    ["yarn", workspaces, "apps/api", "yarn add a"],
    ["yarn", workspaces, "", "yarn add -W a"],
    [
      "yarn",
      { "package.json": { workspaces: ["apps/*"], packageManager: "yarn@1.22.22" } },
      "",
      "yarn add -W a",
    ],
    ["yarn", { "package.json": { workspaces: ["apps/*"], packageManager: "yarn@4.9.1" } }, "", "yarn add a"],
    ["bun", workspaces, "", "bun add a"],
  ] as const)("%s in %j, folder %j: %s", (manager, files, below, command) => {
    expect(wordsOf(manager, project(files, below)).add(["a"], "dependencies").join(" ")).toBe(command);
  });

  test("programs of packages are run in the manager's words", () => {
    const run = (["npm", "pnpm", "yarn", "bun"] as const).map((name) => wordsOf(name, project({})).run);
    expect(run).toEqual(["npx", "pnpm exec", "yarn", "bunx"]);
  });
});

describe("the framework (shape 2)", () => {
  const frameworkIn = (files: Files, below = "") => {
    const found = project(files, below);
    return detectFramework(found, undefined, readEntries(found));
  };
  const root = { workspaces: ["apps/*"], dependencies: { hono: "^4.7.0" } };

  test("the package's own dependencies are stronger than its files, and these than the workspace's root", () => {
    const own = { "apps/api/package.json": { dependencies: { fastify: "^5" } } };
    const files = { "apps/api/server.js": 'import express from "express";\nexpress();\n' };
    expect(frameworkIn({ "package.json": root, ...own, ...files }, "apps/api")).toMatchObject({
      value: "fastify",
    });
    const bare = { "apps/api/package.json": {} };
    expect(frameworkIn({ "package.json": root, ...bare, ...files }, "apps/api")).toMatchObject({
      value: "express",
      reason: "server.js",
    });
    expect(frameworkIn({ "package.json": root, ...bare }, "apps/api")).toMatchObject({
      value: "hono",
      reason: "hono in the workspace's package.json",
    });
  });

  test("a version that only the root names is looked at too", () => {
    const files = {
      "package.json": { workspaces: ["apps/*"], dependencies: { express: "^4.18.0" } },
      "apps/api/package.json": {},
      "apps/api/server.js": 'import express from "express";\nexpress();\n',
    };
    expect(() => frameworkIn(files, "apps/api")).toThrow("needs Express 5");
  });

  test.each([
    [".git, .gitignore, .idea, .vscode, README, LICENSE and .DS_Store", "new"],
    ["a file of somebody's own", "question"],
  ])("a folder with %s: %s", (what, kind) => {
    const files = {
      ".gitignore": "",
      ".idea/workspace.xml": "",
      ".vscode/settings.json": "",
      README: "",
      "README.md": "",
      LICENSE: "",
      ".DS_Store": "",
      ...(what.startsWith("a file") ? { "notes.js": "" } : {}),
    };
    const found = frameworkIn(files);
    expect("value" in found ? found.value : "question").toBe(kind);
  });

  test("the option is stronger than what is found", () => {
    const found = project({ "package.json": { dependencies: { hono: "*", fastify: "*" } } });
    expect(detectFramework(found, "fastify", readEntries(found))).toMatchObject({ value: "fastify" });
    expect(detectFramework(found, "none", readEntries(found))).toMatchObject({ value: "none" });
  });
});

describe("the packages of a workspace (shape 2)", () => {
  test.each([
    ["workspaces of package.json", { "package.json": { workspaces: ["apps/*", "tools/one"] } }],
    [
      "workspaces with packages",
      { "package.json": { workspaces: { packages: ["./apps/*", "tools/one/"] } } },
    ],
    [
      "pnpm-workspace.yaml",
      {
        "package.json": {},
        "pnpm-workspace.yaml": "packages:\n  # ours\n  - 'apps/*'\n  - \"tools/one\"\n\ncatalog:\n  a: 1\n",
      },
    ],
    [
      "patterns that take some out again",
      { "package.json": { workspaces: ["apps/**", "tools/*", "!tools/two", "!apps/old/**"] } },
    ],
  ])("%s", (_, files) => {
    const folder = folderWith({
      "apps/api/package.json": {},
      "apps/web/package.json": {},
      "apps/empty/index.js": "",
      "tools/one/package.json": {},
      "tools/two/package.json": {},
      ...(JSON.stringify(files).includes("!") ? { "apps/old/a/package.json": {} } : {}),
      ...files,
    });
    const found = workspacePackages(folder).map((path) => path.slice(folder.length + 1));
    expect(found).toEqual(["apps/api", "apps/web", "tools/one"]);
  });
});

describe("the database and its driver (shape 4, 6)", () => {
  test("a variable that is set is found: the real environment, then .env.local, then .env", () => {
    const files = { ".env": "DATABASE_URL=a\nONLY=1\n", ".env.local": "export DATABASE_URL='b'\n" };
    const find = (name: string, environment = {}) => findVariable(project(files), name, environment);
    expect(find("DATABASE_URL", { DATABASE_URL: "c" })).toEqual({ value: "c", where: "the environment" });
    expect(find("DATABASE_URL")).toEqual({ value: "b", where: ".env.local" });
    expect(find("ONLY")).toEqual({ value: "1", where: ".env" });
    expect(find("OTHER")).toBeUndefined();
  });

  test.each([
    ["postgres", "postgres"],
    ["postgresql", "postgres"],
    ["mysql", "mysql"],
    ["mariadb", "mysql"],
    ["sqlite", "sqlite"],
    ["file", "sqlite"],
  ])("a DATABASE_URL with %s: means %s, also beside another driver", (scheme, value) => {
    const found = project({ "package.json": { dependencies: { pg: "*", mysql2: "*" } } });
    const environment = { DATABASE_URL: `${scheme}://localhost/a` };
    expect(detectDatabase(found, undefined, environment)).toMatchObject({ value });
    expect(detectDatabase(found, "postgres", environment)).toMatchObject({ value: "postgres" });
  });

  test.each([
    ["sqlite", "20.19.0", ["better-sqlite3"]],
    ["sqlite", "22.13.0", []],
    ["sqlite", "24.0.0", []],
    ["postgres", "20.19.0", ["pg"]],
    ["mysql", "24.0.0", ["mysql2"]],
  ] as const)("%s on Node %s needs %j", (database, nodeVersion, drivers) => {
    const found = project({ "package.json": { dependencies: { express: "^5" } } });
    const language = { name: "JavaScript", format: "esm", ending: ".js", imported: ".js" } as const;
    const { dependencies } = packagesNeeded(found, { framework: "express", language, database }, nodeVersion);
    const names = dependencies.map((one) => one.replace(/@[^@]*$/, "")).filter((name) => name !== "keyturn");
    expect(names).toEqual(drivers);
  });
});

describe("the language (shape 5)", () => {
  test("TypeScript may be a dependency, or a tsconfig, of the workspace's root alone", () => {
    const files = (more: Files) => ({
      "package.json": { workspaces: ["apps/*"] },
      "apps/api/package.json": { type: "module" },
      ...more,
    });
    const languageIn = (more: Files) => {
      const found = project(files(more), "apps/api");
      return detectLanguage(found, readEntries(found)[0]).value;
    };
    const dependency = { workspaces: ["apps/*"], devDependencies: { typescript: "^6" } };
    expect(languageIn({ "package.json": dependency })).toMatchObject({ name: "TypeScript", ending: ".ts" });
    expect(languageIn({ "tsconfig.json": { compilerOptions: { module: "nodenext" } } })).toMatchObject({
      name: "TypeScript",
    });
    expect(languageIn({})).toMatchObject({ name: "JavaScript", ending: ".js" });
  });

  test("options come through several tsconfig.json, of a package too, and the nearest wins", () => {
    const found = project({
      "package.json": { devDependencies: { typescript: "^6.0.0" } },
      "tsconfig.json": { extends: ["@org/base/tsconfig.json", "./more.json"] },
      "more.json": { extends: "./deeper.json", compilerOptions: {} },
      "deeper.json": { compilerOptions: { module: "commonjs" } },
      "node_modules/@org/base/package.json": { name: "@org/base" },
      "node_modules/@org/base/tsconfig.json": { compilerOptions: { module: "esnext" } },
      "src/index.ts": "",
    });
    expect(detectLanguage(found, readEntries(found)[0]).value).toMatchObject({ format: "commonjs" });
  });
});

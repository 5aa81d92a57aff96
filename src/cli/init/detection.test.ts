import { describe, expect, test } from "vitest";
import { folderWith } from "../../../test/fixtures/init-app.js";
import { readEntries } from "./app-entry.js";
import { detectDatabase, driverOf } from "./database.js";
import { detectFramework } from "./framework.js";
import { detectLanguage } from "./language.js";
import { detectPackageManager, wordsOf } from "./package-manager.js";
import { type Project, readProject } from "./project.js";

/** What is detected in folders as they are found, one for each row of the tables of docs/init.md. */

type Files = Readonly<Record<string, unknown>>;

const project = (files: Files, below = ""): Project =>
  readProject(`${folderWith({ ".git/HEAD": "", ...files })}/${below}`);
const depending = (...names: readonly string[]) => ({
  "package.json": { dependencies: Object.fromEntries(names.map((name) => [name, "latest"])) },
});

describe("the framework", () => {
  const frameworkIn = (files: Files, below = "") => {
    const found = project(files, below);
    return detectFramework(found, undefined, readEntries(found));
  };

  test.each([
    ["nothing at all", {}, "new"],
    [
      "what an editor and npm init leave",
      { ".vscode/settings.json": "{}", "README.md": "", ...depending("keyturn") },
      "new",
    ],
    ["express", depending("express"), "express"],
    ["hono, which express's development server may stand beside", depending("hono", "express"), "hono"],
    ["Nest, which brings express", depending("@nestjs/core", "@nestjs/platform-express", "express"), "nest"],
    ["fastify, which express's middleware may stand beside", depending("fastify", "express"), "fastify"],
    ["koa", depending("koa", "@koa/router"), "koa"],
    ["Nest on Fastify", depending("@nestjs/core", "@nestjs/platform-fastify", "fastify"), "nest"],
    ["an entry file with Koa", { "package.json": {}, "app.js": 'const Koa = require("koa");' }, "koa"],
    ["Next, which brings a server", depending("next", "react", "express"), "next"],
    ["next.config.mjs", { "package.json": {}, "next.config.mjs": "" }, "next"],
    ["nest-cli.json", { "package.json": {}, "nest-cli.json": "{}" }, "nest"],
    [
      "an entry file that imports it",
      { "package.json": {}, "src/main.ts": 'import express from "express";' },
      "express",
    ],
    [
      "an entry file that requires it",
      { "package.json": {}, "app.js": 'const express = require("express");' },
      "express",
    ],
  ] as const)("%s gives %s", (_, files, framework) => {
    expect(frameworkIn(files)).toMatchObject({ value: framework });
  });

  test("a package of a workspace may have it from the root", () => {
    const files = {
      "package.json": { workspaces: ["apps/*"], dependencies: { express: "^5" } },
      "apps/api/package.json": {},
      "apps/api/lib.js": "",
    };
    expect(frameworkIn(files, "apps/api")).toEqual({
      value: "express",
      reason: "express in the workspace's package.json",
    });
  });

  test.each([
    ["Express 4", { "package.json": { dependencies: { express: "^4.18.0" } } }, "needs Express 5"],
    ["Fastify 4", { "package.json": { dependencies: { fastify: "^4.29.0" } } }, "needs Fastify 5"],
    ["Koa 1", { "package.json": { dependencies: { koa: "^1.7.0" } } }, "needs Koa 2"],
    ["Nest 10", { "package.json": { dependencies: { "@nestjs/core": "^10.0.0" } } }, "needs Nest 11"],
    ["Next 14", { "package.json": { dependencies: { next: "^14.2.0" } } }, "needs Next 15"],
    ["Hono on Workers", { ...depending("hono"), "wrangler.toml": "" }, "does not run on Cloudflare Workers"],
  ])("%s is told what it needs", (_, files, sentence) => {
    expect(() => frameworkIn(files)).toThrow(sentence);
  });

  test.each([
    [
      "two frameworks of which none brings the other",
      depending("hono", "fastify"),
      "--framework hono|fastify|none",
    ],
    [
      "Next with a server of one's own",
      { ...depending("next"), "server.js": 'require("express")();const e = require("express");' },
      "--framework next|express|none",
    ],
    ["a package.json without any", { ...depending("lodash"), "lib.js": "" }, "--framework none|express"],
  ])("%s is a question", (_, files, flag) => {
    expect(frameworkIn(files)).toMatchObject({ flag });
  });
});

describe("the package manager", () => {
  const managerIn = (files: Files, below = "", userAgent?: string) =>
    detectPackageManager(project(files, below), undefined, userAgent);

  test.each([
    ["package-lock.json", "npm"],
    ["npm-shrinkwrap.json", "npm"],
    ["pnpm-lock.yaml", "pnpm"],
    ["yarn.lock", "yarn"],
    ["bun.lock", "bun"],
    ["bun.lockb", "bun"],
  ])("%s means %s", (lockfile, manager) => {
    expect(managerIn({ [lockfile]: "" })).toEqual({ value: manager, reason: lockfile });
  });

  test("packageManager comes before anything else, if it makes sense", () => {
    expect(managerIn({ "package.json": { packageManager: "yarn@4.5.0" } })).toMatchObject({ value: "yarn" });
    expect(managerIn({ "package.json": { packageManager: "yarn@bun@1.2.1" }, "bun.lock": "" })).toMatchObject(
      { value: "bun" },
    );
    const both = {
      "package.json": { packageManager: "pnpm@9.0.0" },
      "pnpm-lock.yaml": "",
      "package-lock.json": "",
    };
    expect(managerIn(both)).toMatchObject({ value: "pnpm" });
  });

  test("the nearest lockfile counts, up to the root of the workspace", () => {
    const files = {
      "pnpm-workspace.yaml": 'packages:\n  - "apps/*"\n',
      "pnpm-lock.yaml": "",
      "apps/api/package.json": {},
    };
    expect(managerIn(files, "apps/api")).toEqual({ value: "pnpm", reason: "../../pnpm-lock.yaml" });
  });

  test("who started the command counts last, then npm", () => {
    expect(managerIn({}, "", "pnpm/9.1.0 npm/? node/v22.0.0")).toMatchObject({ value: "pnpm" });
    expect(managerIn({})).toMatchObject({ value: "npm" });
  });

  test.each([
    [{ "package-lock.json": "", "pnpm-lock.yaml": "" }, "--package-manager npm|pnpm"],
    [
      { "package.json": { packageManager: "pnpm@9.0.0" }, "package-lock.json": "" },
      "--package-manager pnpm|npm",
    ],
  ])("%j disagrees, so it is a question", (files, flag) => {
    expect(managerIn(files)).toMatchObject({ flag });
  });

  test.each([
    ["npm", {}, "npm install --save-dev better-sqlite3@12"],
    ["pnpm", {}, "pnpm add -D --allow-build=better-sqlite3 better-sqlite3@12"],
    ["pnpm", { "package.json": { packageManager: "pnpm@9.0.0" } }, "pnpm add -D better-sqlite3@12"],
    [
      "pnpm",
      { "pnpm-workspace.yaml": "packages:\n  - apps/*\n" },
      "pnpm add -w -D --allow-build=better-sqlite3 better-sqlite3@12",
    ],
    ["yarn", { "package.json": { workspaces: ["apps/*"] } }, "yarn add -W -D better-sqlite3@12"],
    [
      "yarn",
      { "package.json": { workspaces: ["apps/*"] }, ".yarnrc.yml": "" },
      "yarn add -D better-sqlite3@12",
    ],
    ["bun", {}, "bun add -d --trust better-sqlite3@12"],
  ] as const)("%s in %j adds with its own words", (manager, files, command) => {
    const words = wordsOf(manager, project(files));
    expect(words.add(["better-sqlite3@12"], "devDependencies").join(" ")).toBe(command);
  });
});

describe("the database", () => {
  const databaseIn = (files: Files, environment = {}) =>
    detectDatabase(project(files), undefined, environment);

  test.each([
    ["pg", "postgres"],
    ["mysql2", "mysql"],
    ["better-sqlite3", "sqlite"],
    ["express", "sqlite"],
  ])("%s in package.json means %s", (name, database) => {
    expect(databaseIn(depending(name))).toMatchObject({ value: database });
  });

  test("DATABASE_URL is stronger: in the environment, then .env.local, then .env", () => {
    const files = { ...depending("pg"), ".env": "DATABASE_URL=mysql://localhost/a\n" };
    expect(databaseIn(files)).toEqual({ value: "mysql", reason: "DATABASE_URL in .env begins with mysql:" });
    expect(databaseIn({ ...files, ".env.local": "DATABASE_URL='postgres://localhost/a'\n" })).toMatchObject({
      value: "postgres",
    });
    expect(databaseIn(files, { DATABASE_URL: "sqlite:app.db" })).toMatchObject({ value: "sqlite" });
    expect(databaseIn({ ...depending("pg"), ".env": "DATABASE_URL=mongodb://localhost/a\n" })).toMatchObject({
      value: "postgres",
    });
  });

  test("two drivers are a question", () => {
    expect(databaseIn(depending("pg", "mysql2"))).toMatchObject({ flag: "--database postgres|mysql" });
  });

  test("SQLite needs a package only where Node has none", () => {
    expect(["20.19.0", "22.12.0", "22.13.0", "24.0.0"].map((version) => driverOf("sqlite", version))).toEqual(
      ["better-sqlite3", "better-sqlite3", undefined, undefined],
    );
  });
});

describe("the language", () => {
  const languageIn = (files: Files) => {
    const found = project(files);
    return detectLanguage(found, readEntries(found)[0]).value;
  };
  const typescript = (type: string | undefined, compilerOptions: object, version = "^6.0.0") => ({
    "package.json": { ...(type === undefined ? {} : { type }), devDependencies: { typescript: version } },
    "tsconfig.json": `{\n  // of the app\n  "compilerOptions": ${JSON.stringify(compilerOptions)},\n}`,
    "src/index.ts": "",
  });

  test.each([
    ["nodenext in a module package", typescript("module", { module: "nodenext" }), ["esm", ".ts", ".js"]],
    [
      "nodenext that becomes CommonJS",
      typescript(undefined, { module: "NodeNext" }),
      ["commonjs", ".ts", ".js"],
    ],
    [
      "commonjs",
      typescript(undefined, { module: "commonjs", moduleResolution: "node10" }),
      ["commonjs", ".ts", ".js"],
    ],
    [
      "a bundler's",
      typescript("module", { module: "esnext", moduleResolution: "bundler" }),
      ["esm", ".ts", ".js"],
    ],
    [
      "TypeScript that runs as it is",
      typescript("module", { module: "nodenext", allowImportingTsExtensions: true }),
      ["esm", ".ts", ".ts"],
    ],
    ["JavaScript modules", { "package.json": { type: "module" }, "server.js": "" }, ["esm", ".js", ".js"]],
    ["CommonJS", { "package.json": {}, "server.js": "" }, ["commonjs", ".mjs", ".mjs"]],
    ["a module by its name", { "package.json": {}, "server.mjs": "" }, ["esm", ".mjs", ".mjs"]],
  ])("%s", (_, files, [format, ending, imported]) => {
    expect(languageIn(files)).toMatchObject({ format, ending, imported });
  });

  test("options come from what tsconfig.json extends", () => {
    const files = {
      ...typescript(undefined, {}),
      "tsconfig.json": { extends: "./config/base" },
      "config/base.json": { compilerOptions: { module: "commonjs" } },
    };
    expect(languageIn(files)).toMatchObject({ format: "commonjs" });
  });

  test("imports end as the app's own do", () => {
    const files = {
      ...typescript("module", { module: "esnext" }),
      "src/index.ts": 'import { a } from "./a";\nexport { a };',
    };
    expect(languageIn(files)).toMatchObject({ imported: "" });
  });

  test.each([
    ["node16", "^6.0.0"],
    ["nodenext", "~5.7.0"],
  ])(
    "CommonJS by the rules of %s and TypeScript %s cannot load a module, and that is said",
    (module, version) => {
      expect(() => languageIn(typescript(undefined, { module }, version))).toThrow(
        /cannot load an ES module.*TypeScript 5\.8/,
      );
    },
  );
});

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  addProtectedRoute,
  compile,
  filesIn,
  folderWith,
  initArguments,
  installInto,
  keyturn,
  reachProtectedRoute,
} from "../../../test/fixtures/init-app.js";
import { checkInstalled } from "./install.js";
import { wordsOf } from "./package-manager.js";
import { readProject } from "./project.js";

/** The built command in real apps: init, compile, start, register, confirm, sign in, protected route; and init again. */

const dependencies = { keyturn: "*", "better-sqlite3": "^12.0.0" };
const onExpress = { ...dependencies, express: "^5.1.0" };
const onFastify = { ...dependencies, fastify: "^5.0.0" };
const onKoa = { ...dependencies, koa: "^3.0.0", "@koa/router": "^15.0.0" };
const onNest = { ...dependencies, "@nestjs/core": "^11.0.0", "@nestjs/platform-fastify": "^11.0.0" };
const onHono = { ...dependencies, hono: "^4.7.0", "@hono/node-server": "^2.0.0" };
const tools = {
  commander: "^14.0.0",
  jiti: "^2.0.0",
  typescript: "^6.0.0",
  "@types/express": "^5.0.0",
  "@types/node": "^20.0.0",
};
const tsconfig = (module: string, more: object = {}) => ({
  compilerOptions: { module, target: "es2023", strict: true, types: ["node"], skipLibCheck: true, ...more },
  exclude: ["dist"],
});

const route = 'app.get("/", (req, res) => {\n  res.send("hello");\n});\n';
const expressApp = (importing: string) =>
  `${importing}\nconst app = express();\napp.use(express.json());\n\n${route}\napp.listen(process.env["PORT"] ?? 3000);\n`;
const honoApp = `import { serve } from '@hono/node-server'
import { Hono } from 'hono'

const app = new Hono()

app.get('/', (c) => c.text('hello'))

serve({ fetch: app.fetch, port: Number(process.env['PORT'] ?? 3000) })
`;

const fastifyApp = (importing: string) =>
  `${importing}
const app = Fastify({ logger: true });

app.get("/", async () => "hello");

await app.listen({ port: Number(process.env["PORT"] ?? 3000) });
`;
const koaApp = (importing: string) =>
  `${importing}
const app = new Koa();
const router = new Router();

router.get("/", (ctx) => {
  ctx.body = "hello";
});
app.use(router.routes());
app.listen(process.env["PORT"] ?? 3000);
`;
const nestApp = `import { Controller, Get, Module, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';

@Controller()
class MembersController {
  @Get('members_only')
  show(@Req() request: { readonly account: { readonly email: string } }) {
    return { email: request.account.email };
  }
}

@Module({ controllers: [MembersController] })
class AppModule {}

async function bootstrap() {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter());
  await app.listen(process.env['PORT'] ?? 3000);
}
void bootstrap();
`;

function leavesAlone(folder: string): void {
  const before = filesIn(folder);
  const again = keyturn(folder, ...initArguments);
  expect(again).toMatchObject({ status: 0, stderr: "" });
  expect(again.stdout).toContain("Nothing to write");
  expect(filesIn(folder)).toEqual(before);
}

test("an empty folder becomes an Express project that compiles and lets a new account in", async () => {
  const folder = folderWith({});
  expect(keyturn(folder, ...initArguments)).toMatchObject({ status: 0, stderr: "" });
  const made = [".gitignore", "auth.ts", "package.json", "server.ts", "tsconfig.json"];
  expect(Object.keys(filesIn(folder))).toEqual(made);
  installInto(folder);
  compile(folder);
  expect(await reachProtectedRoute(folder, "dist/server.js")).toEqual({ data: { message: "Welcome Ada" } });
  leavesAlone(folder);
  const words = wordsOf("npm", readProject(folder));
  expect(checkInstalled(folder, words, "sqlite")).toBeUndefined();
  // The command finds auth.ts by itself, and one more model needs nothing but a line.
  expect(keyturn(folder, "migrate", "--status")).toMatchObject({ status: 0, stderr: "" });
  expect(keyturn(folder, "init", "Admin", "/admin_auth", "--yes")).toMatchObject({ status: 0, stderr: "" });
  expect(keyturn(folder, "migrate", "--status").stdout).toMatch(/^admins +lacks the table/m);
});

test("an addon that was installed and not built is noticed, with the command that helps", () => {
  const folder = folderWith({});
  installInto(folder);
  const addon = join(folder, "node_modules/better-sqlite3");
  // Where the suite runs without it, there is none.
  rmSync(addon, { force: true });
  mkdirSync(addon);
  writeFileSync(join(addon, "index.js"), 'throw new Error("Could not locate the bindings file.");');
  const words = wordsOf("pnpm", readProject(folder));
  expect(checkInstalled(folder, words, "sqlite")).toMatch(
    /bindings file.*\n.*What helps: pnpm approve-builds/,
  );
});

test.each([
  {
    app: "an Express app in TypeScript",
    entry: "src/server.ts",
    source: expressApp('import express from "express";\n'),
    lines: [
      'import { keyturn } from "keyturn/express";',
      'import { auth } from "./auth.js";',
      "app.use(keyturn(auth));",
    ],
    files: {
      "package.json": { type: "module", dependencies: onExpress, devDependencies: tools },
      "tsconfig.json": tsconfig("nodenext", { rootDir: "." }),
    },
    runs: "dist/src/server.js",
  },
  {
    app: "an Express app in TypeScript that becomes CommonJS",
    entry: "src/app.ts",
    source: expressApp("import express from 'express';\n"),
    lines: [
      "import { keyturn } from 'keyturn/express';",
      "import { auth } from './auth.js';",
      "app.use(keyturn(auth));",
    ],
    files: {
      "package.json": { dependencies: onExpress, devDependencies: tools },
      "tsconfig.json": tsconfig("nodenext", { rootDir: "src" }),
    },
    runs: "dist/app.js",
  },
  {
    app: "an Express app in JavaScript",
    entry: "server.js",
    source: expressApp('import express from "express"\n'),
    lines: [
      'import { keyturn } from "keyturn/express"',
      'import { auth } from "./auth.js"',
      "app.use(keyturn(auth))",
    ],
    files: { "package.json": { type: "module", dependencies: onExpress } },
    runs: "server.js",
  },
  {
    app: "an Express app in CommonJS",
    entry: "server.js",
    source: expressApp('const express = require("express");\n'),
    lines: [
      'const { keyturn } = require("keyturn/express");',
      'const { auth } = require("./auth.mjs");',
      "app.use(keyturn(auth));",
    ],
    files: { "package.json": { dependencies: onExpress } },
    runs: "server.js",
  },
  {
    app: "a Hono app in TypeScript",
    entry: "src/index.ts",
    source: honoApp,
    lines: [
      "import { keyturn } from 'keyturn/hono'",
      "import { auth } from './auth.js'",
      "app.use(keyturn(auth))",
    ],
    files: {
      "package.json": { type: "module", dependencies: onHono, devDependencies: tools },
      "tsconfig.json": tsconfig("nodenext", { verbatimModuleSyntax: true, rootDir: "src" }),
    },
    runs: "dist/index.js",
  },
  {
    app: "a Fastify app in TypeScript",
    entry: "src/server.ts",
    source: fastifyApp('import Fastify from "fastify";\n'),
    lines: [
      'import { keyturn } from "keyturn/fastify";',
      'import { auth } from "./auth.js";',
      "app.register(keyturn(auth));",
    ],
    files: {
      "package.json": { type: "module", dependencies: onFastify, devDependencies: tools },
      "tsconfig.json": tsconfig("nodenext", { rootDir: "src" }),
    },
    runs: "dist/server.js",
  },
  {
    app: "a Fastify app in JavaScript",
    entry: "server.js",
    source: fastifyApp('import Fastify from "fastify";\n'),
    lines: [
      'import { keyturn } from "keyturn/fastify";',
      'import { auth } from "./auth.js";',
      "app.register(keyturn(auth));",
    ],
    files: { "package.json": { type: "module", dependencies: onFastify } },
    runs: "server.js",
  },
  {
    app: "a Koa app in TypeScript",
    entry: "src/app.ts",
    source: koaApp('import Router from "@koa/router";\nimport Koa from "koa";\n'),
    lines: [
      'import { keyturn } from "keyturn/koa";',
      'import { auth } from "./auth.js";',
      "app.use(keyturn(auth));",
    ],
    files: {
      "package.json": {
        type: "module",
        dependencies: onKoa,
        devDependencies: { ...tools, "@types/koa": "^3.0.0" },
      },
      "tsconfig.json": tsconfig("nodenext", { rootDir: "src" }),
    },
    runs: "dist/app.js",
  },
  {
    app: "a Koa app in JavaScript",
    entry: "server.js",
    source: koaApp('import Router from "@koa/router";\nimport Koa from "koa";\n'),
    lines: [
      'import { keyturn } from "keyturn/koa";',
      'import { auth } from "./auth.js";',
      "app.use(keyturn(auth));",
    ],
    files: { "package.json": { type: "module", dependencies: onKoa } },
    runs: "server.js",
  },
  {
    app: "a Nest app on Fastify",
    entry: "src/main.ts",
    source: nestApp,
    lines: [
      "import { keyturn } from 'keyturn/fastify';",
      "import { auth } from './auth.js';",
      "  await app.register(keyturn(auth));",
    ],
    files: {
      "package.json": { dependencies: onNest, devDependencies: tools },
      "tsconfig.json": tsconfig("nodenext", {
        rootDir: "src",
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
      }),
    },
    runs: "dist/main.js",
  },
])("$app gets three lines and lets a new account in", async ({ entry, source, lines, files, runs }) => {
  const folder = folderWith({ ...files, [entry]: source });
  installInto(folder);
  expect(keyturn(folder, ...initArguments)).toMatchObject({ status: 0, stderr: "" });
  const mounted = (filesIn(folder)[entry] ?? "").split("\n");
  expect(mounted.filter((line) => lines.includes(line))).toEqual(lines);
  expect(mounted.filter((line) => !lines.includes(line)).join("\n")).toBe(source);
  addProtectedRoute(folder, entry);
  if (entry.endsWith(".ts")) compile(folder);
  expect(await reachProtectedRoute(folder, runs)).toEqual({ email: "ada@example.com" });
  leavesAlone(folder);
});

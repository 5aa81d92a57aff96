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

/** The other cells of modules and resolution: init, compile by those rules, start, sign in, protected route; and init again (shape 5). */

const dependencies = { keyturn: "*", "better-sqlite3": "^12.0.0" };
const onExpress = { ...dependencies, express: "^5.1.0" };
const onNest = { ...dependencies, "@nestjs/core": "^11.0.0", "@nestjs/platform-fastify": "^11.0.0" };
const onHono = { ...dependencies, hono: "^4.7.0", "@hono/node-server": "^2.0.0" };
const tools = { commander: "^14.0.0", jiti: "^2.0.0", typescript: "^6.0.0", "@types/express": "^5.0.0" };
const tsconfig = (options: object) => ({
  compilerOptions: {
    target: "es2023",
    strict: true,
    types: ["node"],
    skipLibCheck: true,
    esModuleInterop: true,
    rootDir: "src",
    ...options,
  },
  exclude: ["dist"],
});

const expressApp = `import express from "express";

const app = express();
app.get("/", (_req, res) => {
  res.send("hello");
});
app.listen(process.env["PORT"] ?? 3000);
`;
const honoApp = `import { serve } from "@hono/node-server";
import { Hono } from "hono";

const app = new Hono();
app.get("/", (c) => c.text("hello"));
serve({ fetch: app.fetch, port: Number(process.env["PORT"] ?? 3000) });
`;
const nestApp = `import { Controller, Get, Module, Req } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";

@Controller()
class MembersController {
  @Get("members_only")
  show(@Req() request: { readonly account: { readonly email: string } }) {
    return { email: request.account.email };
  }
}

@Module({ controllers: [MembersController] })
class AppModule {}

async function bootstrap() {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter());
  await app.listen(process.env["PORT"] ?? 3000);
}
void bootstrap();
`;
const decorators = { experimentalDecorators: true, emitDecoratorMetadata: true };

// An app is installed, compiled and started for each.
test.each([
  {
    app: "an Express app by commonjs, resolved as TypeScript does by default",
    entry: "src/server.ts",
    source: expressApp,
    manifest: { dependencies: onExpress, devDependencies: tools },
    config: tsconfig({ module: "commonjs" }),
    runs: "dist/server.js",
  },
  {
    app: "an Express app by commonjs and node10, which knows no subpath exports",
    entry: "src/server.ts",
    source: expressApp,
    manifest: { dependencies: onExpress, devDependencies: tools },
    config: tsconfig({ module: "commonjs", moduleResolution: "node10", ignoreDeprecations: "6.0" }),
    runs: "dist/server.js",
  },
  {
    app: "an Express app whose tsconfig is a bundler's",
    entry: "src/server.ts",
    source: expressApp,
    manifest: { type: "module", dependencies: onExpress, devDependencies: tools },
    config: tsconfig({ module: "esnext", moduleResolution: "bundler" }),
    runs: "dist/server.js",
  },
  {
    app: "an older Nest app by commonjs",
    entry: "src/main.ts",
    source: nestApp,
    manifest: { dependencies: onNest, devDependencies: tools },
    config: tsconfig({ module: "commonjs", ...decorators }),
    runs: "dist/main.js",
  },
  {
    app: "a Nest app of ES modules",
    entry: "src/main.ts",
    source: nestApp,
    manifest: { type: "module", dependencies: onNest, devDependencies: tools },
    config: tsconfig({ module: "nodenext", ...decorators }),
    runs: "dist/main.js",
  },
  {
    app: "a Hono app in JavaScript",
    entry: "server.js",
    source: honoApp,
    manifest: { type: "module", dependencies: onHono },
    config: undefined,
    runs: "server.js",
  },
])("$app lets a new account in", { timeout: 120_000 }, async ({ entry, source, manifest, config, runs }) => {
  const folder = folderWith({
    "package.json": manifest,
    ...(config ? { "tsconfig.json": config } : {}),
    [entry]: source,
  });
  const before = filesIn(folder);
  installInto(folder);
  expect(keyturn(folder, ...initArguments)).toMatchObject({ status: 0, stderr: "" });
  for (const path of ["package.json", "tsconfig.json"]) expect(filesIn(folder)[path]).toBe(before[path]);
  addProtectedRoute(folder, entry);
  if (config) compile(folder);
  expect(await reachProtectedRoute(folder, runs)).toEqual({ email: "ada@example.com" });
  const after = filesIn(folder);
  expect(keyturn(folder, ...initArguments)).toMatchObject({ status: 0, stderr: "" });
  expect(filesIn(folder)).toEqual(after);
});

import { expect, test } from "vitest";
import { createAuth } from "../../auth.js";
import { resolveConfig, settingNames } from "../../config/resolve.js";
import { sqlite } from "../../database/sqlite/sqlite.js";
import { routes, siteRoutes } from "../../features/list.js";
import { featureModelSettings } from "../../features/settings.js";
import { withModel } from "./add-model.js";
import { appsMadeIn, type Mountable } from "./app-entry.js";
import { configText } from "./config-file.js";
import { mount, mountingLines, mountsKeyturn } from "./mounting.js";
import { portIn } from "./port.js";
import { settingExamples } from "./setting-examples.js";
import { parseSource, type Syntax } from "./syntax.js";

/** What init does with the text of sources. */

function source(text: string, path = "src/server.ts"): Syntax {
  const parsed = parseSource(path, text);
  if (!parsed) throw new Error("does not parse");
  return parsed;
}

const typescript = { name: "TypeScript", format: "esm", ending: ".ts", imported: ".js" } as const;
function mountedIn(text: string, framework: Mountable = "express", path?: string): string | undefined {
  const [app, ...others] = appsMadeIn(source(text, path), framework);
  return app && others.length === 0 ? mount(app, framework, typescript, "src/auth") : undefined;
}

test("lines follow the quotes, semicolons, indentation and line ends of the file", () => {
  const text =
    "import express from 'express'\r\n\r\nexport function make() {\r\n\tconst app = express()\r\n\treturn app\r\n}\r\n";
  expect(mountedIn(text)).toBe(
    "import express from 'express'\r\nimport { keyturn } from 'keyturn/express'\r\nimport { auth } from './auth.js'\r\n\r\nexport function make() {\r\n\tconst app = express()\r\n\tapp.use(keyturn(auth))\r\n\treturn app\r\n}\r\n",
  );
});

test.each([
  [
    'import Fastify from "fastify";\nconst server = Fastify({ logger: true });\n',
    "fastify",
    "\nserver.register(keyturn(auth));\n",
  ],
  [
    'import { fastify } from "fastify";\nconst app = fastify();\n',
    "fastify",
    "\napp.register(keyturn(auth));\n",
  ],
  ['import Koa from "koa";\nexport const app = new Koa();\n', "koa", "\napp.use(keyturn(auth));\n"],
] as const)("%j gets the line of its framework", (text, framework, line) => {
  expect(mountedIn(text, framework)).toContain(line);
});

test.each([
  [
    "src/index.tsx",
    "hono",
    'import { Hono } from "hono";\nconst app = new Hono<{ Variables: { n: number } }>();\napp.get("/", (c) => c.html(<h1 class="a">{1}</h1>));\n',
  ],
  [
    "src/index.jsx",
    "hono",
    'import { Hono } from "hono";\nconst app = new Hono();\napp.get("/", (c) => c.html(<><h1>Hi</h1></>));\n',
  ],
  [
    "src/app.ts",
    "fastify",
    'import Fastify from "fastify";\nconst app = Fastify({\n  logger: true,\n}).withTypeProvider<TypeBoxTypeProvider>();\n',
  ],
  [
    "src/app.ts",
    "fastify",
    'import { fastify } from "fastify";\nexport const app = fastify()\n  .withTypeProvider<A>() as unknown as B;\n',
  ],
] as const)("%s of %s: the app is found in %j", (path, framework, text) => {
  expect(mountedIn(text, framework, path)).toContain("(keyturn(auth));");
});

test.each([
  ["app.listen(4000);", 4000],
  ["// app.listen(9999)\nconst port = 8081;\napp.listen(port);", 8081],
  ['const pool = new Pool({ host: "db", port: 5432 });\napp.listen(process.env.PORT || 5000);', 5000],
  ["const { PORT = 3001 } = process.env;\napp.listen(PORT, () => console.log(PORT));", 3001],
  ['const port = normalizePort(process.env.PORT || "3002");\napp.set("port", port);', 3002],
  ['app.set("port", Number(process.env["PORT"] ?? "3003"));\napp.listen(app.get("port"));', 3003],
  [
    'const smtp = { port: 2525 };\nawait app.listen({ port: +(process.env.PORT ?? 3004), host: "::" });',
    3004,
  ],
  ["serve({ fetch: app.fetch, port: process.env.PORT ? Number(process.env.PORT) : 3005 });", 3005],
  ["export default { port: 3006, fetch: app.fetch };", 3006],
  ['const a = "app.listen(9999)";\nconst redis = connect({ port: 6379 });\nexport default app;', undefined],
  ["const port = port2, port2 = port;\napp.listen(port);", undefined],
])("the port of %j is %j", (text, port) => {
  expect(portIn(source(text))).toBe(port);
});

test("a compiler that refuses imports in CommonJS gets lines that it takes, for somebody who puts them in by hand", () => {
  const language = { ...typescript, format: "commonjs", importsByRequire: true } as const;
  expect(mountingLines("express", language, "./auth.mjs")).toEqual([
    'import routes = require("keyturn/express");',
    'import config = require("./auth.mjs");',
    "app.use(routes.keyturn(config.auth)); // right after the app is made",
  ]);
  const [app] = appsMadeIn(
    source('import express = require("express");\nconst app = express();\n'),
    "express",
  );
  expect(app && mount(app, "express", language, "src/auth")).toBeUndefined();
});

test("a name that the file has already is imported under another", () => {
  const text =
    'import express from "express";\nimport { auth } from "./mine.js";\nconst app = express();\napp.use(auth);\n';
  expect(mountedIn(text)).toContain(
    'import { auth as keyturnAuth } from "./auth.js";\nconst app = express();\napp.use(keyturn(keyturnAuth));',
  );
});

test.each([
  ["two apps", 'import express from "express";\nconst a = express();\nconst b = express();\n', "express"],
  [
    "an app that is made in an expression",
    'import { Hono } from "hono";\nconst app = new Hono().basePath("/v1");\n',
    "hono",
  ],
  [
    "an app that is only spoken of",
    'import express from "express";\n// const app = express();\nconst a = "const app = express()";\n',
    "express",
  ],
  [
    "more code on the same line",
    'import express from "express";\nconst app = express(); app.listen(1);\n',
    "express",
  ],
  [
    "an express of somebody else's",
    'import express from "./express.js";\nconst app = express();\n',
    "express",
  ],
  ["a Fastify of somebody else's", 'import Fastify from "./app.js";\nconst app = Fastify();\n', "fastify"],
  ["two Koa apps", 'import Koa from "koa";\nconst a = new Koa();\nconst b = new Koa();\n', "koa"],
] as const)("%s is no sure place", (_, text, framework) => {
  expect(mountedIn(text, framework)).toBeUndefined();
});

test.each([
  ['import { keyturn as routes } from "keyturn/express";\napp\n  .use(\n    routes(auth),\n  );', true],
  ['import { keyturn } from "keyturn/fastify";\nawait app.register(keyturn(auth));', true],
  ['import { keyturn } from "keyturn/koa";\napp.use(keyturn(auth));', true],
  ['import * as adapter from "keyturn/hono";\napp.use(adapter.keyturn(auth));', true],
  ['const { keyturn } = require("keyturn/express");\napp.use(keyturn(auth));', true],
  ['import { keyturn } from "keyturn/express";', false],
  ['import { authenticate } from "keyturn/express";\nauthenticate(auth, "user");', false],
])("%s mounts Keyturn: %s", (text, isMounted) => {
  expect(mountsKeyturn(source(text))).toBe(isMounted);
});

const config = {
  model: "user",
  mountAt: "/auth",
  database: "sqlite",
  language: typescript,
  port: 3000,
} as const;

test("the configuration has every setting, and is one that createAuth takes", async () => {
  const text = configText(config);
  for (const name of [...settingNames, ...Object.keys(featureModelSettings)])
    expect(text, name).toMatch(new RegExp(`^ *(// *)?${name}: `, "m"));
  const code = text.replace(/^import .*$/gm, "").replace("export const auth =", "return");
  const auth = new Function("createAuth", "sqlite", code)(createAuth, () => sqlite(":memory:"));
  await auth.ready();
  await auth.close();
});

test("every default that the configuration shows is accepted, and changes nothing", () => {
  const shown = [...configText(config).matchAll(/^ {2}\/\/ (\w+): ("[^"]*"|true|false|\d+),$/gm)];
  expect(shown.length).toBeGreaterThan(30);
  const needed = {
    baseUrl: "http://localhost:3000",
    environment: "development",
    database: sqlite(":memory:"),
    models: { user: { mountAt: "/auth" } },
  } as const;
  const given = Object.fromEntries(shown.map(([, name, value = ""]) => [name, JSON.parse(value)]));
  const plain = (value: object) => JSON.stringify(value);
  const resolved = resolveConfig({ ...needed, ...given });
  expect(plain({ ...resolved, fullHost: "" })).toBe(plain({ ...resolveConfig(needed), fullHost: "" }));
});

test("every example is code that createAuth takes, at the place where the configuration shows it", () => {
  expect(configText(config)).not.toMatch(/: …,|MODEL/);
  const needed = {
    baseUrl: "http://localhost:3000",
    environment: "test",
    database: sqlite(":memory:"),
    mail: { from: "a@example.com" },
    locales: ["en"],
    models: { user: { mountAt: "/auth" } },
  } as const;
  const modelSettings = new Set(
    Object.keys(featureModelSettings).concat("table", "idType", "permittedParameters"),
  );
  const given = (name: string, value: unknown): object => {
    if (modelSettings.has(name)) return { models: { user: { mountAt: "/auth", [name]: value } } };
    if (settingNames.includes(name)) return { [name]: value };
    return { mail: { ...needed.mail, [name]: value } };
  };
  for (const [name, code] of Object.entries(settingExamples)) {
    // The secret is in a variable, and the templates are where keyturn views has put them.
    if (name === "serverKeys" || name === "templatesDirectory") continue;
    const value: unknown = new Function(`return (${code.replaceAll("MODEL", "user")});`)();
    expect(
      () => resolveConfig({ ...needed, ...given(name, value) }, [...routes, ...siteRoutes]),
      name,
    ).not.toThrow();
  }
});

test("a group that an editor uncomments as a whole is code, with its explanations as comments", () => {
  const text = configText(config);
  const groups = [...text.matchAll(/^ {2}\/\/ (\w+): \{\n(?: {2}\/\/ {3}.*\n)+ {2}\/\/ \},$/gm)];
  expect(groups.map(([, name]) => name)).toEqual(["mail"]);
  for (const [block] of groups) {
    const uncommented = block.replaceAll(/^ {2}\/\/ /gm, "  ");
    const value: object = new Function(`return ({ ${uncommented} }).mail;`)();
    expect(Object.keys(value).slice(0, 2)).toEqual(["from", "appName"]);
    expect(uncommented).toContain("\n    // Name of the app in the mails");
  }
});

test("one more model changes models and nothing else", () => {
  const text = configText(config);
  const line = '    admin: { mountAt: "/admin_auth", registration: false },';
  const added = withModel("auth.ts", text, "admin", "/admin_auth") ?? "";
  expect(
    added
      .split("\n")
      .filter((one) => one !== line)
      .join("\n"),
  ).toBe(text);
  expect(added).toContain(`    },\n${line}\n  },\n`);
  expect(withModel("auth.ts", added, "admin", "/admin_auth")).toBe(added);
});

test.each([
  [
    '{ user: { mountAt: "/auth" } }',
    '{ user: { mountAt: "/auth" }, admin: { mountAt: "/admin_auth", registration: false } }',
  ],
  [
    '{\n    user: { mountAt: "/auth" } // people\n  }',
    '{\n    user: { mountAt: "/auth" }, // people\n    admin: { mountAt: "/admin_auth", registration: false },\n  }',
  ],
  ["{}", '{ admin: { mountAt: "/admin_auth", registration: false } }'],
])("models: %s", (before, after) => {
  const text = (models: string) => `export default {\n  database,\n  models: ${models},\n};\n`;
  expect(withModel("keyturn.config.js", text(before), "admin", "/admin_auth")).toBe(text(after));
});

test("a model whose name begins with admin, in any case, is closed, and others are open", () => {
  const text = "export default {\n  database,\n  models: {},\n};\n";
  for (const [model, isClosed] of [
    ["ADMINISTRATOR", true],
    ["adminUser", true],
    ["staff", false],
    ["sysadmin", false],
  ] as const) {
    const added = withModel("keyturn.config.js", text, model, "/other_auth") ?? "";
    expect([model, added.includes("registration: false")]).toEqual([model, isClosed]);
    const whole = configText({ ...config, model }).split("\n");
    const lines = whole.filter((line) => /^ +(\/\/ )?registration: /.test(line));
    expect(lines).toEqual([
      isClosed
        ? "      registration: false, // first account: keyturn accounts create"
        : "      // registration: true,",
    ]);
  }
});

test("a mount point, a table or a model that is taken is refused", () => {
  const text =
    'export const auth = createAuth({ database, models: { user: { mountAt: "/auth" }, staff: { mountAt: "/staff", table: "admins" } } });';
  expect(() => withModel("auth.ts", text, "admin", "/auth")).toThrow("/auth is taken");
  expect(() => withModel("auth.ts", text, "admin", "/admin_auth")).toThrow("The table admins is taken");
  expect(() => withModel("auth.ts", text, "user", "/other")).toThrow("has a model user, mounted at /auth");
});

test("models that are not written out are left to their author", () => {
  expect(
    withModel("auth.ts", "export const auth = createAuth({ database, models });", "admin", "/a"),
  ).toBeUndefined();
});

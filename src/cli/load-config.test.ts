import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadConfig } from "./load-config.js";

const folder = mkdtempSync(join(tmpdir(), "keyturn-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const models = { user: { mountAt: "/auth" } };

test("a JavaScript file gives its default export", async () => {
  expect(await loadConfig(file("a.mjs", `export default ${JSON.stringify({ models })};`))).toEqual({
    models,
  });
});

test("a TypeScript file may be given, with types in it", async () => {
  const text = `const mountAt: string = "/auth";\nexport const config = { models: { user: { mountAt } } };`;
  expect(await loadConfig(file("b.ts", text))).toEqual({ models });
});

test("a JSON file may be given", async () => {
  expect(await loadConfig(file("c.json", JSON.stringify({ models })))).toEqual({ models });
  expect(await loadConfig(file("bom.json", `\ufeff${JSON.stringify({ models })}\r\n`))).toEqual({ models });
});

test("what createAuth made is as good as what it was given", async () => {
  const text = [
    'import { createAuth } from "keyturn";',
    'import { sqlite } from "keyturn/sqlite";',
    `const models = ${JSON.stringify(models)};`,
    'export const auth = createAuth({ baseUrl: "http://localhost:3000", database: sqlite(":memory:"), models });',
  ];
  expect(await loadConfig(file("d.mjs", text.join("\n")))).toMatchObject({
    baseUrl: "http://localhost:3000",
    models,
  });
});

test("a file that is not there, not JSON, or gives nothing is named in the error", async () => {
  await expect(loadConfig(join(folder, "none.js"))).rejects.toThrow(/There is no file .*none\.js/);
  await expect(loadConfig(file("e.json", "{"))).rejects.toThrow(/e\.json is not JSON/);
  await expect(loadConfig(file("f.mjs", "export const other = 1;"))).rejects.toThrow(
    /f\.mjs exports no configuration/,
  );
  await expect(loadConfig(file("g.mjs", "export default [1];"))).rejects.toThrow(
    /g\.mjs has to give an object/,
  );
});

test("an error inside the file is its own", async () => {
  await expect(loadConfig(file("h.mjs", 'throw new Error("mine");'))).rejects.toThrow("mine");
});

test("where there is no keyturn.config.js, an auth file that imports Keyturn is the configuration", async () => {
  const app = mkdtempSync(join(folder, "app-"));
  const before = process.cwd();
  process.chdir(app);
  try {
    writeFileSync("auth.js", 'import "better-auth";');
    await expect(loadConfig("keyturn.config.js")).rejects.toThrow(
      /There is no file .*keyturn\.config\.js, and none of .*keyturn\.config\.ts,.* src\/auth\.mjs/,
    );
    writeFileSync("auth.mjs", `import "keyturn";\nexport const auth = ${JSON.stringify({ models })};`);
    expect(await loadConfig("keyturn.config.js")).toEqual({ models });
  } finally {
    process.chdir(before);
  }
});

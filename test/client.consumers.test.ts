import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../scripts/entries.mjs";

/**
 * A monorepo as pnpm installs it and `tsc -b` builds it: a server with Node's types, and a page that knows nothing of Node and imports
 * the server's types. As strict as apps are, with the types of libraries checked too.
 */
const strict = {
  composite: true,
  declaration: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  target: "es2023",
  rootDir: ".",
};
const page = { ...strict, lib: ["es2023", "dom", "dom.iterable"], types: [] };
const programs = {
  "server/tsconfig.json": {
    compilerOptions: { ...strict, lib: ["es2023"], types: ["node"], module: "nodenext", outDir: "out" },
    include: ["*.ts"],
  },
  ...Object.fromEntries(
    [
      ["bundler", { module: "esnext", moduleResolution: "bundler" }] as const,
      ["nodenext", { module: "nodenext" }] as const,
    ].map(([name, modules]) => [
      `web/tsconfig.${name}.json`,
      {
        compilerOptions: { ...page, ...modules, outDir: `out-${name}` },
        include: ["*.ts"],
        references: [{ path: "../server" }],
      },
    ]),
  ),
};

const folder = mkdtempSync(join(tmpdir(), "keyturn-monorepo-"));
const installed = join(folder, "node_modules/.pnpm/keyturn/node_modules");
const link = (target: string, path: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
};

beforeAll(() => {
  if (!existsSync(`${root}dist/client/client.d.ts`)) throw new Error("Build first: npm run build");
  cpSync(`${root}test/consumer/monorepo`, folder, { recursive: true });
  const manifest = readFileSync(`${root}package.json`, "utf8");
  cpSync(`${root}dist`, join(installed, "keyturn/dist"), { recursive: true });
  writeFileSync(join(installed, "keyturn/package.json"), manifest);
  for (const name of Object.keys(JSON.parse(manifest).dependencies))
    link(`${root}node_modules/${name}`, join(installed, name));
  for (const name of ["server", "web"]) {
    link(join(installed, "keyturn"), join(folder, name, "node_modules/keyturn"));
    writeFileSync(join(folder, name, "package.json"), '{ "type": "module", "private": true }');
  }
  link(`${root}node_modules/@types/node`, join(folder, "server/node_modules/@types/node"));
  for (const [path, program] of Object.entries(programs))
    writeFileSync(join(folder, path), JSON.stringify(program));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a client typed by another package's server compiles without Node's types, and its type has a name", () => {
  const compiler = `${root}node_modules/typescript/bin/tsc`;
  const build = () =>
    execFileSync(
      process.execPath,
      [compiler, "-b", "web/tsconfig.bundler.json", "web/tsconfig.nodenext.json"],
      {
        cwd: folder,
        encoding: "utf8",
      },
    );
  let said = "";
  try {
    said = build();
  } catch (error) {
    said = String((error as { readonly stdout?: unknown }).stdout);
  }
  expect(said).toBe("");
  for (const out of ["out-bundler", "out-nodenext"]) {
    const types = readFileSync(join(folder, "web", out, "api.d.ts"), "utf8");
    expect(types).toMatch(/client: import\("keyturn\/client"\)\.ClientOf</);
    expect(types).not.toContain(".pnpm");
  }
}, 120_000);

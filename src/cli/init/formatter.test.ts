import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { filesIn, folderWith } from "../../../test/fixtures/init-app.js";
import { runInit } from "./init.js";

/** A formatter as a project has it, that writes what it was asked into a file, and makes double quotes single. */

const prettier = (works = true) => ({
  "node_modules/prettier/package.json": { name: "prettier", bin: "./cli.cjs" },
  "node_modules/prettier/cli.cjs": `
    const fs = require("fs");
    const [option, ...files] = process.argv.slice(2);
    fs.appendFileSync("asked.log", option + " " + files.join(" ") + "\\n");
    if (!${works}) { console.error("no parser\\nat its line"); process.exit(2); }
    const formatted = (text) => text.replaceAll('"', "'");
    if (option === "--check") process.exit(files.every((file) => formatted(fs.readFileSync(file, "utf8")) === fs.readFileSync(file, "utf8")) ? 0 : 1);
    for (const file of files) fs.writeFileSync(file, formatted(fs.readFileSync(file, "utf8")));
  `,
});
const project = (quote: string, more: object) => ({
  "package.json": {
    type: "module",
    dependencies: { express: "^5.0.0" },
    devDependencies: { prettier: "^3" },
  },
  "server.js": `import express from ${quote}express${quote};\n\nconst app = express();\napp.get(${quote}/a b${quote});\n`,
  "other.js": 'export const a = "untouched";\n',
  ...more,
});

let said = "";
beforeEach(() => {
  said = "";
  vi.spyOn(console, "log").mockImplementation((text = "") => {
    said += `${text}\n`;
  });
});
afterEach(() => void vi.restoreAllMocks());
const run = (folder: string) =>
  runInit(["--yes", "--cwd", folder, "--no-install"], { environment: {}, terminal: undefined });

test("the project's formatter runs over written files only, and not over one that is not in its style", async () => {
  const folder = folderWith(project('"', prettier()));
  await run(folder);
  const { "asked.log": asked, "auth.js": config, "server.js": server, "other.js": other } = filesIn(folder);
  expect(asked).toBe("--check server.js\n--write auth.js\n");
  expect(config).toContain("import { createAuth } from 'keyturn';");
  expect(server).toContain('app.get("/a b");');
  expect(other).toContain('"untouched"');
  expect(said).toContain("formatted auth.js (Prettier)");
});

test("a file that was in the formatter's style is so afterwards", async () => {
  const folder = folderWith(project("'", prettier()));
  await run(folder);
  expect(filesIn(folder)["asked.log"]).toBe("--check server.js\n--write auth.js server.js\n");
});

test("a formatter that fails is told, and harms nothing", async () => {
  const folder = folderWith(project("'", prettier(false)));
  await run(folder);
  expect(said).toContain("Prettier could not format auth.js: no parser\n");
  expect(said).toContain("Try it:");
  expect(filesIn(folder)["auth.js"]).toContain('from "keyturn"');
});

test("one that is named and not installed is not run", async () => {
  const folder = folderWith(project("'", {}));
  await run(folder);
  expect(said).not.toContain("Prettier");
});

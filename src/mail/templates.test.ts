import { mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { templateFiles, templatesUrl } from "./templates.js";

test("the shipped directory holds the listed files and no other", async () => {
  expect((await readdir(templatesUrl())).sort()).toEqual([...templateFiles].sort());
});

test.each([
  ["beside the code", "mail/render.js"],
  ["under mail/ when a bundler has moved the code to the root", "index.js"],
])("the templates of a build are found %s", async (_where, code) => {
  const output = await mkdtemp(join(tmpdir(), "keyturn-dist-"));
  const templates = join(output, "mail", "templates");
  await mkdir(templates, { recursive: true });
  await writeFile(join(templates, "layout.html.eta"), "");
  expect(fileURLToPath(templatesUrl(pathToFileURL(join(output, code)).href))).toBe(`${templates}/`);
});

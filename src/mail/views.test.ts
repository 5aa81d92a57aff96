import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { createMailRenderer } from "./render.js";
import { templateFiles } from "./templates.js";
import { copyTemplates } from "./views.js";

const edited = "Subject: Mine\n\nMy own text\n";
let directory: string;

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), "keyturn-views-")), "app", "mails");
});

test("every template is copied to a directory that did not exist, and works from there", async () => {
  const { written, kept } = await copyTemplates(directory);
  expect(written).toEqual(templateFiles.map((file) => join(directory, file)));
  expect(kept).toEqual([]);
  expect((await readdir(directory)).sort()).toEqual([...templateFiles].sort());
  expect(() =>
    createMailRenderer({ from: "a@example.com", appName: "App", templatesDirectory: directory }),
  ).not.toThrow();
});

test("an edited file is kept", async () => {
  await copyTemplates(directory);
  const path = join(directory, "password_changed_notice.text.eta");
  await writeFile(path, edited);
  const { written, kept } = await copyTemplates(directory);
  expect(written).toEqual([]);
  expect(kept).toHaveLength(templateFiles.length);
  expect(await readFile(path, "utf8")).toBe(edited);
});

test("with force an edited file is replaced, and a file that is the same counts as kept", async () => {
  await copyTemplates(directory);
  const path = join(directory, "password_changed_notice.text.eta");
  await writeFile(path, edited);
  const { written, kept } = await copyTemplates(directory, { force: true });
  expect(written).toEqual([path]);
  expect(kept).toHaveLength(templateFiles.length - 1);
  expect(await readFile(path, "utf8")).toContain("Subject: <%~ it.words.subject %>");
});

test("a directory that cannot be made is an error, not a silent success", async () => {
  const file = join(await mkdtemp(join(tmpdir(), "keyturn-views-")), "file");
  await writeFile(file, "");
  await expect(copyTemplates(file)).rejects.toThrow(/EEXIST|ENOTDIR/);
});

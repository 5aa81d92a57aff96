import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createMailRenderer } from "./render.js";
import { templateFiles } from "./templates.js";
import { copyTemplates } from "./views.js";
import { acceptCopies, checkCopies } from "./views-record.js";

const edited = "Subject: Mine\n\nMy own text\n";
let directory: string;

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), "keyturn-views-")), "app", "mails");
});

test("every template is copied to a directory that did not exist, and works from there", async () => {
  const { written, kept } = await copyTemplates(directory);
  expect(written).toEqual(templateFiles.map((file) => join(directory, file)));
  expect(kept).toEqual([]);
  expect((await readdir(directory)).filter((name) => !name.startsWith(".")).sort()).toEqual(
    [...templateFiles].sort(),
  );
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

test("copies for a model and a language lie where they serve these alone", async () => {
  await copyTemplates(directory, { model: "admin", locale: "de" });
  expect((await readdir(join(directory, "admin"))).sort()).toEqual(
    templateFiles.map((file) => file.replace(/(?=\.(text|html)\.eta$)/, ".de")).sort(),
  );
});

describe("copies that have aged", () => {
  const file = "unlock_instructions.de.text.eta";

  beforeEach(async () => {
    await copyTemplates(directory, { locale: "de" });
    await writeFile(join(directory, file), edited);
  });

  test("are none as long as the originals are those that were copied, whatever was edited", async () => {
    expect(await checkCopies(directory)).toEqual([]);
  });

  test("are listed when their original is another one, until somebody has looked at them", async () => {
    const record = join(directory, ".keyturn-views.json");
    const hashes = JSON.parse(await readFile(record, "utf8"));
    await writeFile(record, JSON.stringify({ ...hashes, [file]: "of an older version" }));
    expect(await checkCopies(directory)).toEqual([{ file, is: "changed" }]);
    expect(await acceptCopies(directory)).toBe(templateFiles.length);
    expect(await checkCopies(directory)).toEqual([]);
  });

  test("are listed where nobody knows what they were made of and they differ", async () => {
    await rm(join(directory, ".keyturn-views.json"));
    expect(await checkCopies(directory)).toEqual([{ file, is: "unknown" }]);
  });
});

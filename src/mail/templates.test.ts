import { existsSync, readdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { templateFiles, templateUrl } from "./templates.js";

test("every listed template lies in the folder of its feature, and no folder holds another", () => {
  const paths = templateFiles.map((file) => fileURLToPath(templateUrl(file)));
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  const folders = [...new Set(paths.map((path) => dirname(path)))];
  const lying = folders.flatMap((folder) => readdirSync(folder).filter((name) => name.endsWith(".eta")));
  expect(lying.sort()).toEqual([...templateFiles].sort());
});

test("a name that no mail has is refused", () => {
  expect(() => templateUrl("invoice.text.eta")).toThrow(TypeError);
});

/** Files of src that are not TypeScript, such as the templates of mails. The build copies them to the same place below dist. */
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root } from "./entries.mjs";

/** @returns {string[]} paths relative to the root of the repository: `src/mail/templates/button.html.eta` */
export function assets() {
  return readdirSync(join(root, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
}

/** @param {string} folder the folder that stands for src, such as `dist` */
export function copyAssets(folder) {
  for (const asset of assets()) {
    const target = join(folder, relative("src", asset));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(root, asset), target);
  }
}

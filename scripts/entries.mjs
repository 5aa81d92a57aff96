/** The package's public entries, read from the one table there is: `exports` and `bin` of package.json. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** @returns {{ name: string, source: string }[]} import name (`keyturn/sqlite`) and the source it is built from (`src/database/sqlite/sqlite.ts`). */
export function publicEntries() {
  const { name, exports } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  return Object.entries(exports)
    .filter(([, target]) => typeof target === "object")
    .map(([subpath, target]) => ({ name: name + subpath.slice(1), source: sourceOf(target.default) }));
}

/** @returns {string[]} every file the build starts from: the public entries and the command line. */
export function buildEntries() {
  const { bin } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  const sources = [...publicEntries().map((entry) => entry.source), ...Object.values(bin).map(sourceOf)];
  return sources.filter((source) => existsSync(root + source));
}

/** Where the build puts a source file. */
export function outputOf(source) {
  return source.replace("src/", "dist/").replace(/\.ts$/, ".js");
}

function sourceOf(output) {
  return output.replace("./dist/", "src/").replace(/\.js$/, ".ts");
}

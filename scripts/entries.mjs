/** The package's entries, read from the one table there is: `exports`, `imports` and `bin` of package.json. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

const { name, exports, imports, bin } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));

/** @returns {{ name: string, source: string }[]} what an app imports (`keyturn/sqlite`), and its source (`src/database/sqlite/sqlite.ts`). */
export function publicEntries() {
  return Object.entries(exports)
    .filter(([, target]) => typeof target === "object")
    .map(([subpath, target]) => ({ name: name + subpath.slice(1), source: sourceOf(target.default) }));
}

/** @returns {{ name: string, source: string }[]} what the repository's own programs import beside them (`#cli/serve`), such as the demo. */
export function privateEntries() {
  return Object.entries(imports).map(([alias, target]) => ({ name: alias, source: sourceOf(target) }));
}

/** @returns {string[]} every file the build starts from: the entries and the command line. */
export function buildEntries() {
  const entries = [...publicEntries(), ...privateEntries()].map(({ source }) => source);
  return [...entries, ...Object.values(bin).map(sourceOf)];
}

/** Where the build puts a source file. */
export function outputOf(source) {
  return source.replace("src/", "dist/").replace(/\.ts$/, ".js");
}

function sourceOf(output) {
  return output.replace("./dist/", "src/").replace(/\.js$/, ".ts");
}

import { constants, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CommandRefused } from "../failures.js";
import type { FileChange } from "./file-change.js";
import { readText } from "./project.js";

/** Writes all files at once. Refuses, before the first, if one of them has changed since it was read. */
export function writeChanges(cwd: string, changes: readonly FileChange[]): void {
  const changed = changes.filter(({ path, before }) => readText(join(cwd, path)) !== before);
  if (changed.length > 0)
    throw new CommandRefused(
      `${changed.map(({ path }) => path).join(", ")} changed while this ran. Nothing was written; run it again`,
    );
  // What hides a file from git is written before the file.
  const ordered = [...changes].sort(
    (a, b) => Number(b.path === ".gitignore") - Number(a.path === ".gitignore"),
  );
  for (const { path, before, after, mode, copy } of ordered) {
    const target = join(cwd, path);
    if (copy !== undefined) copyFileSync(target, join(cwd, copy), constants.COPYFILE_EXCL);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, after, {
      flag: before === undefined ? "wx" : "w",
      ...(mode === undefined ? {} : { mode }),
    });
  }
}

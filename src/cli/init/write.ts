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
  const written: string[] = [];
  for (const change of ordered) {
    try {
      writeChange(cwd, change);
    } catch (cause) {
      throw new CommandRefused(
        `${change.path} could not be written${reasonOf(cause)}. ${sayWritten(written)}`,
        {
          cause,
        },
      );
    }
    written.push(change.path);
  }
}

function writeChange(cwd: string, { path, before, after, mode, copy }: FileChange): void {
  const target = join(cwd, path);
  if (copy !== undefined) copyFileSync(target, join(cwd, copy), constants.COPYFILE_EXCL);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, after, {
    flag: before === undefined ? "wx" : "w",
    ...(mode === undefined ? {} : { mode }),
  });
}

/** A folder that is read-only, a disk that is full: what the system says, without the program's stack. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? ` (${error.message})` : "";
}

function sayWritten(paths: readonly string[]): string {
  return paths.length === 0
    ? "Nothing was written"
    : `Written before it: ${paths.join(", ")}. Run it again when the reason is gone`;
}

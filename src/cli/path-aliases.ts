import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { createFilesMatcher, createPathsMatcher, parseTsconfig, type TsConfigResult } from "get-tsconfig";
import { ConfigError } from "../errors.js";

/** Where compilers look, in this order. Nx has its aliases in tsconfig.base.json, and JavaScript in jsconfig.json. */
const names = ["tsconfig.json", "jsconfig.json", "tsconfig.base.json"] as const;

/**
 * The file whose `paths` hold for a source: the one that was asked for, else the nearest, its references included. `undefined`: there are no
 * aliases. Throws a ConfigError if the one that was asked for is not there.
 */
export function findAliases(source: string, asked: string | undefined): string | undefined {
  if (asked !== undefined) {
    if (!existsSync(asked)) throw new ConfigError([`There is no file ${resolve(asked)} (--tsconfig)`]);
    return resolve(asked);
  }
  for (let folder = dirname(resolve(source)); ; folder = dirname(folder)) {
    for (const name of names) {
      const file = join(folder, name);
      const found = existsSync(file) ? withPaths(file, resolve(source)) : undefined;
      if (found !== undefined) return found;
    }
    if (folder === dirname(folder)) return undefined;
  }
}

/** The file itself, or the referenced one that the source belongs to: in a solution the parts are where the options are. */
function withPaths(file: string, source: string): string | undefined {
  const project = read(file);
  if (!project) return undefined;
  if (createPathsMatcher(project)) return file;
  const parts = (project.config.references ?? [])
    .map(({ path }) => resolve(dirname(file), path))
    .flatMap((path) => read(path.endsWith(".json") ? path : join(path, "tsconfig.json")) ?? [])
    .filter((part) => createPathsMatcher(part) !== null);
  return (parts.find((part) => createFilesMatcher(part)(source)) ?? parts[0])?.path;
}

function read(path: string): TsConfigResult | undefined {
  try {
    return existsSync(path) ? { path, config: parseTsconfig(path) } : undefined;
  } catch {
    // Not one that a compiler could read: what its aliases are is nobody's guess.
    return undefined;
  }
}

/**
 * Runs something with a path that jiti takes for `tsconfigPaths`. It takes a file called tsconfig.json alone, so others are extended by one
 * that is there for as long as this runs.
 */
export async function withTsconfig<T>(
  file: string | undefined,
  run: (path: string | undefined) => Promise<T>,
): Promise<T> {
  if (file === undefined || basename(file) === "tsconfig.json") return run(file);
  const folder = mkdtempSync(join(tmpdir(), "keyturn-tsconfig-"));
  try {
    const path = join(folder, "tsconfig.json");
    writeFileSync(path, JSON.stringify({ extends: file }));
    return await run(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

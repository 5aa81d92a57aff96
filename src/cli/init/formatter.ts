import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { FileChange } from "./file-change.js";
import { dependenciesOf, type Project, readText } from "./project.js";

/** The formatter that a project has installed. */
export interface Formatter {
  readonly title: string;
  /** Those of the files that are in its style already. */
  agreesWith(paths: readonly string[]): readonly string[];
  /** Formats the files. Returns what went wrong; `undefined`: nothing. */
  format(paths: readonly string[]): string | undefined;
}

const formatters = [
  {
    title: "Biome",
    name: "@biomejs/biome",
    bin: "biome",
    check: ["format"],
    write: ["format", "--write"],
    files: ["biome.json", "biome.jsonc"],
  },
  { title: "Prettier", name: "prettier", bin: "prettier", check: ["--check"], write: ["--write"], files: [] },
] as const;

const manifest = z.object({ bin: z.union([z.string(), z.record(z.string(), z.string())]) });

/** Biome formats only where it is configured: many have it for something else. */
export function findFormatter(project: Project): Formatter | undefined {
  const { cwd, root } = project;
  const named = { ...dependenciesOf(project.rootManifest), ...dependenciesOf(project.manifest) };
  for (const { title, name, bin, check, write, files } of formatters) {
    const isConfigured =
      files.length === 0 ||
      [cwd, root].some((folder) => files.some((file) => existsSync(join(folder, file))));
    const program = name in named && isConfigured ? locate(cwd, name, bin) : undefined;
    if (program === undefined) continue;
    const run = (args: readonly string[]) =>
      spawnSync(process.execPath, [program, ...args], { cwd, encoding: "utf8", timeout: 30_000 });
    return {
      title,
      agreesWith: (paths) => paths.filter((path) => run([...check, path]).status === 0),
      format(paths) {
        const { status, stderr, error } = run([...write, ...paths]);
        return status === 0 ? undefined : (error?.message ?? stderr.trim().split("\n", 1)[0] ?? "");
      },
    };
  }
  return undefined;
}

function locate(cwd: string, name: string, bin: string): string | undefined {
  try {
    const path = createRequire(join(cwd, "package.json")).resolve(`${name}/package.json`);
    const { bin: bins } = manifest.parse(JSON.parse(readText(path) ?? ""));
    const file = typeof bins === "string" ? bins : bins[bin];
    return file === undefined ? undefined : join(dirname(path), file);
  } catch {
    // It is named and not installed, or where only its manager finds it.
    return undefined;
  }
}

/** The files that the formatter may touch: sources that are new, and those that it had nothing to say about, so that only our lines change. */
export function formattable(formatter: Formatter, changes: readonly FileChange[]): readonly string[] {
  const sources = changes.filter(
    ({ path }) => /\.([cm]?[jt]sx?|json)$/.test(path) && path !== "package.json",
  );
  const made = sources.filter(({ before }) => before === undefined).map(({ path }) => path);
  const changed = sources.filter(({ before }) => before !== undefined).map(({ path }) => path);
  return [...made, ...formatter.agreesWith(changed)];
}

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { z } from "zod";
import { CommandRefused } from "../failures.js";
import { withoutMark } from "../text-file.js";

/** A file of others: what is not as expected, such as a `main` that is a list, is as if it were not there. */
const lenient = <Schema extends z.ZodType>(schema: Schema) => z.optional(schema).catch(undefined);

const text = lenient(z.string());
const texts = lenient(
  z
    .record(z.string(), z.unknown())
    .transform((all) =>
      Object.fromEntries(
        Object.entries(all).flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : [])),
      ),
    ),
);
const manifestSchema = z.object({
  name: text,
  type: text,
  main: text,
  packageManager: text,
  scripts: texts,
  dependencies: texts,
  devDependencies: texts,
  // Yarn 1 lets a package say only `nohoist` there.
  workspaces: lenient(
    z.union([
      z.array(z.string()),
      z.object({ packages: z.array(z.string()) }).transform(({ packages }) => packages),
    ]),
  ),
});

/** What is read of a package.json. */
export type AppManifest = z.output<typeof manifestSchema>;

/** The folder that Keyturn is put into, and what lies around it. */
export interface Project {
  /** Absolute. */
  readonly cwd: string;
  readonly manifest: AppManifest | undefined;
  /** The folder of the workspace or of the git repository that the project is a part of; else its own. */
  readonly root: string;
  /** package.json of the workspace's root, if the project is one of its packages. */
  readonly rootManifest: AppManifest | undefined;
  readonly isWorkspaceRoot: boolean;
}

export function readProject(cwd: string): Project {
  const folder = resolve(cwd);
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new CommandRefused(`There is no folder ${folder}. Name another with --cwd`);
  const above = foldersAbove(folder);
  const workspace = above.find((one) => workspacePatterns(one).length > 0);
  const repository = [folder, ...above].find((one) => existsSync(join(one, ".git")));
  // A repository inside of a workspace's folder is not a part of that workspace.
  const isPackage = workspace !== undefined && (repository ?? "").length <= workspace.length;
  return {
    cwd: folder,
    manifest: readAppManifest(folder),
    root: isPackage ? workspace : (repository ?? folder),
    rootManifest: isPackage ? readAppManifest(workspace) : undefined,
    isWorkspaceRoot: workspacePatterns(folder).length > 0,
  };
}

/** Version ranges of what a package.json names, by package. */
export function dependenciesOf(manifest: AppManifest | undefined): Readonly<Record<string, string>> {
  return { ...manifest?.devDependencies, ...manifest?.dependencies };
}

export function readText(path: string): string | undefined {
  return existsSync(path) && statSync(path).isFile() ? readFileSync(path, "utf8") : undefined;
}

/** For people: relative, with `/` on every system. */
export function shown(project: Project, path: string): string {
  return relative(project.cwd, path).replaceAll("\\", "/") || ".";
}

/** The major version that a range begins with; `undefined` for `latest` and the like. */
export function majorOfRange(range: string | undefined): number | undefined {
  const [, major] = /(\d+)/.exec(range?.replace(/^npm:.*@/, "") ?? "") ?? [];
  return major === undefined || /^(file|link|git|https?):/.test(range ?? "") ? undefined : Number(major);
}

/** Packages of a workspace root, as absolute folders, without those that a pattern with `!` takes out again. */
export function workspacePackages(root: string): readonly string[] {
  const patterns = workspacePatterns(root);
  const matching = (wanted: readonly string[]): readonly string[] =>
    wanted.flatMap((pattern) => foldersMatching(root, pattern.replace(/^\.\/|\/$/g, "").split("/")));
  const left = matching(patterns.flatMap((one) => (one.startsWith("!") ? one.slice(1) : [])));
  const found = matching(patterns.filter((pattern) => !pattern.startsWith("!")));
  return [...new Set(found)]
    .filter((folder) => !left.includes(folder) && existsSync(join(folder, "package.json")))
    .toSorted();
}

function workspacePatterns(folder: string): readonly string[] {
  const ofPnpm = readText(join(folder, "pnpm-workspace.yaml"));
  if (ofPnpm !== undefined) return listOfYaml(ofPnpm);
  return readAppManifest(folder)?.workspaces ?? [];
}

/** The items of `packages:`, a line each or in brackets. The file of a single package may have only settings. */
function listOfYaml(text: string): readonly string[] {
  const [, inline] = /^packages:\s*\[([^\]]*)\]/m.exec(text) ?? [];
  if (inline !== undefined)
    return [...inline.matchAll(/"([^"]*)"|'([^']*)'|([^\s,"']+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? "");
  const [, items = ""] = /^packages:[ \t]*\r?\n((?:[ \t]*(?:-.*|#.*)?\r?\n?)*)/m.exec(text) ?? [];
  return [...items.matchAll(/^\s*-\s*["']?([^"'#\s]+)/gm)].flatMap(([, item]) => item ?? []);
}

function foldersMatching(folder: string, [part, ...rest]: readonly string[]): readonly string[] {
  if (part === undefined) return [folder];
  if (!part.includes("*"))
    return existsSync(join(folder, part)) ? foldersMatching(join(folder, part), rest) : [];
  const named = new RegExp(`^${part.replace(/[.+?^$()|[\]{}]/g, "\\$&").replace(/\*+/g, ".*")}$`);
  const inside = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith("."))
    .filter(({ name }) => named.test(name))
    .map(({ name }) => join(folder, name));
  const deeper = part === "**" ? inside.flatMap((one) => foldersMatching(one, [part, ...rest])) : [];
  return [...inside.flatMap((one) => foldersMatching(one, rest)), ...deeper];
}

function readAppManifest(folder: string): AppManifest | undefined {
  const path = join(folder, "package.json");
  const content = readText(path);
  if (content === undefined) return undefined;
  try {
    return manifestSchema.parse(JSON.parse(withoutMark(content)));
  } catch (cause) {
    throw new CommandRefused(`${path} cannot be read as a package.json`, { cause });
  }
}

function foldersAbove(folder: string): readonly string[] {
  const above = dirname(folder);
  return above === folder ? [] : [above, ...foldersAbove(above)];
}

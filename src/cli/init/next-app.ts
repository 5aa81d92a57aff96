import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { createPathsMatcher, parseTsconfig } from "get-tsconfig";
import { CommandRefused } from "../failures.js";
import { findAliases } from "../path-aliases.js";
import type { FileChange } from "./file-change.js";
import type { Language } from "./language.js";
import { nextConfigChange } from "./next-config.js";
import type { Project } from "./project.js";

/** What a Next app gets beside the configuration. */
export interface NextMounting {
  readonly changes: readonly FileChange[];
  readonly byHand: readonly string[];
}

const endings = ["ts", "tsx", "js", "jsx"];

/** The folder of the App Router. Next takes no notice of `src/app` beside an `app`. Throws a CommandRefused for a project that has only pages. */
export function appFolder(project: Project): string {
  const has = (folder: string): boolean => existsSync(join(project.cwd, folder));
  const there = appFolderThere(project);
  if (there !== undefined) return there;
  if (has("pages") || has("src/pages"))
    throw new CommandRefused(
      "This project has the Pages Router alone, and keyturn init writes route files of the App Router. docs/next.md#the-pages-router shows the one file that pages/api needs; --framework none writes the configuration for it. Nothing was written",
    );
  return has("src") ? "src/app" : "app";
}

function appFolderThere({ cwd }: Project): string | undefined {
  return ["app", "src/app"].find((folder) => existsSync(join(cwd, folder)));
}

/** A route file of the app's own, and how it imports `auth`. Undefined without an App Router. */
export function routeToGuard(project: Project, language: Language, config: string) {
  const app = appFolderThere(project);
  if (app === undefined) return undefined;
  const path = `${app}/members_only/route.${endingOf(language)}`;
  return { path, from: authFrom(project, language, path, config) };
}

function endingOf({ name }: Language): string {
  return name === "TypeScript" ? "ts" : "js";
}

function authFrom(project: Project, language: Language, path: string, config: string): string {
  const relative = `${posix.relative(posix.dirname(path), config)}${language.imported}`;
  return language.imported === "" ? (aliasOf(project, config) ?? relative) : relative;
}

/** The route file of a mount point. `config`: path of the configuration file, without its ending. */
export function routeFile(project: Project, language: Language, mountAt: string, config: string): FileChange {
  const app = appFolder(project);
  const folder = `${app}${mountAt}`;
  refuseTaken(project, folder);
  const path = `${folder}/[[...keyturn]]/route.${endingOf(language)}`;
  const from = authFrom(project, language, path, config);
  const after = `import { handlers } from "keyturn/next";
import { auth } from "${from}";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS, HEAD } = handlers(auth);
`;
  return { path, before: undefined, after };
}

/** The route file, and Keyturn in next.config: it is loaded as it is, because it reads files of its own and has native parts. */
export function mountInNext(
  project: Project,
  language: Language,
  mountAt: string,
  config: string,
): NextMounting {
  const route = routeFile(project, language, mountAt, config);
  const settings = nextConfigChange(project, language);
  return {
    changes: [route, ...(settings === "by hand" || settings === undefined ? [] : [settings])],
    byHand:
      settings === "by hand" ? ['serverExternalPackages: ["keyturn"], // in the object of next.config'] : [],
  };
}

/** A page or a route of the app's own with the same path: Next would refuse to build. */
function refuseTaken({ cwd }: Project, folder: string): void {
  const names = ["page", "route", "[[...keyturn]]/route"].flatMap((name) =>
    endings.map((ending) => `${folder}/${name}.${ending}`),
  );
  const taken = names.find((name) => existsSync(join(cwd, name)));
  if (taken !== undefined)
    throw new CommandRefused(
      `${taken} has the path that Keyturn would have. Name another mount point: keyturn init User /api/auth. Nothing was written`,
    );
}

/** `@/auth`, where the compiler's `paths` lead from there to the file. */
function aliasOf({ cwd }: Project, config: string): string | undefined {
  const file = findAliases(join(cwd, `${config}.ts`), undefined);
  if (file === undefined) return undefined;
  const resolved = { path: file, config: parseTsconfig(file) };
  const matcher = createPathsMatcher(resolved);
  const target = join(cwd, config);
  const ends = config.split("/").map((_, index, parts) => parts.slice(index).join("/"));
  return Object.keys(resolved.config.compilerOptions?.paths ?? {})
    .filter((alias) => /^[^*]+\/\*$/.test(alias))
    .flatMap((alias) => ends.map((end) => alias.replace("*", end)))
    .find((name) => matcher?.(name).some((path) => path.replaceAll("\\", "/") === target));
}

/** The port of `next dev -p 4000`. */
export function nextPort({ manifest }: Project): number | undefined {
  const scripts = Object.values(manifest?.scripts ?? {}).join("\n");
  const [, port] = /\bnext dev\b.*(?:-p|--port)[ =](\d+)/.exec(scripts) ?? [];
  return port === undefined ? undefined : Number(port);
}

/** Whether a file is a route file of ours, for a mount point more. */
export function isRouteFile(path: string | undefined): boolean {
  return path !== undefined && /\/\[\[\.\.\.[^/]+\]\]\/route\.[jt]s$/.test(path);
}

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { configFiles } from "../config-files.js";
import { mountedAuth, mountsKeyturn } from "./mounting.js";
import { type Project, readText } from "./project.js";
import { importsOf, parseSource, type Syntax } from "./syntax.js";

/** What of Keyturn is in the project already. */
export interface Existing {
  /** The file that makes `auth`, wherever it is. */
  readonly config: { readonly path: string; readonly text: string } | undefined;
  /** The file that mounts the auth routes. */
  readonly mounting: string | undefined;
  /** What that file calls the imported `auth`. */
  readonly auth: string | undefined;
}

export function findExisting(project: Project): Existing {
  const sources = sourcesNaming(project, "keyturn");
  const mounting = sources.find(mountsKeyturn);
  const maker = sources.find(makesAuth);
  const named = configFiles.find((path) => isOurs(project, path));
  const path = named ?? maker?.path;
  const text = path === undefined ? undefined : readText(join(project.cwd, path));
  return {
    config: path === undefined || text === undefined ? undefined : { path, text },
    mounting: mounting?.path,
    auth: mounting && mountedAuth(mounting),
  };
}

/** A file of that name is ours if it makes an Auth, or if its name can mean nothing else. */
function isOurs(project: Project, path: string): boolean {
  const text = readText(join(project.cwd, path));
  if (text === undefined) return false;
  if (path.startsWith("keyturn.config.")) return true;
  const source = parseSource(path, text);
  return source !== undefined && makesAuth(source);
}

function makesAuth(source: Syntax): boolean {
  return importsOf(source).some(({ from, imported }) => from === "keyturn" && imported === "createAuth");
}

const limit = 5000;

/** The app's own sources that contain a word. */
function sourcesNaming({ cwd }: Project, word: string): readonly Syntax[] {
  let left = limit;
  const below = (folder: string): readonly Syntax[] =>
    readdirSync(join(cwd, folder), { withFileTypes: true }).flatMap((entry) => {
      if (
        entry.name.startsWith(".") ||
        ["node_modules", "dist", "build", "out", "coverage"].includes(entry.name)
      )
        return [];
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return below(path);
      if (
        !entry.isFile() ||
        !/(?<!\.d)\.([cm]?[jt]s|[jt]sx)$/.test(path) ||
        /\.(test|spec)\./.test(path) ||
        left-- <= 0
      )
        return [];
      const text = readText(join(cwd, path));
      return text?.includes(word) ? (parseSource(path, text) ?? []) : [];
    });
  return below("");
}

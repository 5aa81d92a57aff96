import { versionWanted } from "../packages.js";
import type { Host } from "./app-entry.js";
import type { DatabaseName } from "./arguments.js";
import { driverOf } from "./database.js";
import type { Framework } from "./framework.js";
import type { Language } from "./language.js";
import { dependenciesOf, type Project } from "./project.js";

export interface Packages {
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
}

/** What package.json lacks, each with the version that fits, such as `express@5`. */
export function packagesNeeded(
  project: Project,
  {
    framework,
    language,
    database,
  }: { framework: Framework | Host; language: Language; database: DatabaseName },
  nodeVersion = process.versions.node,
): Packages {
  const isTypeScript = language.name === "TypeScript";
  const runsInTsx =
    framework === "new" || Object.values(project.manifest?.scripts ?? {}).some((one) => /^tsx /.test(one));
  const isOnExpress = framework === "new" || framework === "express" || framework === "nest";
  const driver = driverOf(database, nodeVersion);
  const here = { ...dependenciesOf(project.rootManifest), ...dependenciesOf(project.manifest) };
  const lacking = (names: readonly string[]) => names.filter((name) => !(name in here)).map(versionWanted);
  return {
    dependencies: lacking([
      "keyturn",
      ...(framework === "new" || framework === "express" ? ["express"] : []),
      ...(framework === "hono" || framework === "fastify" || framework === "koa" ? [framework] : []),
      ...(driver === undefined ? [] : [driver]),
    ]),
    devDependencies: lacking([
      // Of the command line: keyturn migrate and the others, and for a configuration in TypeScript.
      "commander",
      ...(isTypeScript ? ["jiti"] : []),
      ...(isTypeScript && isOnExpress ? ["@types/express"] : []),
      ...(isTypeScript && framework === "koa" ? ["@types/koa"] : []),
      ...(isTypeScript && runsInTsx ? ["tsx", "typescript", "@types/node"] : []),
    ]),
  };
}

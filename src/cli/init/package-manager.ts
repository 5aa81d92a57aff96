import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ManagerName, managers } from "./arguments.js";
import { byFlag, type Detected } from "./detected.js";
import { type Project, shown } from "./project.js";

const lockfiles: Readonly<Record<string, ManagerName>> = {
  "package-lock.json": "npm",
  "npm-shrinkwrap.json": "npm",
  "pnpm-lock.yaml": "pnpm",
  "yarn.lock": "yarn",
  "bun.lock": "bun",
  "bun.lockb": "bun",
};

/** Which package manager the project uses. `userAgent`: what the manager that started us says of itself. */
export function detectPackageManager(
  project: Project,
  flag: ManagerName | undefined,
  userAgent: string | undefined,
): Detected<ManagerName> {
  if (flag !== undefined) return byFlag(flag, "--package-manager");
  const field = project.manifest?.packageManager ?? project.rootManifest?.packageManager;
  const named = managers.find((manager) => new RegExp(`^${manager}@\\d[^@]*$`).test(field ?? ""));
  const locks = nearestLockfiles(project);
  const used = [...new Set(locks.map(({ manager }) => manager))];
  // A second kind of lockfile is never made, so a field that no lockfile agrees with decides nothing.
  if (named !== undefined && (used.length === 0 || used.includes(named)))
    return { value: named, reason: `"packageManager": "${field}" in package.json` };
  const [lock] = locks;
  const claims = named === undefined || used.includes(named) ? used : [named, ...used];
  if (claims.length > 1)
    return {
      question: `Which package manager? ${[...locks.map(({ path }) => path), ...(named === undefined ? [] : ["package.json"])].join(" and ")} disagree`,
      flag: `--package-manager ${claims.join("|")}`,
      choices: claims.map((value) => ({ value, label: value })),
    };
  if (lock !== undefined) return { value: lock.manager, reason: lock.path };
  const agent = managers.find((manager) => userAgent?.startsWith(`${manager}/`));
  return agent === undefined
    ? { value: "npm", reason: "no lockfile, and npm is always there" }
    : { value: agent, reason: `${agent} started this command` };
}

/** The lockfiles of the nearest folder that has one, up to the root of the workspace or repository. */
function nearestLockfiles(project: Project) {
  for (let folder = project.cwd; ; folder = dirname(folder)) {
    const found = Object.entries(lockfiles).filter(([name]) => existsSync(join(folder, name)));
    if (found.length > 0 || folder === project.root || folder === dirname(folder))
      return found.map(([name, manager]) => ({ manager, path: shown(project, join(folder, name)) }));
  }
}

/** How a manager is spoken to. */
export interface ManagerWords {
  readonly name: ManagerName;
  /** Before a command of an installed package: `npx`, `pnpm exec`. */
  readonly run: string;
  /** The command that adds packages, in its words. */
  add(packages: readonly string[], kind: "dependencies" | "devDependencies"): readonly string[];
}

/** Native addons, whose install scripts some managers run only where they are told to. */
const builds = ["better-sqlite3"];

export function wordsOf(name: ManagerName, project: Project): ManagerWords {
  const atRoot = project.isWorkspaceRoot;
  const add = {
    npm: ["npm", "install"],
    pnpm: ["pnpm", "add", ...(existsSync(join(project.cwd, "pnpm-workspace.yaml")) ? ["-w"] : [])],
    // yarn 2 and newer have no such option, and need none.
    yarn: ["yarn", "add", ...(atRoot && isYarnOne(project) ? ["-W"] : [])],
    bun: ["bun", "add"],
  }[name];
  const dev = { npm: "--save-dev", pnpm: "-D", yarn: "-D", bun: "-d" }[name];
  const run = { npm: "npx", pnpm: "pnpm exec", yarn: "yarn", bun: "bunx" }[name];
  return {
    name,
    run,
    add: (packages, kind) => [
      ...add,
      ...(kind === "devDependencies" ? [dev] : []),
      ...allowedBuilds(name, project, packages),
      ...packages,
    ],
  };
}

function allowedBuilds(name: ManagerName, project: Project, packages: readonly string[]): readonly string[] {
  const native = builds.filter((one) => packages.some((wanted) => wanted.split("@")[0] === one));
  if (native.length === 0) return [];
  if (name === "bun") return ["--trust"];
  const runsAll = /^pnpm@[1-9]\./.test(
    project.manifest?.packageManager ?? project.rootManifest?.packageManager ?? "",
  );
  return name === "pnpm" && !runsAll ? native.map((one) => `--allow-build=${one}`) : [];
}

function isYarnOne({ root, manifest, rootManifest }: Project): boolean {
  const field = manifest?.packageManager ?? rootManifest?.packageManager;
  return field === undefined ? !existsSync(join(root, ".yarnrc.yml")) : field.startsWith("yarn@1");
}

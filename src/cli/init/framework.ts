import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { CommandRefused } from "../failures.js";
import { frameworkIn, type Mountable } from "./app-entry.js";
import type { FrameworkChoice } from "./arguments.js";
import { byFlag, type Detected } from "./detected.js";
import { dependenciesOf, majorOfRange, type Project, readText } from "./project.js";
import type { Syntax } from "./syntax.js";

/** `new`: an empty folder, which becomes an Express project. */
export type Framework = FrameworkChoice | "new";

type Known = Mountable | "next";

const packages: Readonly<Record<Known, string>> = {
  nest: "@nestjs/core",
  next: "next",
  hono: "hono",
  fastify: "fastify",
  koa: "koa",
  express: "express",
};

/** Who brings whom: with the first, the others are its parts or its development server. */
const winsOver: Readonly<Record<Known, readonly Known[]>> = {
  nest: ["next", "hono", "fastify", "koa", "express"],
  next: ["hono", "fastify", "koa", "express"],
  hono: ["express"],
  fastify: ["koa", "express"],
  koa: ["express"],
  express: [],
};

const titles: Readonly<Record<Known, string>> = {
  nest: "Nest",
  next: "Next",
  hono: "Hono",
  fastify: "Fastify",
  koa: "Koa",
  express: "Express",
};

/** Whether the app is an object that a source makes: Next has files in their places instead. */
export function isFoundInSource(framework: Framework): framework is Mountable {
  return framework !== "new" && framework !== "none" && framework !== "next";
}

/** Which framework the app is made with. Throws a CommandRefused for one that has no adapter. */
export function detectFramework(
  project: Project,
  flag: FrameworkChoice | undefined,
  entries: readonly Syntax[],
): Detected<Framework> {
  if (flag === "none") return byFlag("none", "--framework");
  if (flag !== undefined)
    return byFlag(isEmpty(project, entries) && flag === "express" ? "new" : flag, "--framework");
  const [found, ...others] = evidence(project, entries);
  if (!found) return withoutFramework(project, entries);
  const reason = found.reason;
  if (others.length > 0) {
    const both = [found, ...others].map(({ framework }) => framework);
    return {
      question: `Which framework serves the API? There are ${both.map((one) => titles[one]).join(" and ")}`,
      flag: `--framework ${[...both, "none"].join("|")}`,
      choices: [...both, "none" as const].map((value) => ({ value, label: labelOf(value) })),
    };
  }
  return { value: supported(found.framework, project), reason };
}

function labelOf(value: Mountable | "next" | "none"): string {
  return value === "none" ? "none of them: write the configuration only" : titles[value];
}

/** The first kind of evidence that names a framework: the package's own dependencies, its files, then the workspace's. */
function evidence(project: Project, entries: readonly Syntax[]) {
  const declared = (names: readonly string[], where: string) =>
    knownIn((one) => names.includes(packages[one])).map((framework) => ({
      framework,
      reason: `${packages[framework]} in ${where}`,
    }));
  const own = declared(Object.keys(dependenciesOf(project.manifest)), "package.json");
  const withServer = own.some(({ framework }) => framework === "next")
    ? [...own, ...customServer(entries)]
    : own;
  if (withServer.length > 0) return withServer;
  const files = inFiles(project, entries);
  if (files.length > 0) return files;
  return project.isWorkspaceRoot || !project.rootManifest
    ? []
    : declared(Object.keys(dependenciesOf(project.rootManifest)), "the workspace's package.json");
}

/** Next with a server of one's own: both could have the routes. */
function customServer(entries: readonly Syntax[]) {
  return entries.flatMap((source) => {
    const framework = frameworkIn(source);
    return framework === undefined ? [] : [{ framework, reason: source.path }];
  });
}

function inFiles({ cwd }: Project, entries: readonly Syntax[]): { framework: Known; reason: string }[] {
  if (existsSync(join(cwd, "nest-cli.json"))) return [{ framework: "nest", reason: "nest-cli.json" }];
  const next = existsSync(cwd)
    ? readdirSync(cwd).find((name) => /^next\.config\.[cm]?[jt]s$/.test(name))
    : undefined;
  if (next !== undefined) return [{ framework: "next", reason: next }];
  const found = customServer(entries);
  return knownIn((one) => found.some(({ framework }) => framework === one)).map((framework) => ({
    framework,
    reason: found.find((one) => one.framework === framework)?.reason ?? "",
  }));
}

function knownIn(isThere: (one: Known) => boolean): Known[] {
  const there = (Object.keys(packages) as Known[]).filter(isThere);
  return there.filter((one) => !there.some((other) => winsOver[other].includes(one)));
}

function withoutFramework(project: Project, entries: readonly Syntax[]): Detected<Framework> {
  if (isEmpty(project, entries)) return { value: "new", reason: "the folder has no app yet" };
  return {
    question: "No framework was found. What shall be written?",
    flag: "--framework none|express",
    choices: [
      { value: "none", label: "the configuration only" },
      { value: "express", label: "the configuration, and the lines for an Express app" },
    ],
  };
}

const harmless =
  /^(\..*|.*\.(md|txt|log)|readme|licen[cs]e|package(-lock)?\.json|node_modules|pnpm-(lock|workspace)\.yaml|yarn\.lock|bun\.lockb?)$/i;

/** Whether nobody has begun here: no source, and no dependency that an app would have. */
function isEmpty(project: Project, entries: readonly Syntax[]): boolean {
  if (entries.length > 0 || project.isWorkspaceRoot) return false;
  const ours = [
    "keyturn",
    "commander",
    "jiti",
    "better-sqlite3",
    "pg",
    "mysql2",
    "typescript",
    "tsx",
    "express",
    "@types/node",
    "@types/express",
  ];
  const foreign = Object.keys(dependenciesOf(project.manifest)).filter((name) => !ours.includes(name));
  return foreign.length === 0 && readdirSync(project.cwd).every((name) => harmless.test(name));
}

/** Refuses what no adapter exists for, and versions that the adapters do not fit. */
function supported(framework: Known, project: Project): Mountable | "next" {
  const installed = { ...dependenciesOf(project.rootManifest), ...dependenciesOf(project.manifest) };
  const major = majorOfRange(installed[packages[framework]]) ?? Number.POSITIVE_INFINITY;
  if (framework === "next" && major < 15) throw tooOld("Next", major, 15, "whose route handlers are dynamic");
  if (framework === "nest" && major < 11) throw tooOld("Nest", major, 11, "which brings Express 5");
  if (framework === "express" && major < 5)
    throw tooOld("Express", major, 5, "whose migration guide is on its site");
  if (framework === "fastify" && major < 5)
    throw tooOld("Fastify", major, 5, "whose migration guide is on its site");
  if (framework === "koa" && major < 2) throw tooOld("Koa", major, 2, "which has async middleware");
  const isWorker = ["wrangler.toml", "wrangler.json", "wrangler.jsonc"].some(
    (name) => readText(join(project.cwd, name)) !== undefined,
  );
  if (framework === "hono" && (isWorker || "wrangler" in installed))
    throw new CommandRefused(
      "Keyturn runs on Node and does not run on Cloudflare Workers. Nothing was written",
    );
  return framework;
}

function tooOld(title: string, has: number, needs: number, note: string): CommandRefused {
  return new CommandRefused(
    `This project has ${title} ${has}; Keyturn's adapter needs ${title} ${needs}, ${note}. Update it and run this again. Nothing was written`,
  );
}

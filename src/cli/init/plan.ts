import { existsSync } from "node:fs";
import { join } from "node:path";
import { type AppMaking, appsMadeIn, type Host, hostOf } from "./app-entry.js";
import type { DatabaseName, InitOptions } from "./arguments.js";
import { configText } from "./config-file.js";
import type { Existing } from "./existing.js";
import type { FileChange } from "./file-change.js";
import { type Framework, isFoundInSource } from "./framework.js";
import { type Language, languageFor } from "./language.js";
import { mount, mountedAuth, mountingLines } from "./mounting.js";
import { newProjectFiles } from "./new-project.js";
import { appFolder, mountInNext, nextPort } from "./next-app.js";
import { type Packages, packagesNeeded } from "./packages-needed.js";
import { portIn } from "./port.js";
import { type Project, readText } from "./project.js";
import { secretFiles } from "./secret-files.js";
import { parseSource, type Syntax } from "./syntax.js";

/** Everything that a run would do, computed before anything is done. */
export interface Plan {
  readonly changes: readonly FileChange[];
  /** Lines that the app's author has to put in. */
  readonly byHand: readonly string[];
  readonly notes: readonly string[];
  readonly packages: Packages;
  readonly port: number;
  /** What the app calls the imported `auth`. */
  readonly auth: string;
  /** Path of the configuration file, without its ending. */
  readonly config: string;
}

export interface Findings {
  readonly project: Project;
  readonly framework: Framework;
  readonly language: Language;
  readonly database: DatabaseName;
  readonly existing: Existing;
  readonly entries: readonly Syntax[];
}

type Environment = Readonly<Record<string, string | undefined>>;

export function makePlan(findings: Findings, options: InitOptions, environment: Environment): Plan {
  const { project, framework, database, existing, entries } = findings;
  const language = existing.config ? languageFor(existing.config.path, findings.language) : findings.language;
  const apps = isFoundInSource(framework) ? entries.flatMap((one) => appsMadeIn(one, framework)) : [];
  const host = isFoundInSource(framework) ? hostOf(framework, project, entries) : undefined;
  const isNext = framework === "next";
  const port = (isNext ? nextPort(project) : entries.map(portIn).find((one) => one !== undefined)) ?? 3000;
  const config = existing.config
    ? { base: withoutEnding(existing.config.path), changes: [], notes: [] }
    : newConfig(findings, options, apps[0], port);
  const mounting =
    existing.mounting !== undefined
      ? nothingToMount
      : isNext
        ? mountInNext(project, language, options.mountAt, config.base)
        : mounted(host, apps, language, config.base);
  const secrets = secretFiles(project, database, environment, {
    isNew: framework === "new",
    file: isNext ? ".env.local" : ".env",
  });
  return {
    changes: [
      ...config.changes,
      ...(framework === "new" ? newProjectFiles(project, options.model) : []),
      ...mounting.changes,
      ...secrets.changes,
    ],
    byHand: mounting.byHand,
    notes: [...config.notes, ...secrets.notes],
    packages: packagesNeeded(project, { framework: host ?? framework, language, database }),
    port,
    auth: existing.auth ?? authIn(mounting.changes[0]) ?? "auth",
    config: config.base,
  };
}

function authIn(change: FileChange | undefined): string | undefined {
  const source = change && parseSource(change.path, change.after);
  return source && mountedAuth(source);
}

function newConfig(
  { project, framework, language, database }: Findings,
  options: InitOptions,
  app: AppMaking | undefined,
  port: number,
) {
  const isBelowSrc = app ? app.source.path.startsWith("src/") : existsSync(join(project.cwd, "src"));
  const folder = framework === "next" ? appFolder(project).startsWith("src/") : isBelowSrc;
  const { model, mountAt, force } = options;
  const after = configText({ model, mountAt, database, language, port, isNext: framework === "next" });
  const wanted = `${folder ? "src/" : ""}auth${language.ending}`;
  const taken = readText(join(project.cwd, wanted));
  const isFolder = existsSync(join(project.cwd, wanted)) && taken === undefined;
  if (taken === undefined && !isFolder)
    return { base: withoutEnding(wanted), changes: [{ path: wanted, before: undefined, after }], notes: [] };
  if (force && taken !== undefined) {
    const copy = freeName(project, wanted);
    return {
      base: withoutEnding(wanted),
      changes: [{ path: wanted, before: taken, after, copy }],
      notes: [`What was in ${wanted} is kept in ${copy}`],
    };
  }
  // Another library's or the app's own: never replaced, and the command finds the other name too.
  const other = wanted.replace("auth", "keyturn.config");
  return {
    base: withoutEnding(other),
    changes: [{ path: other, before: undefined, after }],
    notes: [
      `${wanted} is yours and stays; Keyturn's configuration is ${other} (--force would replace yours, and keep a copy)`,
    ],
  };
}

const nothingToMount: Pick<Plan, "changes" | "byHand"> = { changes: [], byHand: [] };

function mounted(host: Host | undefined, apps: readonly AppMaking[], language: Language, config: string) {
  if (host === undefined) return nothingToMount;
  const [app, ...others] = apps;
  const after = app && others.length === 0 ? mount(app, host, language, config) : undefined;
  if (!app || after === undefined)
    return {
      changes: [],
      byHand: mountingLines(host, language, `./${baseName(config)}${language.imported}`),
    };
  return { changes: [{ path: app.source.path, before: app.source.text, after }], byHand: [] };
}

function freeName(project: Project, path: string): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? `${path}.backup` : `${path}.backup-${n}`;
    if (!existsSync(join(project.cwd, name))) return name;
  }
}

function withoutEnding(path: string): string {
  return path.replace(/\.[cm]?[jt]s$/, "");
}

function baseName(path: string): string {
  return path.split("/").at(-1) ?? path;
}

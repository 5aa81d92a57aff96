import { join, resolve } from "node:path";
import { CommandRefused } from "../failures.js";
import { modelLine, withModel } from "./add-model.js";
import { appsMadeIn, readEntries } from "./app-entry.js";
import { type InitOptions, initUsage, readArguments } from "./arguments.js";
import { carryOut } from "./carry-out.js";
import { detectDatabase } from "./database.js";
import { byFlag, type Detected, type Found, isQuestion } from "./detected.js";
import { type Existing, findExisting } from "./existing.js";
import type { FileChange } from "./file-change.js";
import { detectFramework, type Framework, isFoundInSource } from "./framework.js";
import { uncommitted } from "./git.js";
import { detectLanguage, type Language } from "./language.js";
import { modelToTry } from "./last-words.js";
import { isRouteFile, routeFile } from "./next-app.js";
import { detectPackageManager, type ManagerWords, wordsOf } from "./package-manager.js";
import { type Findings, makePlan } from "./plan.js";
import { type Project, readProject, workspacePackages } from "./project.js";
import { choose, Interrupted, type Terminal } from "./questions.js";
import type { Syntax } from "./syntax.js";

/** What a run is given beside its arguments. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Who can be asked; `undefined`: nobody. */
  readonly terminal: Terminal | undefined;
}

/** `keyturn init`. Sets the exit code: 1 if a step failed, 130 if somebody interrupted a question. */
export async function runInit(args: readonly string[], surroundings = ofProcess()): Promise<void> {
  const options = readArguments(args);
  if (options === "help") return console.log(initUsage);
  try {
    await init(options, surroundings);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    console.error("\nInterrupted. Nothing was written");
    process.exitCode = 130;
  }
}

function ofProcess(): Surroundings {
  const { stdin, stdout, env } = process;
  return {
    environment: env,
    terminal: stdin.isTTY && stdout.isTTY ? { input: stdin, output: stdout } : undefined,
  };
}

async function init(given: InitOptions, surroundings: Surroundings): Promise<void> {
  const asked = given.yes ? undefined : surroundings.terminal;
  const options = { ...given, cwd: await chooseFolder(given, asked) };
  const project = readProject(options.cwd);
  const existing = findExisting(project);
  const { config } = existing;
  if (config && options.isNamed) {
    const after = withModel(config.path, config.text, options.model, options.mountAt);
    if (after !== config.text)
      return addModel(project, options, asked, {
        ...existing,
        config: { ...config, after },
        words: wordsToPrint(project, options, surroundings),
      });
  }
  const { findings, words, reasons } = await findOut(project, existing, options, surroundings, asked);
  const plan = makePlan(findings, options, surroundings.environment);
  await carryOut({ options, findings, words, plan, reasons, terminal: asked });
}

/** One more model in a configuration that is there, and nothing else. */
async function addModel(
  project: Project,
  options: InitOptions,
  terminal: Terminal | undefined,
  { config: { path, text, after }, mounting, words }: WithModel,
): Promise<void> {
  const { model, mountAt } = options;
  const notes = [modelToTry(model, mountAt, words)];
  if (after === undefined)
    return console.log(
      [
        `${path} does not list its models in a way that can be changed safely. Add this to models:\n\n  ${modelLine(model, mountAt)},`,
        ...notes,
      ].join("\n\n"),
    );
  const changes = [{ path, before: text, after }, ...routeFileOf(project, mounting, mountAt, path)];
  await carryOut({ options, change: { project, changes, notes }, terminal });
}

interface WithModel extends Pick<Existing, "mounting"> {
  readonly words: ManagerWords;
  readonly config: { readonly path: string; readonly text: string; readonly after: string | undefined };
}

/** Nothing is installed, so that evidence that disagrees is no question. */
function wordsToPrint(project: Project, options: InitOptions, { environment }: Surroundings): ManagerWords {
  const found = detectPackageManager(project, options.packageManager, environment["npm_config_user_agent"]);
  return wordsOf(isQuestion(found) ? "npm" : found.value, project);
}

/** In Next each mount point has a route file. */
function routeFileOf(
  project: Project,
  mounting: string | undefined,
  mountAt: string,
  config: string,
): readonly FileChange[] {
  if (!isRouteFile(mounting)) return [];
  const { value } = languageOf(project, "next", []);
  return [routeFile(project, value, mountAt, config.replace(/\.[cm]?[jt]s$/, ""))];
}

/** At the root of a workspace with several packages: the one that gets the files. */
async function chooseFolder(options: InitOptions, terminal: Terminal | undefined): Promise<string> {
  const project = readProject(options.cwd);
  const packages = project.isWorkspaceRoot ? workspacePackages(project.cwd) : [];
  if (packages.length === 0 || readEntries(project).length > 0) return project.cwd;
  const question = {
    question: "This is the root of a workspace. Which package gets Keyturn?",
    flag: `--cwd ${packages.map((folder) => relativeTo(project.cwd, folder)).join("|")}`,
    choices: packages.map((value) => ({ value, label: relativeTo(project.cwd, value) })),
  };
  if (!terminal) throw openQuestions([question]);
  return choose(question, terminal);
}

function relativeTo(folder: string, path: string): string {
  return resolve(path)
    .slice(join(resolve(folder), "/").length)
    .replaceAll("\\", "/");
}

/** Reads everything first; asks for what is left; refuses, before anything is written, if there is nobody to ask. */
async function findOut(
  project: Project,
  existing: Existing,
  options: InitOptions,
  { environment }: Surroundings,
  terminal: Terminal | undefined,
) {
  const entries = readEntries(project);
  const userAgent = environment["npm_config_user_agent"];
  const detected = {
    framework: detectFramework(project, options.framework, entries),
    manager: detectPackageManager(project, options.packageManager, userAgent),
    database: detectDatabase(project, options.database, environment),
  };
  const open = Object.values<Detected<string>>(detected).filter(isQuestion);
  if (open.length > 0 && !terminal) throw openQuestions(open);
  if (open.length > 0) sayUncommitted(project, entries);
  const framework = await answered(detected.framework, terminal);
  const manager = await answered(detected.manager, terminal);
  const database = await answered(detected.database, terminal);
  const isNew = framework.value === "new";
  const language = isNew ? newLanguage : languageOf(project, framework.value, entries);
  const findings: Findings = {
    project,
    framework: framework.value,
    language: language.value,
    database: database.value,
    existing,
    entries,
  };
  const reasons = [
    `${isNew ? "Express, a new project" : framework.value}: ${framework.reason}`,
    `${language.value.name}: ${language.reason}`,
    `${manager.value}: ${manager.reason}`,
    `${database.value}: ${database.reason}`,
  ];
  return { findings, words: wordsOf(manager.value, project), reasons };
}

const mayChange = ["package.json", ".gitignore", ".env", ".env.example"];

/** Before the first question, when it is not known yet which of them will change. */
function sayUncommitted(project: Project, entries: readonly Syntax[]): void {
  const paths = [...mayChange, ...entries.map(({ path }) => path)];
  const dirty = uncommitted(project, [...new Set(paths)]);
  if (dirty.length > 0) console.log(`Not committed yet, and may change: ${dirty.join(", ")}\n`);
}

function languageOf(project: Project, framework: Framework, entries: readonly Syntax[]): Found<Language> {
  if (framework !== "next") return detectLanguage(project, entryOf(entries, framework));
  const found = detectLanguage(project, undefined);
  // Next's compilers find a file without its ending, and not one that is called .js and is .ts.
  return found.value.name === "TypeScript" ? { ...found, value: { ...found.value, imported: "" } } : found;
}

/** The file that makes the app; else the likeliest. */
function entryOf(entries: readonly Syntax[], framework: Framework): Syntax | undefined {
  const isMaker = (one: Syntax): boolean =>
    isFoundInSource(framework) && appsMadeIn(one, framework).length > 0;
  return entries.find(isMaker) ?? entries[0];
}

const newLanguage = {
  value: { name: "TypeScript", format: "esm", ending: ".ts", imported: ".js" },
  reason: "new projects are written in it",
} as const;

async function answered<T>(detected: Detected<T>, terminal: Terminal | undefined): Promise<Found<T>> {
  if (!isQuestion(detected)) return detected;
  if (!terminal) throw openQuestions([detected]);
  return byFlag(await choose(detected, terminal), "as you chose");
}

function openQuestions(open: readonly { question: string; flag: string }[]): CommandRefused {
  const lines = open.map(({ question, flag }) => `  ${question}\n    ${flag}`);
  return new CommandRefused(
    `Nothing was written, because there is nobody to ask. These options answer what is open (and --yes writes without asking):\n${lines.join("\n")}`,
  );
}

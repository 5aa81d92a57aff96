import { CommandRefused } from "../failures.js";
import type { InitOptions } from "./arguments.js";
import { diffOf } from "./diff.js";
import type { FileChange } from "./file-change.js";
import { type Formatter, findFormatter, formattable } from "./formatter.js";
import { uncommitted } from "./git.js";
import { checkInstalled, installCommands, runAll } from "./install.js";
import { guardToTry, repeatLine, toTry } from "./last-words.js";
import type { ManagerWords } from "./package-manager.js";
import type { Findings, Plan } from "./plan.js";
import type { Project } from "./project.js";
import { confirm, type Terminal } from "./questions.js";
import { writeChanges } from "./write.js";

interface Whole {
  readonly options: InitOptions;
  readonly findings: Findings;
  readonly words: ManagerWords;
  readonly plan: Plan;
  readonly reasons: readonly string[];
  readonly terminal: Terminal | undefined;
}

interface OneChange {
  readonly options: InitOptions;
  readonly change: {
    readonly project: Project;
    readonly changes: readonly FileChange[];
    readonly notes: readonly string[];
  };
  readonly terminal: Terminal | undefined;
}

/** Shows what was computed, asks, writes, installs, checks. */
export async function carryOut(run: Whole | OneChange): Promise<void> {
  const { options, terminal } = run;
  if ("change" in run) {
    const { project, changes, notes } = run.change;
    const goesOn = await showAndWrite(project, changes, options, terminal);
    if (goesOn) for (const note of notes) console.log(`\n${note}`);
    return;
  }
  const { findings, words, plan, reasons } = run;
  const { project, database, existing } = findings;
  console.log(reasons.join("\n"));
  if (plan.changes.length === 0) {
    const there = [existing.config?.path, existing.mounting].filter(Boolean);
    console.log(`\nNothing to write. There already: ${there.join(", ")}`);
  }
  const isWritten = await showAndWrite(project, plan.changes, options, terminal);
  if (!isWritten) return;
  for (const note of plan.notes) console.log(`\n${note}.`);
  const commands = installCommands(words, plan.packages);
  if (plan.byHand.length > 0)
    console.log(
      `\nPut these lines into your app; where they belong could not be seen for sure:\n\n${indented(plan.byHand)}`,
    );
  if (options.dryRun || !options.install) {
    if (commands.length > 0)
      console.log(
        `\nTo install what is missing:\n\n${indented(commands.map((command) => command.join(" ")))}`,
      );
  } else if (commands.length > 0) {
    const left = await runAll(project.cwd, commands);
    const problem = left.length > 0 ? "Installing failed" : checkInstalled(project.cwd, words, database);
    if (problem !== undefined) {
      const next =
        left.length > 0
          ? `. The files are written. Go on with:\n\n${indented(left.map((one) => one.join(" ")))}`
          : "";
      console.error(`\n${problem}${next}`);
      process.exitCode = 1;
      return;
    }
  }
  if (options.dryRun) return;
  // Somebody who has seen it all is told only what an app may still lack.
  const isNews = plan.changes.length > 0 || plan.byHand.length > 0;
  const lines = isNews ? toTry(findings, options, words, plan) : guardToTry(findings, options, plan);
  if (lines.length > 0) console.log(`\n${isNews ? "Try it:\n\n" : ""}${indented(lines)}`);
  if (isNews)
    console.log(
      `\nThe same again, without questions:\n\n${indented([repeatLine(findings, options, words)])}`,
    );
}

/** Returns whether the run goes on: false if somebody said no. */
async function showAndWrite(
  project: Project,
  changes: readonly FileChange[],
  { yes, dryRun }: InitOptions,
  terminal: Terminal | undefined,
): Promise<boolean> {
  if (changes.length === 0) return true;
  const dirty = uncommitted(
    project,
    changes.filter(({ before }) => before !== undefined).map(({ path }) => path),
  );
  if (dirty.length > 0) console.log(`\nNot committed yet, and about to change: ${dirty.join(", ")}`);
  console.log(`\n${changes.map(diffOf).join("\n\n")}`);
  if (dryRun) {
    console.log("\nNothing was written (--dry-run)");
    return true;
  }
  if (!yes) {
    if (!terminal)
      throw new CommandRefused(
        "Nothing was written, because there is nobody to ask. --yes writes without asking",
      );
    if (!(await confirm("\nWrite this?", terminal))) {
      console.log("Nothing was written");
      return false;
    }
  }
  const formatter = findFormatter(project);
  const toFormat = formatter ? formattable(formatter, changes) : [];
  writeChanges(project.cwd, changes);
  console.log(
    `\n${changes.map(({ path, before }) => `${before === undefined ? "wrote  " : "changed"} ${path}`).join("\n")}`,
  );
  if (formatter && toFormat.length > 0) sayFormatted(formatter, toFormat);
  return true;
}

function sayFormatted(formatter: Formatter, paths: readonly string[]): void {
  const { title } = formatter;
  const problem = formatter.format(paths);
  const files = paths.join(", ");
  console.log(
    problem === undefined
      ? `formatted ${files} (${title})`
      : `${title} could not format ${files}: ${problem}`,
  );
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => (line === "" ? "" : `  ${line}`)).join("\n");
}

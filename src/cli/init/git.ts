import { spawnSync } from "node:child_process";
import type { Project } from "./project.js";

/** What git says, or `undefined` where there is no git, no repository, or a command that says no. */
function ask({ cwd }: Project, ...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync("git", args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return status === 0 ? stdout : undefined;
}

/** Whether a pattern of any .gitignore covers the file, whether it exists or not. */
export function isIgnored(project: Project, path: string): boolean {
  return ask(project, "check-ignore", "--quiet", "--no-index", "--", path) !== undefined;
}

export function isTracked(project: Project, path: string): boolean {
  return ask(project, "ls-files", "--error-unmatch", "--", path) !== undefined;
}

/** Those of the files that have changes nobody has committed. */
export function uncommitted(project: Project, paths: readonly string[]): readonly string[] {
  return paths.filter(
    (path) => isTracked(project, path) && ask(project, "status", "--porcelain", "--", path)?.trim(),
  );
}

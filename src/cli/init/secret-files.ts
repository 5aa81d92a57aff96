import { basename, join } from "node:path";
import type { DatabaseName } from "./arguments.js";
import { findVariable } from "./database.js";
import type { FileChange } from "./file-change.js";
import { isIgnored, isTracked } from "./git.js";
import { type Project, readText } from "./project.js";

type Environment = Readonly<Record<string, string | undefined>>;

const examples: Readonly<Record<Exclude<DatabaseName, "sqlite">, string>> = {
  postgres: "postgres://localhost:5432",
  mysql: "mysql://root@localhost:3306",
};

/**
 * The lines of .gitignore, .env (Next: .env.local) and .env.example. Keyturn needs no secret of its own (its key is kept in the database), so what is private
 * is the database: SQLite's file, or the URL of a server. The line that hides a file comes before the file.
 */
export function secretFiles(
  project: Project,
  database: DatabaseName,
  environment: Environment,
  { isNew, file }: { readonly isNew: boolean; readonly file: ".env" | ".env.local" },
): { readonly changes: readonly FileChange[]; readonly notes: readonly string[] } {
  const isFile = database === "sqlite";
  const isKnown = isFile || findVariable(project, "DATABASE_URL", environment) !== undefined;
  const tracked = !isKnown && isTracked(project, file);
  const hidden = [
    ...(isNew ? ["node_modules"] : []),
    ...(isFile ? ["app.db*"] : []),
    ...(isNew || !isFile ? [file] : []),
  ];
  const name = basename(project.cwd).replace(/\W+/g, "_").toLowerCase();
  const url = isFile ? "" : `DATABASE_URL=${examples[database]}/${name}`;
  const notes = tracked
    ? [
        `${file} is in the repository, so nothing was written into it. Take it out with: git rm --cached ${file}`,
      ]
    : isKnown
      ? []
      : [`DATABASE_URL in ${file} is an example: put the address of your database there`];
  return {
    changes: [
      ...appended(
        project,
        ".gitignore",
        hidden.filter((pattern) => !isHidden(project, pattern)),
      ),
      ...(isKnown || tracked ? [] : appended(project, file, [url], { mode: 0o600, isPrivate: true })),
      ...(isFile ? [] : exampleOf(project)),
    ],
    notes,
  };
}

function isHidden(project: Project, pattern: string): boolean {
  const lines = (readText(join(project.cwd, ".gitignore")) ?? "").split(/\r?\n/).map((line) => line.trim());
  const same = [pattern, `/${pattern}`, `${pattern}/`, `/${pattern}/`];
  return lines.some((line) => same.includes(line)) || isIgnored(project, pattern.replace("*", ""));
}

/** A file that others copy gets the name without a value. One that is not there is not begun. */
function exampleOf(project: Project): readonly FileChange[] {
  const text = readText(join(project.cwd, ".env.example"));
  return text === undefined || /^\s*(export\s+)?DATABASE_URL\s*=/m.test(text)
    ? []
    : appended(project, ".env.example", ["DATABASE_URL="]);
}

/** The same bytes, and the lines behind them. */
function appended(
  project: Project,
  path: string,
  lines: readonly string[],
  more: Pick<FileChange, "mode" | "isPrivate"> = {},
): readonly FileChange[] {
  if (lines.length === 0) return [];
  const before = readText(join(project.cwd, path));
  const lineEnd = before?.includes("\r\n") ? "\r\n" : "\n";
  const start = before === undefined || before === "" || before.endsWith("\n") ? "" : lineEnd;
  return [{ path, before, after: `${before ?? ""}${start}${lines.join(lineEnd)}${lineEnd}`, ...more }];
}

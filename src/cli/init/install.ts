import { spawn, spawnSync } from "node:child_process";
import type { DatabaseName } from "./arguments.js";
import type { ManagerWords } from "./package-manager.js";
import type { Packages } from "./packages-needed.js";

/** The commands that install what is missing, in the manager's words. */
export function installCommands(words: ManagerWords, packages: Packages): readonly (readonly string[])[] {
  return (["dependencies", "devDependencies"] as const)
    .filter((kind) => packages[kind].length > 0)
    .map((kind) => words.add(packages[kind], kind));
}

/** Runs the commands with the manager's own output. Returns those that are left when one fails. */
export async function runAll(
  cwd: string,
  commands: readonly (readonly string[])[],
): Promise<readonly (readonly string[])[]> {
  for (const [index, command] of commands.entries()) {
    console.log(`\n$ ${command.join(" ")}`);
    if (!(await succeeds(cwd, command))) return commands.slice(index);
  }
  return [];
}

function succeeds(cwd: string, [command = "", ...args]: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    // Managers are scripts on Windows, and only a shell starts those.
    const child = spawn(command, args, { cwd, stdio: "inherit", shell: process.platform === "win32" });
    child.once("error", (error) => {
      console.error(error.message);
      resolve(false);
    });
    child.once("exit", (code) => resolve(code === 0));
  });
}

const checks: Readonly<Record<DatabaseName, string>> = {
  sqlite: `
    const [{ createAuth }, { sqlite }] = await Promise.all([import("keyturn"), import("keyturn/sqlite")]);
    const auth = createAuth({
      baseUrl: "http://localhost",
      environment: "test",
      database: sqlite(":memory:"),
      models: { user: { mountAt: "/auth" } },
    });
    await auth.ready();
    await auth.close();`,
  postgres: 'await import("keyturn/postgres"); await import("pg");',
  mysql: 'await import("keyturn/mysql"); await import("mysql2");',
};

/**
 * Loads what was installed, and with SQLite opens a database in memory: an addon that was not built installs without an error, and only
 * fails when it is used. Returns what is wrong and the command that helps.
 */
export function checkInstalled(cwd: string, words: ManagerWords, database: DatabaseName): string | undefined {
  const script = ["--input-type=module", "--eval", checks[database]];
  // Yarn may keep packages where only its own Node finds them.
  const [command, args] = words.name === "yarn" ? ["yarn", ["node", ...script]] : [process.execPath, script];
  const { status, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, NODE_NO_WARNINGS: "1" },
  });
  if (status === 0) return undefined;
  const reason =
    error?.message ??
    /^\s*(?:\w*Error|DatabaseNotOpened|PackageMissing|code)\b.*$/m.exec(stderr)?.[0].trim() ??
    stderr.trim();
  const help = {
    npm: "npm rebuild better-sqlite3",
    pnpm: "pnpm approve-builds",
    yarn: "yarn rebuild better-sqlite3",
    bun: "bun pm trust better-sqlite3",
  };
  const advice = /bindings|better_sqlite3/.test(stderr)
    ? `\nbetter-sqlite3 was not built. What helps: ${help[words.name]}`
    : "";
  return `What was installed does not start: ${reason}${advice}`;
}

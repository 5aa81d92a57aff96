import { join } from "node:path";
import { readVariables } from "../text-file.js";
import type { DatabaseName } from "./arguments.js";
import { byFlag, type Detected } from "./detected.js";
import { dependenciesOf, type Project, readText } from "./project.js";

type Environment = Readonly<Record<string, string | undefined>>;

const schemes: Readonly<Record<string, DatabaseName>> = {
  postgres: "postgres",
  postgresql: "postgres",
  mysql: "mysql",
  mariadb: "mysql",
  sqlite: "sqlite",
  file: "sqlite",
};

/** Files with variables, the strongest first. */
const environmentFiles = [".env.local", ".env"] as const;

/** Which database the app has, or is to have. */
export function detectDatabase(
  project: Project,
  flag: DatabaseName | undefined,
  environment: Environment,
): Detected<DatabaseName> {
  if (flag !== undefined) return byFlag(flag, "--database");
  const given = findVariable(project, "DATABASE_URL", environment);
  const scheme = /^([a-z]+):/.exec(given?.value ?? "")?.[1];
  const named = schemes[scheme ?? ""];
  if (given && named)
    return { value: named, reason: `DATABASE_URL in ${given.where} begins with ${scheme}:` };
  const installed = dependenciesOf(project.manifest);
  const drivers = (["pg", "mysql2", "better-sqlite3"] as const).filter((name) => name in installed);
  const [driver] = drivers;
  if (drivers.length > 1)
    return {
      question: `Which database? package.json has ${drivers.join(" and ")}`,
      flag: `--database ${drivers.map(databaseOf).join("|")}`,
      choices: drivers.map((name) => ({ value: databaseOf(name), label: `${databaseOf(name)} (${name})` })),
    };
  if (driver !== undefined) return { value: databaseOf(driver), reason: `${driver} in package.json` };
  return { value: "sqlite", reason: "no other database was found" };
}

/** A variable of the real environment or of a file, as in the order that Keyturn's commands read them. */
export function findVariable(project: Project, name: string, environment: Environment) {
  const real = environment[name];
  if (real !== undefined) return { value: real, where: "the environment" };
  for (const file of environmentFiles) {
    const value = readVariables(readText(join(project.cwd, file)) ?? "")[name];
    if (value !== undefined) return { value, where: file };
  }
  return undefined;
}

/** The package that a database needs; none for the SQLite that is built into Node from 22.13. */
export function driverOf(database: DatabaseName, nodeVersion: string): string | undefined {
  if (database === "postgres") return "pg";
  if (database === "mysql") return "mysql2";
  const [major = 0, minor = 0] = nodeVersion.split(".").map(Number);
  return major > 22 || (major === 22 && minor >= 13) ? undefined : "better-sqlite3";
}

function databaseOf(driver: "pg" | "mysql2" | "better-sqlite3"): DatabaseName {
  return driver === "pg" ? "postgres" : driver === "mysql2" ? "mysql" : "sqlite";
}

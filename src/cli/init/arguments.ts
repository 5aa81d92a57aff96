import { parseArgs } from "node:util";
import { CommandRefused } from "../failures.js";

export const frameworks = ["express", "fastify", "hono", "koa", "nest", "next", "none"] as const;
export const managers = ["npm", "pnpm", "yarn", "bun"] as const;
export const databases = ["sqlite", "postgres", "mysql"] as const;

export type FrameworkChoice = (typeof frameworks)[number];
export type ManagerName = (typeof managers)[number];
export type DatabaseName = (typeof databases)[number];

/** What the command line says. What it leaves out is detected, and asked for if that fails. */
export interface InitOptions {
  /** The name that the configuration has: `user` for `User`. */
  readonly model: string;
  /** Whether a model was named: only then is one added to a configuration that is there. */
  readonly isNamed: boolean;
  readonly mountAt: string;
  readonly cwd: string;
  readonly framework?: FrameworkChoice;
  readonly packageManager?: ManagerName;
  readonly database?: DatabaseName;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly install: boolean;
  readonly force: boolean;
}

/** Whether nobody may register for a model: whoever could would be an administrator. */
export function isClosed(model: string): boolean {
  return /^admin/i.test(model);
}

/** Where the first account of a model without registration comes from. */
export function firstAccount(model: string): string {
  return `keyturn accounts create ada@example.com --model ${model} --confirmed`;
}

export const initUsage = `Usage: keyturn init [model] [mount point] [options]

Puts Keyturn into a project, or makes one in an empty folder. Shows what it would write before it writes.

  keyturn init                     the model user at /auth
  keyturn init Admin /admin_auth   one more model in the same configuration

Options:
  -y, --yes                 ask nothing
      --dry-run             show what would be written, and write nothing
      --no-install          print the commands that install what is missing
      --force               replace a file of yours that is in the way; a copy of it is kept
      --cwd <folder>        the folder of the app
      --framework <name>    ${frameworks.join(", ")} (the configuration only)
      --package-manager <name>  ${managers.join(", ")}
      --database <name>     ${databases.join(", ")}
  -h, --help                show this
`;

const given = {
  yes: { type: "boolean", short: "y", default: false },
  "dry-run": { type: "boolean", default: false },
  "no-install": { type: "boolean", default: false },
  force: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
  cwd: { type: "string", default: "." },
  framework: { type: "string" },
  "package-manager": { type: "string" },
  database: { type: "string" },
} as const;

/** Reads the arguments behind `init`. Returns `"help"` if that is asked for. Throws a CommandRefused that says what is possible. */
export function readArguments(args: readonly string[]): InitOptions | "help" {
  const { values, positionals } = parsed(args);
  if (values.help) return "help";
  const [name = "User", mountAt = "/auth", ...others] = positionals;
  if (others.length > 0)
    throw new CommandRefused(`keyturn init takes a model and a mount point, not "${others[0]}"`);
  if (positionals.length === 1 && name.toLowerCase() !== "user")
    throw new CommandRefused(
      `The model ${name} needs a mount point: keyturn init ${name} /${name.toLowerCase()}_auth`,
    );
  return {
    model: modelName(name),
    isNamed: positionals.length > 0,
    mountAt: checkedMountPoint(mountAt),
    cwd: values.cwd,
    ...chosen("framework", values.framework, frameworks),
    ...chosen("packageManager", values["package-manager"], managers),
    ...chosen("database", values.database, databases),
    yes: values.yes,
    dryRun: values["dry-run"],
    install: !values["no-install"],
    force: values.force,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: given, allowPositionals: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CommandRefused(`${reason}\nkeyturn init --help lists the options`, { cause });
  }
}

/** `User` and `user` are `user`, `AdminUser` is `adminUser`. */
function modelName(name: string): string {
  if (!/^[a-z][a-z0-9_]*$/i.test(name))
    throw new CommandRefused(
      `"${name}" is no name for a model: letters, digits and _, a letter first, such as Admin`,
    );
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function checkedMountPoint(path: string): string {
  if (/^(\/[\w.~-]+)+$/.test(path)) return path;
  throw new CommandRefused(
    `"${path}" is no mount point: a path such as /admin_auth, without a slash at its end`,
  );
}

function chosen<Key extends string, Value extends string>(
  key: Key,
  value: string | undefined,
  values: readonly Value[],
): { readonly [K in Key]?: Value } {
  if (value === undefined) return {};
  const found = values.find((one) => one === value);
  if (found !== undefined) return { [key]: found } as { readonly [K in Key]: Value };
  const flag = key === "packageManager" ? "package-manager" : key;
  throw new CommandRefused(`--${flag} is one of ${values.join(", ")}, not "${value}"`);
}

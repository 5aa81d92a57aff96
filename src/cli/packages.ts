import { PackageMissing } from "../database/load-driver.js";
import { readManifest } from "./manifest.js";

/** What each command needs beside commander. */
const packagesOf: ReadonlyMap<string, readonly string[]> = new Map([
  ["serve", ["hono", "@hono/node-server", "pino"]],
  ["migrate", []],
  ["accounts", []],
  ["config", []],
  ["views", []],
]);

/** What `keyturn serve` needs beside those where it has a port for metrics. */
export const metricsPackages: readonly string[] = [
  "@opentelemetry/api",
  "@opentelemetry/exporter-prometheus",
  "@opentelemetry/sdk-metrics",
];

/** Throws a PackageMissing that names every package that a command needs and that is not installed. */
export async function requirePackagesOf(command: string | undefined): Promise<void> {
  const packages = packagesOf.get(command ?? "");
  const who = packages === undefined ? "The keyturn command" : `keyturn ${command}`;
  await requirePackages(who, ["commander", ...(packages ?? [])]);
}

/** The same for anything else that needs packages. `who` begins the sentence. */
export async function requirePackages(who: string, packages: readonly string[]): Promise<void> {
  const missing: string[] = [];
  for (const name of packages) if (!(await isInstalled(name))) missing.push(name);
  if (missing.length === 0) return;
  const wanted = missing.map(versionWanted);
  throw new PackageMissing(
    `${who} needs ${listOf(missing)}. Install ${missing.length === 1 ? "it" : "them"} with: npm install ${wanted.join(" ")}`,
  );
}

async function isInstalled(name: string): Promise<boolean> {
  try {
    await import(name);
    return true;
  } catch (error) {
    // A package that is there and broken speaks for itself.
    if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND") return false;
    throw error;
  }
}

/**
 * A package as it is installed, with the newest major version that package.json allows: `commander@14`. Without it npm would install the
 * newest of all, as it does with packages that package.json does not know.
 */
export function versionWanted(name: string): string {
  const majors = [...(readManifest().peerDependencies[name] ?? "").matchAll(/\^(\d+)/g)];
  const major = majors.at(-1)?.[1];
  return major === undefined ? name : `${name}@${major}`;
}

/** `a`, `a and b`, `a, b and c`. */
function listOf(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

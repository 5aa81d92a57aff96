import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const manifestSchema = z.object({
  version: z.string(),
  exports: z.record(z.string(), z.union([z.string(), z.object({ default: z.string() })])),
  peerDependencies: z.record(z.string(), z.string()),
});

const file = new URL("../../package.json", import.meta.url);

/** What package.json says of this package. */
export function readManifest(): z.output<typeof manifestSchema> {
  return manifestSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}

/** The file of each public entry, by the name that an app imports: `keyturn/sqlite`. */
export function entryFiles(): Readonly<Record<string, string>> {
  const entries = Object.entries(readManifest().exports).flatMap(([subpath, target]) =>
    typeof target === "string"
      ? []
      : [[`keyturn${subpath.slice(1)}`, fileURLToPath(new URL(target.default, file))] as const],
  );
  // The longest first, because "keyturn" is the beginning of all the others.
  return Object.fromEntries(entries.toSorted(([a], [b]) => b.length - a.length));
}

import { defineConfig } from "tsdown";
import { buildEntries } from "./scripts/entries.mjs";

// One output file for each source file: `import.meta.url` finds the same neighbours in dist as in src, and a stack trace names the file it came from.
export default defineConfig({
  entry: buildEntries(),
  root: "src",
  outDir: "dist",
  format: "esm",
  platform: "node",
  target: "node20.19",
  unbundle: true,
  fixedExtension: false,
  dts: true,
  tsconfig: "tsconfig.build.json",
  checks: { pluginTimings: false },
  clean: true,
});

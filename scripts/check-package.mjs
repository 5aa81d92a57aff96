/** What is published, checked as it is packed: the package's metadata, its types, what it lists and does not need, and an app that installs it. */
import { mkdirSync, readFileSync } from "node:fs";
import { npm, run, setup } from "./setup.mjs";

await setup();
const { name, version } = JSON.parse(readFileSync("package.json", "utf8"));
const tarball = `artifacts/${name}-${version}.tgz`;
mkdirSync("artifacts", { recursive: true });

const checks = [
  ["pack", ...npm("pack", "--ignore-scripts", "--silent", "--pack-destination", "artifacts")],
  ["publint", ...bin("publint/src/cli.js"), tarball, "--strict"],
  [
    "attw",
    ...bin("@arethetypeswrong/cli/dist/index.js"),
    tarball,
    "--profile",
    "esm-only",
    "--no-definitely-typed",
  ],
  ["knip", ...bin("knip/bin/knip.js"), "-t", "tsconfig.build.json"],
  ["consumer", process.execPath, "scripts/check-consumer.mjs", tarball],
];

const failed = [];
for (const [check, ...command] of checks) {
  console.log(`\n-- ${check}`);
  if ((await run(...command)) !== 0) failed.push(check);
}
if (failed.length > 0) {
  console.log(`\nPackage checks that failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}

function bin(path) {
  return [process.execPath, `node_modules/${path}`];
}

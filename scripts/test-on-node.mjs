/**
 * `npm run test:node -- 22 24`, `npm run test:node -- 22 src/cli`: the suite on other versions of Node, without services and without
 * better-sqlite3, whose addon is compiled for one version. So SQLite is the one that is built into Node, as for somebody who installs
 * Keyturn there.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "./entries.mjs";
import { npm, run, setup } from "./setup.mjs";

/** Programs that are written for better-sqlite3 itself, and what does not depend on the version of Node. */
const left = [
  "bench/**",
  "test/chaos.test.ts",
  "demo/*browser.test.ts",
  "src/cli/init/!(apps).test.ts",
  "src/client/network.model.test.ts",
  "src/engine/rotation.*.test.ts",
  "test/docs*.test.ts",
  "test/editor.test.ts",
  "test/house.test.ts",
  "test/old-clients.browser.test.ts",
];

await setup();
for (const service of ["TEST_POSTGRES_URL", "TEST_MYSQL_URL", "TEST_REDIS_URL", "CHROMIUM"])
  delete process.env[service];
process.env.TEST_SQLITE_DRIVER = "node:sqlite";
const [versions, filters] = [/^\d/, /^\D/].map((kind) =>
  process.argv.slice(2).filter((one) => kind.test(one)),
);
for (const version of versions) {
  const node = await installNode(version);
  const tree = copyTree(version);
  console.log(`\nNode ${version}, with node:sqlite`);
  process.chdir(tree);
  const excluded = left.flatMap((pattern) => ["--exclude", pattern]);
  const code = await run(
    node,
    "node_modules/vitest/vitest.mjs",
    "run",
    "--reporter=dot",
    ...excluded,
    ...filters,
  );
  process.chdir(root);
  rmSync(tree, { recursive: true });
  if (code !== 0) process.exitCode = 1;
}

/** The binary of a version, from the npm package that carries it. */
async function installNode(version) {
  const prefix = join(root, "artifacts/node", version);
  mkdirSync(prefix, { recursive: true });
  const platform = `${process.platform}-${process.arch}`;
  const options = ["--no-audit", "--no-fund", "--no-save", "--loglevel=error", "--prefix", prefix];
  const code = await run(...npm("install", ...options, `node-${platform}@${version}`));
  if (code !== 0) throw new Error(`npm has no Node ${version} for ${platform}`);
  return join(prefix, `node_modules/node-${platform}/bin/node`);
}

/**
 * The files that git knows or would add, the build, and every installed package but better-sqlite3. Outside of the repository, because
 * packages are looked for in the folders above as well.
 */
function copyTree(version) {
  const tree = mkdtempSync(join(tmpdir(), `keyturn-node-${version}-`));
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  const files = listed.trim().split("\n");
  for (const file of [...files, "dist", "demo/dist"].filter(
    (one) => one !== "node_modules" && existsSync(join(root, one)),
  )) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    cpSync(join(root, file), join(tree, file), { recursive: true, preserveTimestamps: true });
  }
  const packages = join(tree, "node_modules");
  mkdirSync(packages);
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (name !== "better-sqlite3" && !name.startsWith("."))
      symlinkSync(join(root, "node_modules", name), join(packages, name));
  }
  return tree;
}

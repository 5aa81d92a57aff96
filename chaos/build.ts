import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "tsdown";

/**
 * Builds the command line from the sources into a folder of its own below `root`, so that a run neither meets a stale `dist` nor one
 * that is made anew under its servers. Answers the file to start and what removes it all.
 */
export async function buildServer(root: string): Promise<{ readonly cli: string; remove(): void }> {
  const folder = join(root, "node_modules/.cache", `keyturn-chaos-${process.pid}`);
  const outDir = join(folder, "dist");
  mkdirSync(outDir, { recursive: true });
  // The command line reads its version there.
  cpSync(join(root, "package.json"), join(folder, "package.json"));
  await build({
    config: false,
    cwd: root,
    entry: [
      "src/index.ts",
      "src/cli/main.ts",
      "src/database/sqlite/sqlite.ts",
      "src/database/postgres/postgres.ts",
      "src/database/mysql/mysql.ts",
    ],
    root: "src",
    outDir,
    format: "esm",
    platform: "node",
    target: "node20.19",
    unbundle: true,
    fixedExtension: false,
    dts: false,
    logLevel: "silent",
    tsconfig: "tsconfig.build.json",
  });
  cpSync(join(root, "src/mail/templates"), join(outDir, "mail/templates"), { recursive: true });
  cpSync(join(root, "src/serve/page"), join(outDir, "serve/page"), { recursive: true });
  return { cli: join(outDir, "cli/main.js"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

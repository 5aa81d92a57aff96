import { rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "tsdown";
import { copyAssets } from "../scripts/assets.mjs";

/**
 * Builds the server of a chaos run from the sources into a folder of its own below `root`, so that a run does not depend on `dist`, which
 * may be old or be built again while its servers run. Returns the file to start, and what removes it all.
 */
export async function buildServer(root: string): Promise<{ readonly server: string; remove(): void }> {
  const folder = join(root, "node_modules/.cache", `keyturn-chaos-${process.pid}`);
  await build({
    config: false,
    cwd: root,
    entry: [
      "chaos/server.ts",
      // `DATABASE_URL` chooses one of them.
      "src/database/sqlite/sqlite.ts",
      "src/database/postgres/database.ts",
      "src/database/mysql/database.ts",
    ],
    root,
    outDir: folder,
    format: "esm",
    platform: "node",
    target: "node20.19",
    unbundle: true,
    fixedExtension: false,
    dts: false,
    logLevel: "silent",
    tsconfig: "tsconfig.build.json",
  });
  copyAssets(join(folder, "src"));
  return {
    server: join(folder, "chaos/server.js"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

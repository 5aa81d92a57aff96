import type { Database } from "./port.js";

/**
 * Opens the database that a URL names: `sqlite:app.db`, `file:app.db`, the path of a file, `:memory:`, `postgres://…`,
 * `mysql://…` or `mariadb://…`. Loads only the driver it needs. Throws a TypeError that says what is possible.
 */
export async function databaseFromUrl(url: string): Promise<Database> {
  const [, scheme, path = ""] = /^(?:([a-z][a-z0-9+]+):)?(?:\/\/)?(.*)$/i.exec(url) ?? [];
  switch (url === ":memory:" ? "memory" : scheme) {
    case "memory":
      return (await import("./sqlite/sqlite.js")).sqlite(url);
    case undefined:
    case "sqlite":
    case "file":
      return (await import("./sqlite/sqlite.js")).sqlite(path);
    case "postgres":
    case "postgresql":
      return (await import("./postgres/database.js")).postgres(url);
    case "mysql":
    case "mariadb":
      return (await import("./mysql/database.js")).mysql(url);
    default:
      // Without the rest of it, which may hold a password.
      throw new TypeError(
        `A database URL begins with sqlite:, postgres: or mysql:, or is the path of a file; "${scheme}:" is not supported`,
      );
  }
}

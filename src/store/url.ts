import type { Database } from "../core/store.js";
import { sqlite } from "./sqlite.js";

/** Opens the database that a URL names: `sqlite:app.db`, `file:app.db`, `:memory:`, or the path of a file. Throws a TypeError that says what is possible. */
export function databaseFromUrl(url: string): Database {
  const [, scheme, path] = /^(?:([a-z][a-z0-9+]+):)?(?:\/\/)?(.+)$/i.exec(url) ?? [];
  if (url === ":memory:") return sqlite(url);
  if (path !== undefined && (scheme === undefined || scheme === "sqlite" || scheme === "file"))
    return sqlite(path);
  throw new TypeError(
    `A database URL begins with sqlite: or is the path of a file; "${scheme ?? url}" is not supported`,
  );
}

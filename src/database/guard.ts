const guarded = new WeakSet<object>();

/**
 * A connection that breaks says so to whoever waits for it, and once more as an event: without a listener that ends the process.
 * Returns what it was given.
 */
export function guard<C extends { on(event: "error", listener: () => void): unknown }>(connection: C): C {
  if (!guarded.has(connection)) {
    guarded.add(connection);
    connection.on("error", () => {});
  }
  return connection;
}

import { sql } from "kysely";
import type { SqlExecutor } from "../driver.js";
import type { Probe } from "../port.js";
import { statement } from "../statement.js";

/** What databases call a setting that is off. */
const off: ReadonlySet<string> = new Set(["0", "off", "false"]);

/**
 * The cheapest statement that says whether others can be done. It reads a table of ours, because a node that has lost its cluster still
 * responds to a select without one.
 */
export function createProbe(executor: SqlExecutor): () => Promise<Probe> {
  const { kysely, dialect } = executor;
  const probe = statement<object>(
    executor,
    (_place, now) =>
      kysely.selectNoFrom([
        dialect.readOnly.as("read_only"),
        now.as("now"),
        kysely
          .selectFrom("keyturn_settings")
          .select(sql<string>`max(name)`.as("name"))
          .where("name", "=", "sweep")
          .as("name"),
      ]),
    { isOneRow: true },
  );
  return async () => {
    const [readOnly, now] = (await probe.run({})).rows[0] ?? [];
    return { isReadOnly: !off.has(String(readOnly).toLowerCase()), now: Number(now) };
  };
}

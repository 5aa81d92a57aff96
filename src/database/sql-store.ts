import type { Model } from "../accounts/models.js";
import { randomBytes } from "../engine/random.js";
import { UniqueViolation } from "./database-error.js";
import type { SqlExecutor } from "./driver.js";
import type { Store } from "./port.js";
import { inspect, migrate, pendingChanges } from "./schema/migrations.js";
import { statement } from "./statement.js";
import { createAccountStore } from "./statements/accounts.js";
import { createAuditStore } from "./statements/audit.js";
import { createCounterStore } from "./statements/counters.js";
import { createDeviceStore } from "./statements/devices.js";
import { createFlowStore } from "./statements/flows.js";
import { createIdentityStore } from "./statements/identities.js";
import { createProbe } from "./statements/probe.js";
import { createSessionStore } from "./statements/sessions.js";
import { createSweep } from "./statements/sweep.js";
import { createTicketStore } from "./statements/tickets.js";

/** The store over any SQL engine. */
export function createSqlStore(executor: SqlExecutor, models: readonly Model[]): Store {
  const { kysely } = executor;
  const accounts = createAccountStore(executor, models);
  const readKey = statement(executor, () =>
    kysely.selectFrom("keyturn_settings").select("value").where("name", "=", "server_key"),
  );
  const writeKey = statement<{ value: string }>(executor, (place) =>
    kysely.insertInto("keyturn_settings").values({ name: "server_key", value: place("value") }),
  );
  return {
    system: executor.dialect.name === "postgres" ? "postgresql" : executor.dialect.name,
    sessions: createSessionStore(executor, models),
    accounts,
    tickets: createTicketStore(executor, accounts),
    identities: createIdentityStore(executor, accounts),
    flows: createFlowStore(executor),
    counters: createCounterStore(executor),
    audit: createAuditStore(executor),
    devices: createDeviceStore(executor),
    migrate: (mode) => migrate(executor, models, mode),
    pending: () => pendingChanges(executor, models),
    inspect: () => inspect(executor, models),
    async serverKey() {
      const read = async (): Promise<string | undefined> => {
        const value = (await readKey.run({})).rows[0]?.[0];
        return value === undefined ? undefined : String(value);
      };
      const there = await read();
      if (there !== undefined) return there;
      try {
        await writeKey.run({ value: randomBytes(32).toString("base64url") });
      } catch (error) {
        // Another server was first; its key is the one.
        if (!(error instanceof UniqueViolation)) throw error;
      }
      const made = await read();
      if (made === undefined) throw new Error("The server key that was just written is not there");
      return made;
    },
    sweep: createSweep(executor),
    probe: createProbe(executor),
    close: () => executor.close(),
  };
}

import type { FoundSession, Store } from "../database/port.js";
import type { Telemetry } from "./telemetry.js";
import { timed } from "./timed.js";

/** The parts of a store whose functions are each one step at the database. */
const groups = ["sessions", "accounts", "tickets", "identities", "flows", "counters"] as const;

/** A store whose every step is a span and a figure. `onRotation`: is told what a rotation has made. */
export function observeStore(
  store: Store,
  telemetry: Telemetry,
  onRotation: (found: FoundSession) => void,
): Store {
  const observeStep =
    <Values extends readonly unknown[], Result>(
      operation: string,
      step: (...values: Values) => Promise<Result>,
    ) =>
    (...values: Values): Promise<Result> => {
      const labels = { "keyturn.operation": operation };
      const attributes = { ...labels, "db.system.name": store.system };
      const watched = {
        span: "keyturn.database",
        kind: "client",
        attributes,
        figure: "keyturn.database.duration",
        labels,
      } as const;
      return timed(telemetry, watched, (span) => {
        span.rename(operation);
        return step(...values);
      });
    };
  const observeGroup = <Group extends object>(name: string, group: Group): Group =>
    Object.fromEntries(
      Object.entries(group).map(([verb, step]) => [verb, observeStep(`${name}.${verb}`, step)]),
    ) as Group;
  const observed = Object.fromEntries(groups.map((name) => [name, observeGroup(name, store[name])])) as Pick<
    Store,
    (typeof groups)[number]
  >;
  const { rotate } = observed.sessions;
  return {
    ...store,
    ...observed,
    sessions: {
      ...observed.sessions,
      async rotate(model, rotation) {
        const found = await rotate(model, rotation);
        if (typeof found === "object") onRotation(found);
        return found;
      },
    },
    async sweep(interval) {
      const swept = await observeStep("sweep", store.sweep)(interval);
      if (swept > 0) telemetry.count("keyturn.rows.swept", {}, swept);
      return swept;
    },
  };
}

import type { AuthEvent } from "keyturn";

/** An event with its place in the log: rising, from 1, one more with each event. */
export interface LoggedEvent extends AuthEvent {
  readonly id: number;
}

export interface EventLog {
  /** The listener to configure as `onEvent`. */
  readonly record: (event: AuthEvent) => void;
  /** The events that came after the one with this id, oldest first. Ids start again with the process, so an id from the future means all. */
  after(id: number): readonly LoggedEvent[];
}

/**
 * Keeps the last security events in memory, for the demo's page and for tests.
 * @param options.limit how many are kept; 500 unless told. The oldest go first.
 */
export function createEventLog(options: { readonly limit?: number } = {}): EventLog {
  const limit = options.limit ?? 500;
  if (!Number.isInteger(limit) || limit < 1)
    throw new TypeError('"limit" must be a whole number of at least 1');
  const kept: LoggedEvent[] = [];
  let latest = 0;

  return {
    record(event) {
      latest += 1;
      kept.push({ ...event, id: latest });
      if (kept.length > limit) kept.shift();
    },
    after: (id) => (id > latest ? [...kept] : kept.filter((event) => event.id > id)),
  };
}

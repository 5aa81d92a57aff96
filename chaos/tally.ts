/** What a run has counted, and what should not have happened. */
export interface Tally {
  requests: number;
  batches: number;
  rotations: number;
  opened: number;
  ended: number;
  /** Requests of ended sessions and replayed tokens, answered as they should be. */
  refused: number;
  /** Requests that were under way for longer than a window and came too late; their clients go on. */
  late: number;
  /** Answers that a client gave up waiting for. */
  lostAnswers: number;
  /** Sessions whose honest client was refused. */
  sessionsLost: number;
  serversKilled: number;
  connectionsKilled: number;
  /** Answers and connections that failed, by kind. */
  readonly failures: Map<string, number>;
  /** One sentence each. */
  readonly violations: string[];
}

export function createTally(): Tally {
  return {
    requests: 0,
    batches: 0,
    rotations: 0,
    opened: 0,
    ended: 0,
    refused: 0,
    late: 0,
    lostAnswers: 0,
    sessionsLost: 0,
    serversKilled: 0,
    connectionsKilled: 0,
    failures: new Map(),
    violations: [],
  };
}

export function countFailure({ failures }: Tally, kind: string): void {
  failures.set(kind, (failures.get(kind) ?? 0) + 1);
}

/** Keeps the first hundred: the next thousand say the same. */
export function violate({ violations }: Tally, what: string): void {
  if (violations.length < 100) violations.push(what);
}

/** The table at the end of a run, a column for each engine. */
export function tallyTable(tallies: ReadonlyMap<string, Tally>): string {
  const rows: [name: string, value: (tally: Tally) => string][] = [
    ["requests", ({ requests }) => String(requests)],
    ["batches", ({ batches }) => String(batches)],
    ["rotations", ({ rotations }) => String(rotations)],
    ["sessions opened", ({ opened }) => String(opened)],
    ["sessions ended", ({ ended }) => String(ended)],
    ["refused, as they should be", ({ refused }) => String(refused)],
    ["late by more than a window", ({ late }) => String(late)],
    ["answers lost", ({ lostAnswers }) => String(lostAnswers)],
    ["servers killed", ({ serversKilled }) => String(serversKilled)],
    ["connections cut / locks held", ({ connectionsKilled }) => String(connectionsKilled)],
    ["errors", ({ failures }) => [...failures].map(([kind, n]) => `${n} × ${kind}`).join(", ") || "none"],
    ["sessions lost", ({ sessionsLost }) => String(sessionsLost)],
    ["violations", ({ violations }) => String(violations.length)],
  ];
  const head = ["", ...tallies.keys()];
  const body = rows.map(([name, value]) => [name, ...[...tallies.values()].map(value)]);
  const lines = [head, head.map(() => "---"), ...body];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

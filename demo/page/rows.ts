import type { Token } from "./tokens.js";
import type { Entry } from "./traffic.js";

/** The window that a lane shows: the time during which requests share a token. */
export interface Band {
  readonly token: Token;
  readonly ends: number;
}

/** What one lane looks like at the height of a row. */
export interface LaneState {
  /** Hue of the token that the lane's client holds. */
  readonly held: number | undefined;
  readonly band: Band | undefined;
}

/** A row of the diagram: one arrow, or several alike, in one lane. */
export interface Row {
  readonly key: string;
  /** Index of the lane whose entry this is. */
  readonly lane: number;
  readonly entry: Entry;
  /** How many entries share the row. */
  readonly count: number;
  /** Milliseconds. */
  readonly slowest: number;
  /** The window begins here, and the row says so. */
  readonly opens: boolean;
  readonly lanes: readonly LaneState[];
}

type Draft = { -readonly [Name in keyof Row]: Row[Name] } & { newest: number };

/** Milliseconds between two entries that still belong to one batch. */
const together = 1000;

const mostRows = 200;

/** Puts the entries of some actors into rows. Each lane is one actor. */
export function layOut(entries: readonly Entry[], actors: readonly string[]): readonly Row[] {
  const rows: Draft[] = [];
  const held: (number | undefined)[] = actors.map(() => undefined);
  const sessions: (string | undefined)[] = actors.map(() => undefined);
  const bands = new Map<string, Band>();
  for (const entry of entries) {
    const lane = actors.indexOf(entry.actor);
    if (lane < 0) continue;
    for (const [session, band] of bands) if (entry.at >= band.ends) bands.delete(session);
    if (entry.session) sessions[lane] = entry.session;
    const { session, token, windowEnds } = entry;
    const opens = session !== undefined && token !== undefined && windowEnds !== undefined;
    if (opens) bands.set(session, { token, ends: windowEnds });
    // What is lost never reaches the client.
    if (token && entry.kind !== "lost") held[lane] = token.hue;
    const last = rows.at(-1);
    const isNear = last !== undefined && entry.at - last.newest < together;
    if (last && isNear && !opens && !entry.fresh && last.lane === lane && areAlike(last.entry, entry)) {
      last.count += 1;
      last.newest = entry.at;
      last.slowest = Math.max(last.slowest, entry.took ?? 0);
      continue;
    }
    const lanes = actors.map((_, index) => ({
      held: held[index],
      band: bands.get(sessions[index] ?? ""),
    }));
    const slowest = entry.took ?? 0;
    rows.push({ key: `${entry.id}`, lane, entry, count: 1, slowest, opens, lanes, newest: entry.at });
  }
  return rows.slice(-mostRows);
}

/** Whether two entries can share a row: the same arrow, drawn once more. */
function areAlike(one: Entry, other: Entry): boolean {
  return (
    one.kind === other.kind &&
    one.method === other.method &&
    one.path === other.path &&
    one.token === other.token &&
    one.status === other.status &&
    one.text === other.text
  );
}

/** Seconds with one decimal, as in "4.2 s". */
export function seconds(milliseconds: number): string {
  return `${(Math.max(0, milliseconds) / 1000).toFixed(1).replace(/\.0$/, "")} s`;
}

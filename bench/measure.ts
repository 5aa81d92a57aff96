import type { ChildProcess } from "node:child_process";
import type { Access } from "./auth.js";
import { cpuUsed } from "./cpu.js";
import { type OwnDatabase, openDatabase } from "./database.js";
import type { Load, Measured } from "./driver.js";
import { fill, type Held, issue } from "./fill.js";
import type { Options } from "./options.js";
import { ask, next, start, stop, stopAll } from "./processes.js";
import type { Serve } from "./server.js";
import type { Subject } from "./subjects.js";
import { median } from "./table.js";

/** One measurement. Times of CPU in microseconds per request. */
export interface Result {
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Of all server processes together. */
  readonly cpu: number;
  readonly databaseCpu: number | undefined;
  readonly driverCpu: number;
  /** Bytes of an answer. */
  readonly size: number;
}

/** A subject that is served. */
export interface Running {
  readonly subject: Subject;
  readonly servers: readonly ChildProcess[];
  readonly ports: readonly number[];
  held: readonly Held[];
  readonly results: Result[];
}

/** Sessions that a subject's clients hold, at most: many, so that they are not all in one corner of the table. */
const mostHeld = 2_000;

/** Where the measurements of a series take place: a driver, and a database with a number of session rows. */
export interface Stage {
  readonly options: Options;
  readonly database: OwnDatabase;
  readonly access: Access;
  readonly driver: ChildProcess;
  readonly rows: number;
  /** Of the sessions, in an order of chance. */
  readonly numbers: readonly number[];
}

/** Makes and fills a database, and drops it at the end. `clients`: subjects that are measured at the same time. */
export async function onStage(
  options: Options,
  rows: number,
  clients: number,
  work: (stage: Stage) => Promise<void>,
): Promise<void> {
  const { engine, url, pool, isPrepared, connections } = options;
  const database = await openDatabase(engine, url, options.isFresh);
  const driver = start("driver", {});
  try {
    const access: Access = { engine, url: database.url, pool, isPrepared };
    const enough = Math.max(rows, clients * connections);
    process.stderr.write(`\rfilling ${enough.toLocaleString("en")} rows `);
    await fill(database, access, enough);
    await work({ options, database, access, driver, rows: enough, numbers: shuffled(enough) });
  } finally {
    await stopAll();
    await database.drop();
  }
}

/** Starts the servers of subjects that are measured in turn, does that for some rounds, and stops them. */
export async function measureAll(
  stage: Stage,
  subjects: readonly Subject[],
  processes: number,
): Promise<Running[]> {
  const { rounds, seconds, connections } = stage.options;
  const all: Running[] = [];
  const share = Math.max(connections, Math.min(mostHeld, Math.floor(stage.rows / subjects.length)));
  try {
    for (const [i, subject] of subjects.entries()) {
      const numbers = stage.numbers.slice(i * share, (i + 1) * share);
      all.push(await serve(stage, subject, processes, numbers));
    }
    for (const one of all) await measure(stage, one, Math.min(seconds, 1));
    for (const one of all) one.results.length = 0;
    for (let round = 1; round <= rounds; round++) {
      process.stderr.write(
        `\r${subjects[0]?.framework}, ${processes} processes, round ${round} of ${rounds}   `,
      );
      // There and back again, so that nobody always follows the same neighbour.
      for (const one of round % 2 === 1 ? all : all.toReversed()) await measure(stage, one, seconds);
    }
    process.stderr.write("\r");
    return all;
  } finally {
    for (const { servers } of all) for (const server of servers) await stop(server);
  }
}

async function serve(
  { database, access, rows, options }: Stage,
  subject: Subject,
  processes: number,
  numbers: readonly number[],
): Promise<Running> {
  const held = await issue(database, access, subject.by, numbers, rows);
  const profiling = options.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${options.profile}`];
  const serving: Serve = { subject, access };
  const servers = Array.from({ length: processes }, () => start("server", serving, profiling));
  const ports = await Promise.all(servers.map((server) => next<{ port: number }>(server)));
  return { subject, servers, ports: ports.map(({ port }) => port), held, results: [] };
}

async function measure({ database, driver, options }: Stage, one: Running, seconds: number): Promise<void> {
  const load: Load = { ports: one.ports, connections: options.connections, held: one.held, seconds };
  const before = { servers: await cpuOf(one), database: await database.cpu() };
  const { requests, ...measured } = await ask<Measured>(driver, load);
  const after = { servers: await cpuOf(one), database: await database.cpu() };
  const used = cpuUsed(before.database, after.database);
  one.held = measured.held;
  one.results.push({
    rate: requests / measured.seconds,
    p50: measured.p50,
    p99: measured.p99,
    cpu: (after.servers - before.servers) / requests,
    databaseCpu: used === undefined ? undefined : used / requests,
    driverCpu: measured.cpu / requests,
    size: measured.answerSize,
  });
}

async function cpuOf({ servers }: Running): Promise<number> {
  const times = await Promise.all(servers.map((server) => ask<{ cpu: number }>(server, "cpu")));
  return times.reduce((sum, { cpu }) => sum + cpu, 0);
}

function shuffled(length: number): number[] {
  const numbers = Array.from({ length }, (_, n) => n);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [numbers[i], numbers[j]] = [numbers[j] ?? 0, numbers[i] ?? 0];
  }
  return numbers;
}

/** The middle of one figure over all rounds; `undefined` where it could not be read. */
export function middle(
  { results }: Running,
  figure: (result: Result, round: number) => number | undefined,
): number | undefined {
  const values = results.map(figure).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : median(values);
}

/** Authentication alone, in one process and without HTTP, against the same by hand. `npm run bench -- micro`; `--telemetry` adds what it costs to watch it. */

import { setImmediate } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Telemetry } from "keyturn";
import { internals } from "keyturn/adapter-kit";
import { type Access, authOf, floorOf } from "./auth.js";
import { openDatabase } from "./database.js";
import { fill, type Held, issue } from "./fill.js";
import { engineOf, urlOf } from "./options.js";
import { interrupted } from "./processes.js";
import { median, printTable } from "./table.js";
import { openTelemetries } from "./telemetry.js";

const { values } = parseArgs({
  options: {
    database: { type: "string", default: "sqlite" },
    rounds: { type: "string", default: "60" },
    calls: { type: "string", default: "1000" },
    only: { type: "string", default: "" },
    telemetry: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const calls = Number(values.calls);
const warmUp = 10;
const sessions = 10_000;
const engine = engineOf(values.database);
const database = await openDatabase(engine, urlOf(engine));
const access: Access = { engine, url: database.url, pool: 1, isPrepared: true };

interface Contender {
  readonly name: string;
  /** Name of the contender to compare with. */
  readonly floor: string | undefined;
  readonly call: () => Promise<void>;
  readonly times: number[];
}

const contenders: Contender[] = [];
try {
  await fill(database, access, sessions);
  for (const work of ["verify", "rotate"] as const) {
    const rotating = work === "rotate";
    const floor = `${work} floor`;
    await add(floor, undefined, "floor", (held) => floorCall(held, rotating));
    await add(`${work} keyturn`, floor, "keyturn", (held) => protectCall(held, rotating));
    for (const [name, telemetry] of values.telemetry ? openTelemetries() : [])
      await add(`${work} ${name}`, `${work} keyturn`, "keyturn", (held) =>
        protectCall(held, rotating, telemetry),
      );
  }
  for (let round = 0; round < warmUp + rounds; round++)
    for (const one of round % 2 === 0 ? contenders : contenders.toReversed()) {
      interrupted.throwIfAborted();
      const time = await timeOf(one);
      if (round >= warmUp) one.times.push(time);
    }
  printTable(["", "CPU µs, median", "least", "on top, median", "least"], contenders.map(rowOf), 1);
} finally {
  await database.drop();
}
process.exit();

async function timeOf({ call }: Contender): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++) {
    await call();
    // As in a server, where no request begins in the callback of another; else garbage is kept that a server is rid of.
    await setImmediate();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

function rowOf({ name, times, floor }: Contender): string[] {
  const other = contenders.find((one) => one.name === floor);
  const least = Math.min(...times);
  const extra = other && median(times.map((time, i) => time - (other.times[i] ?? 0)));
  return [
    name,
    median(times).toFixed(1),
    least.toFixed(1),
    extra === undefined ? "" : extra.toFixed(1),
    other === undefined ? "" : (least - Math.min(...other.times)).toFixed(1),
  ];
}

async function add(
  name: string,
  floor: string | undefined,
  by: "keyturn" | "floor",
  prepare: (held: Held) => Contender["call"],
): Promise<void> {
  if (!name.includes(values.only)) return;
  const [held] = await issue(database, access, by, [contenders.length], sessions);
  if (!held) throw new Error("There is no session");
  contenders.push({ name, floor, call: prepare(held), times: [] });
}

function protectCall(held: Held, rotating: boolean, telemetry?: Telemetry): Contender["call"] {
  const auth = authOf(access, rotating, telemetry);
  const headers = headersOf(held);
  return async () => {
    const head = { method: "GET", url: "/me", peer: "127.0.0.1", header: (name: string) => headers[name] };
    const protection = await auth[internals].authenticate("user", head);
    if (protection.authentication === undefined) throw new Error("The request was refused");
    protection.slow.end(protection.pending);
    headers["access-token"] = protection.authentication.token;
  };
}

// A promise as the other, because a handler over most databases has to wait.
function floorCall(held: Held, rotating: boolean): Contender["call"] {
  const floor = floorOf(access, rotating);
  const headers = headersOf(held);
  return async () => {
    const answer = await floor(headers, "127.0.0.1");
    if (!answer) throw new Error("The request was refused");
    headers["access-token"] = answer.headers["access-token"];
  };
}

function headersOf({ token, client, uid }: Held): Record<string, string | undefined> {
  return { host: "localhost", accept: "application/json", "access-token": token, client, uid };
}

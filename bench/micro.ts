/** `auth.protect` alone, in one process and without HTTP, against the same by hand. `npm run bench -- micro`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { parseArgs } from "node:util";
import { authOf, type Held, makeDatabase } from "./database.js";
import { openFloor } from "./floor.js";
import { median, printTable } from "./table.js";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "60" },
    calls: { type: "string", default: "1000" },
    only: { type: "string", default: "" },
  },
});
const rounds = Number(values.rounds);
const calls = Number(values.calls);
const warmUp = 10;
const folder = mkdtempSync(join(tmpdir(), "keyturn-bench-"));

interface Contender {
  readonly name: string;
  /** Name of the contender to compare with. */
  readonly floor: string | undefined;
  readonly call: () => Promise<void>;
  readonly times: number[];
}

const contenders: Contender[] = [];
for (const work of ["verify", "rotate"] as const) {
  const rotating = work === "rotate";
  const floor = `${work} floor`;
  await add(floor, undefined, "floor", (file, held) => floorCall(file, held, rotating));
  await add(`${work} keyturn`, floor, "keyturn", (file, held) => protectCall(file, held, rotating));
}
for (let round = 0; round < warmUp + rounds; round++) {
  for (const { call, times } of round % 2 === 0 ? contenders : contenders.toReversed()) {
    const before = process.cpuUsage();
    for (let i = 0; i < calls; i++) {
      await call();
      // As in a server, where no request begins in the callback of another; else garbage is kept that a server is rid of.
      await setImmediate();
    }
    const { user, system } = process.cpuUsage(before);
    if (round >= warmUp) times.push((user + system) / calls);
  }
}
printTable(["", "CPU µs, median", "least", "on top, median", "least"], contenders.map(rowOf), 1);
rmSync(folder, { recursive: true, force: true });
process.exit();

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
  prepare: (file: string, held: Held) => Contender["call"],
): Promise<void> {
  if (!name.includes(values.only)) return;
  const file = join(folder, `${contenders.length}.db`);
  const [held] = await makeDatabase(file, 1, by);
  if (!held) throw new Error("The database was made without a session");
  contenders.push({ name, floor, call: prepare(file, held), times: [] });
}

function protectCall(file: string, held: Held, rotating: boolean): Contender["call"] {
  const auth = authOf(file, rotating);
  const headers = headersOf(held);
  return async () => {
    const head = { method: "GET", url: "/me", peer: "127.0.0.1", header: (name: string) => headers[name] };
    const protection = await auth.protect("user", head);
    if (protection.turn === undefined) throw new Error("The request was refused");
    protection.slow.end(protection.open);
    headers["access-token"] = protection.turn.token;
  };
}

// A promise as the other, because a handler over most databases has to wait.
function floorCall(file: string, held: Held, rotating: boolean): Contender["call"] {
  const floor = openFloor(file, rotating);
  const headers = headersOf(held);
  return async () => {
    const answer = floor(headers, "127.0.0.1");
    if (!answer) throw new Error("The request was refused");
    headers["access-token"] = answer.headers["access-token"];
  };
}

function headersOf({ token, client, uid }: Held): Record<string, string | undefined> {
  return { host: "localhost", accept: "application/json", "access-token": token, client, uid };
}

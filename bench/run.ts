/** The benchmark: every subject in turn, several rounds, medians. See README.md. */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Held, makeDatabase } from "./database.js";
import type { Load, Measured } from "./driver.js";
import { nameOf, type Subject, subjects } from "./subjects.js";
import { median, printTable } from "./table.js";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "2" },
    rounds: { type: "string", default: "7" },
    connections: { type: "string", default: "16" },
    only: { type: "string", default: "" },
    profile: { type: "string" },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const connections = Number(values.connections);
const chosen = subjects.filter((subject) => nameOf(subject).includes(values.only));

interface Running {
  readonly subject: Subject;
  readonly server: ChildProcess;
  readonly port: number;
  held: readonly Held[];
  readonly results: { rate: number; p50: number; p99: number; cpu: number; size: number }[];
}

const folder = mkdtempSync(join(tmpdir(), "keyturn-bench-"));
const driver = start("driver", []);
const running: Running[] = [];
try {
  for (const subject of chosen) running.push(await open(subject));
  for (const one of running) await measure(one, Math.min(seconds, 1));
  for (const one of running) one.results.length = 0;
  for (let round = 1; round <= rounds; round++) {
    process.stderr.write(`\rround ${round} of ${rounds} `);
    // There and back again, so that nobody always follows the same neighbour.
    for (const one of round % 2 === 1 ? running : running.toReversed()) await measure(one, seconds);
  }
  process.stderr.write("\r");
  print();
} finally {
  for (const { server } of running) await stop(server);
  driver.disconnect();
  rmSync(folder, { recursive: true, force: true });
}

async function open(subject: Subject): Promise<Running> {
  const file = join(folder, `${running.length}.db`);
  const held = await makeDatabase(file, connections, subject.by);
  const profiling = values.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${values.profile}`];
  const server = start("server", [String(subjects.indexOf(subject)), file], profiling);
  const { port } = await next<{ port: number }>(server);
  return { subject, server, port, held, results: [] };
}

async function measure(one: Running, duration: number): Promise<void> {
  const before = await ask<{ cpu: number }>(one.server, "cpu");
  const load: Load = { port: one.port, held: one.held, seconds: duration };
  const measured = await ask<Measured>(driver, load);
  const after = await ask<{ cpu: number }>(one.server, "cpu");
  one.held = measured.held;
  one.results.push({
    rate: measured.requests / measured.seconds,
    p50: measured.p50,
    p99: measured.p99,
    cpu: (after.cpu - before.cpu) / measured.requests,
    size: measured.answerSize,
  });
}

function print(): void {
  const cpuOf = (one: Running): number => median(one.results.map((result) => result.cpu));
  const rows = running.map((one) => {
    const { framework, by, work } = one.subject;
    const floor = running.find(
      (other) =>
        other.subject.framework === framework && other.subject.work === work && other.subject.by === "floor",
    );
    const isCompared = floor !== undefined && by === "keyturn";
    // Of each round on its own: neighbours in time share the machine's mood.
    const extra = isCompared
      ? median(one.results.map((result, i) => result.cpu - (floor.results[i]?.cpu ?? 0)))
      : undefined;
    const share = isCompared
      ? median(one.results.map((result, i) => result.rate / (floor.results[i]?.rate ?? 1)))
      : undefined;
    return [
      framework,
      work === "bare" ? "bare JSON" : work,
      work === "bare" ? "" : by,
      Math.round(median(one.results.map((result) => result.rate))).toLocaleString("en"),
      median(one.results.map((result) => result.p50)).toFixed(2),
      median(one.results.map((result) => result.p99)).toFixed(2),
      cpuOf(one).toFixed(1),
      extra === undefined ? "" : `${extra >= 0 ? "+" : ""}${extra.toFixed(1)}`,
      share === undefined ? "" : share.toFixed(2),
      String(one.results[0]?.size ?? 0),
    ];
  });
  printTable(
    ["on", "work", "by", "req/s", "p50 ms", "p99 ms", "CPU µs", "on top", "req/s ÷ floor", "bytes"],
    rows,
  );
}

function start(program: string, args: readonly string[], execArgv: readonly string[] = []): ChildProcess {
  return fork(fileURLToPath(new URL(`${program}.js`, import.meta.url)), args, { execArgv: [...execArgv] });
}

function next<Answer>(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error("A process of the benchmark ended early"));
    child.once("exit", gone);
    child.once("message", (answer) => {
      child.off("exit", gone);
      resolve(answer as Answer);
    });
  });
}

function ask<Answer>(child: ChildProcess, message: object | string): Promise<Answer> {
  const answer = next<Answer>(child);
  child.send(message);
  return answer;
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.send("stop");
  });
}

/**
 * What one database carries: more and more server processes until requests/s no longer rise, and what each part of the machine used for
 * a request. `npm run bench -- capacity`, on `node:http`. See README.md.
 */
import { measureAll, middle, onStage, type Running, type Stage } from "./measure.js";
import { readOptions, withCommit } from "./options.js";
import type { Subject } from "./subjects.js";
import { figure, printTable } from "./table.js";

const options = readOptions({ database: "postgres", processes: "1,2,4", rows: "100000", rounds: "3" });
/** More than noise. */
const rise = 1.05;

const lines: string[][] = [];
const [rows = 0] = options.rows;
try {
  await onStage(options, rows, Math.max(...options.processes), async (stage) => {
    await climb(stage, "verify", "");
    await climb(stage, "rotate", options.engine === "postgres" ? "as the server's" : "");
    if (options.engine !== "postgres") return;
    const access = { ...stage.access, url: withCommit(stage.access.url, "off") };
    await climb({ ...stage, access }, "rotate", "off");
  });
} finally {
  if (lines.length > 0) print();
}

/** Measures with more processes, and as many connections more, until that gains nothing. */
async function climb(stage: Stage, work: Subject["work"], commit: string): Promise<void> {
  const subject: Subject = { framework: "node", by: "keyturn", work };
  let best = 0;
  for (const processes of options.processes) {
    const connections = options.connections * processes;
    const grown = { ...stage, options: { ...options, connections } };
    const [one] = await measureAll(grown, [subject], processes);
    if (!one) return;
    lines.push(lineOf(one, commit, processes, connections));
    const rate = middle(one, (result) => result.rate) ?? 0;
    if (rate < best * rise) return;
    best = rate;
  }
}

function lineOf(one: Running, commit: string, processes: number, connections: number): string[] {
  const rate = middle(one, (result) => result.rate) ?? 0;
  const servers = middle(one, ({ cpu }) => cpu);
  const database = middle(one, ({ databaseCpu }) => databaseCpu);
  const driver = middle(one, ({ driverCpu }) => driverCpu);
  const coresOf = (cpu: number | undefined): string => figure(cpu && (cpu * rate) / 1e6, 2);
  return [
    one.subject.work,
    commit,
    String(processes),
    String(connections),
    Math.round(rate).toLocaleString("en"),
    figure(
      middle(one, ({ p99 }) => p99),
      2,
    ),
    figure(servers, 1),
    figure(database, 1),
    figure(driver, 1),
    `${coresOf(servers)} + ${coresOf(database) || "?"} + ${coresOf(driver)}`,
    perCore(servers),
    perCore(database),
  ];
}

/** Requests/s that one core could do, if it did nothing else. */
function perCore(cpu: number | undefined): string {
  return cpu ? Math.round(1e6 / cpu).toLocaleString("en") : "";
}

function print(): void {
  console.log(
    `${options.engine}, ${rows.toLocaleString("en")} sessions, pool ${options.pool} in each process, ${options.rounds} rounds of ${options.seconds} s\n`,
  );
  printTable(
    [
      ...["work", "synchronous_commit", "processes", "connections", "req/s", "p99 ms"],
      ...["CPU µs: servers", "database", "driver", "cores busy: servers + database + driver"],
      ...["req/s per server core", "per database core"],
    ],
    lines,
    2,
  );
}

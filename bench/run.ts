/** The benchmark: every subject in turn, several rounds, medians. See README.md. */
import { measureAll, middle, onStage, type Running } from "./measure.js";
import { readOptions } from "./options.js";
import { frameworks, nameOf, subjects } from "./subjects.js";
import { figure, printTable } from "./table.js";

const options = readOptions();
const chosen = subjects.filter((subject) => nameOf(subject).includes(options.only));
const groups = frameworks
  .map((framework) => chosen.filter((subject) => subject.framework === framework))
  .filter((group) => group.length > 0);
const lines: string[][] = [];
try {
  for (const rows of options.rows) await series(rows);
} finally {
  if (lines.length > 0) print();
}

/** All that is measured with a number of session rows. */
function series(rows: number): Promise<void> {
  const most = Math.max(...groups.map((group) => group.length));
  return onStage(options, rows, most, async (stage) => {
    // Framework by framework: each server that is open keeps its connections to the database.
    for (const processes of options.processes)
      for (const group of groups) {
        const all = await measureAll(stage, group, processes);
        lines.push(...all.map((one) => lineOf(one, all, stage.rows, processes)));
      }
  });
}

function lineOf(one: Running, all: readonly Running[], rows: number, processes: number): string[] {
  const { framework, by, work } = one.subject;
  const floor = all.find(({ subject }) => subject.work === work && subject.by === "floor");
  const compared = by === "keyturn" && floor ? floor.results : [];
  // Of each round on its own: neighbours in time share the machine's mood.
  const onTop = middle(one, ({ cpu }, i) => compared[i] && cpu - compared[i].cpu);
  return [
    framework,
    work === "bare" ? "bare JSON" : work,
    work === "bare" ? "" : by,
    String(processes),
    rows.toLocaleString("en"),
    Math.round(middle(one, ({ rate }) => rate) ?? 0).toLocaleString("en"),
    figure(
      middle(one, ({ p50 }) => p50),
      2,
    ),
    figure(
      middle(one, ({ p99 }) => p99),
      2,
    ),
    figure(
      middle(one, ({ cpu }) => cpu),
      1,
    ),
    figure(
      middle(one, ({ databaseCpu }) => databaseCpu),
      1,
    ),
    figure(
      middle(one, ({ driverCpu }) => driverCpu),
      1,
    ),
    onTop === undefined ? "" : `${onTop >= 0 ? "+" : ""}${onTop.toFixed(1)}`,
    figure(
      middle(one, ({ cpu }, i) => compared[i] && cpu / compared[i].cpu),
      2,
    ),
    figure(
      middle(one, ({ rate }, i) => compared[i] && rate / compared[i].rate),
      2,
    ),
    String(one.results[0]?.size ?? 0),
  ];
}

function print(): void {
  const unprepared = options.isPrepared ? "" : ", Keyturn without named statements";
  console.log(
    `${options.engine}, ${options.connections} connections, pool ${options.pool}, ${options.rounds} rounds of ${options.seconds} s${unprepared}\n`,
  );
  printTable(
    [
      ...["on", "work", "by", "processes", "rows", "req/s", "p50 ms", "p99 ms"],
      ...["CPU µs", "database", "driver", "on top", "CPU ÷ floor", "req/s ÷ floor", "bytes"],
    ],
    lines,
  );
}

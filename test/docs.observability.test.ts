import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createPrometheus } from "../src/cli/prometheus.js";
import {
  type CounterName,
  counterTable,
  type GaugeName,
  gaugeTable,
  type HistogramName,
  histogramTable,
  spanTable,
} from "../src/telemetry/instruments.js";
import { plain, tablesOf } from "./fixtures/pages.js";

const page = "docs/observability.md";
const figures = { ...counterTable, ...histogramTable, ...gaugeTable };
const tableWith = (first: string) =>
  tablesOf(page).find((table) => table.some(([name]) => plain(name) === first)) ?? [];

test("docs/observability.md has every figure, with its attributes and what it is", () => {
  const told = tableWith("keyturn.rotations").map(([name, , attributes = "", what]) => [
    plain(name),
    attributes.replaceAll("`", ""),
    what,
  ]);
  expect(told).toEqual(
    Object.entries(figures).map(([name, { attributes, description }]) => [
      name,
      attributes.join(", "),
      description,
    ]),
  );
});

test("docs/observability.md has every attribute and every span", () => {
  const attributes = new Set(Object.values(figures).flatMap((one): readonly string[] => one.attributes));
  expect(
    tableWith("keyturn.model")
      .map(([name]) => plain(name))
      .toSorted(),
  ).toEqual([...attributes].toSorted());
  expect(tableWith("keyturn.request").map(([name, what]) => [plain(name), what])).toEqual(
    Object.entries(spanTable),
  );
});

test("docs/observability.md tells the names that Prometheus reads", async () => {
  const { telemetry, respond } = createPrometheus();
  for (const name of Object.keys(counterTable)) telemetry.count(name as CounterName, {});
  for (const name of Object.keys(histogramTable)) telemetry.record(name as HistogramName, 1, {});
  for (const name of Object.keys(gaugeTable)) telemetry.watch(name as GaugeName, () => 1);
  const server = createServer(respond).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const text = await (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)).text();
  const shown = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
  const told = tableWith("keyturn.rotations").map(([, name]) => plain(name));
  expect(shown.toSorted()).toEqual(told.toSorted());
});

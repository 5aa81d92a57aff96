import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

// Says nothing about speed: only that the benchmark fits the tables and the package as they are.
test("the benchmark measures the floor and Keyturn on the tables of today", async () => {
  const options = [
    "--only",
    "node",
    "--rows",
    "100",
    "--seconds",
    "0.1",
    "--rounds",
    "1",
    "--connections",
    "2",
  ];
  const { stdout } = await promisify(execFile)(process.execPath, ["bench/main.mjs", ...options]);
  for (const work of ["verify", "rotate"])
    for (const by of ["floor", "keyturn"])
      expect(stdout).toMatch(new RegExp(`node +\\| ${work} +\\| ${by} `));
}, 60_000);

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { readEnvironment } from "./environment-files.js";

let folder = "";
const folders: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-environment-"));
  folders.push(folder);
});
afterAll(() => {
  for (const one of folders) rmSync(one, { recursive: true });
});
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

test("the process counts first, then .env.local, then .env (shape 32)", () => {
  write(".env.local", "A=local\nB=local\n");
  write(".env", "A=file\nB=file\nC='the file'\nD=file\n");
  const read = readEnvironment({ A: "process", D: "" }, { folder });
  expect(read.environment).toEqual({ A: "process", B: "local", C: "the file", D: "" });
  expect(read.files).toEqual([".env.local", ".env"]);
  expect([...read.fileOf]).toEqual([
    ["B", ".env.local"],
    ["C", ".env"],
  ]);
});

test("a file of Windows says the same: a byte order mark and CRLF are no part of names and values", () => {
  write(".env", '\ufeffDATABASE_URL="postgres://localhost/app"\r\nexport KEYTURN_PARANOID=true\r\n');
  expect(readEnvironment({}, { folder }).environment).toEqual({
    DATABASE_URL: "postgres://localhost/app",
    KEYTURN_PARANOID: "true",
  });
});

test("a folder may have one of the two, or none", () => {
  expect(readEnvironment({}, { folder }).files).toEqual([]);
  write(".env", "A=1");
  expect(readEnvironment({}, { folder }).files).toEqual([".env"]);
});

test.each([{ NODE_ENV: "production" }, { NODE_ENV: "test" }, { KEYTURN_ENVIRONMENT: "production" }])(
  "nothing is read outside development: %j (shape 32)",
  (process) => {
    write(".env", "A=1");
    expect(readEnvironment(process, { folder })).toMatchObject({ environment: process, files: [] });
  },
);

test("--env-file is read instead of the two, in production too, and has to be there", () => {
  write(".env", "A=1");
  write("secrets", "B=2");
  const read = readEnvironment({ NODE_ENV: "production" }, { envFile: "secrets", folder });
  expect(read.environment).toEqual({ NODE_ENV: "production", B: "2" });
  expect(() => readEnvironment({}, { envFile: "missing", folder })).toThrow("There is no file missing");
});

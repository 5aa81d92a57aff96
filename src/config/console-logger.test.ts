import { expect, test } from "vitest";
import { createConsoleLogger } from "./console-logger.js";

function logged(details: object, message: string): string {
  const lines: string[] = [];
  const write = (text: string): void => void lines.push(text);
  createConsoleLogger({ info: write, warn: write, error: write }).error(details, message);
  return lines.join("\n");
}

/** What a reader of the log takes for an entry: a line that begins in the first column. */
const entriesIn = (text: string): readonly string[] =>
  text.split("\n").filter((line) => !line.startsWith(" "));

test.each([
  ["a line feed", "\n"],
  ["a carriage return", "\r"],
  ["both", "\r\n"],
  ["a vertical tab", "\v"],
  ["a form feed", "\f"],
  ["the next-line character", "\u0085"],
  ["a Unicode line separator", "\u2028"],
  ["a Unicode paragraph separator", "\u2029"],
])("%s in an error's message begins no entry of its own", (_name, lineBreak) => {
  const text = logged({ err: new Error(`no such name${lineBreak}An account was deleted`) }, "A hook failed");
  expect(entriesIn(text)).toHaveLength(1);
  expect(text).toContain("An account was deleted");
});

test("line breaks in the message, in a value and in a key begin no entry either", () => {
  expect(entriesIn(logged({}, "one\ntwo"))).toEqual(["one"]);
  expect(entriesIn(logged({ to: "ada@example.com\nforged" }, "one"))).toHaveLength(1);
  expect(entriesIn(logged({ "a\nforged": 1 }, "one"))).toHaveLength(1);
});

test("an error that causes another is indented as well", () => {
  const error = new Error("outer", { cause: new Error("inner\nforged") });
  expect(entriesIn(logged({ err: error }, "It failed"))).toHaveLength(1);
});

test("escape sequences of terminals are shown and not obeyed", () => {
  expect(logged({ err: new Error("\u001b[2Aforged\u0007\u009b1A") }, "x")).toMatch(
    /\\x1b\[2Aforged\\x07\\x9b1A/,
  );
  expect(logged({}, "\u001b]0;title\u0007")).toBe("\\x1b]0;title\\x07");
});

test("an entry says what happened and the details, in one line where they fit", () => {
  expect(logged({ to: "ada@example.com" }, "A mail was sent")).toBe(
    "A mail was sent { to: 'ada@example.com' }",
  );
  expect(logged({}, "Done")).toBe("Done");
});

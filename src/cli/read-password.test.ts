import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { readPassword, type Terminal } from "./read-password.js";

function terminal(isTTY: boolean) {
  const input = Object.assign(new PassThrough(), { isTTY, setRawMode: () => input });
  const output = Object.assign(new PassThrough(), { isTTY });
  let shown = "";
  output.on("data", (part) => (shown += part));
  return { input, output, shown: () => shown } satisfies Terminal & { shown: () => string };
}

test("a password is asked for twice at the terminal, which does not show it (shape 27)", async () => {
  const one = terminal(true);
  const asked = readPassword({}, one);
  one.input.write("a quiet violet hoxx\x7f\x7fur\r");
  one.input.write("a quiet violet hour\r");
  expect(await asked).toBe("a quiet violet hour");
  expect(one.shown()).toBe("Password: \nThe same again: \n");
});

test("two that differ are refused, and Ctrl-C and the end of the terminal change nothing", async () => {
  for (const [typed, sentence] of [
    ["a quiet violet hour\ra quiet violet hoor\r", "not the same"],
    ["a quiet\x03", "Nothing was changed"],
    ["\x04", "Nothing was changed"],
  ] as const) {
    const one = terminal(true);
    const asked = readPassword({}, one);
    one.input.write(typed);
    await expect(asked).rejects.toThrow(sentence);
  }
});

test.each([
  ["with spaces at both ends ", " with spaces at both ends "],
  ["one line end\n", "one line end\n"],
  ["one line end\r\n", "one line end\r\n"],
  ["two\nlines\n\n", "two\nlines\n\n"],
  ["ein stilles Veilchen – ü", "ein stilles Veilchen – ü"],
])("stdin is read to its end, less one line end: %j (shape 27)", async (_name, given) => {
  const one = terminal(false);
  // In two parts, the first of which ends within a character.
  const bytes = Buffer.from(given);
  const at = bytes.indexOf(0xc3) + 1;
  one.input.write(bytes.subarray(0, at));
  setImmediate(() => one.input.end(bytes.subarray(at)));
  expect(await readPassword({ passwordStdin: true }, one)).toBe(given.replace(/\r?\n$/, ""));
});

test("the byte order mark that Windows PowerShell puts in front is no part of a password", async () => {
  for (const [given, password] of [
    ["\ufeffa quiet violet hour\r\n", "a quiet violet hour"],
    ["a quiet \ufeffviolet hour", "a quiet \ufeffviolet hour"],
  ] as const) {
    const one = terminal(false);
    one.input.end(Buffer.from(given));
    expect(await readPassword({ passwordStdin: true }, one)).toBe(password);
  }
});

test("stdin that is no UTF-8 is refused, and so is a terminal, which would show what is typed", async () => {
  const latin = terminal(false);
  latin.input.end(Buffer.from([0x66, 0xfc, 0x72]));
  await expect(readPassword({ passwordStdin: true }, latin)).rejects.toThrow("not UTF-8");
  await expect(readPassword({ passwordStdin: true }, terminal(true))).rejects.toThrow("would show");
});

test("without a terminal nobody is asked: the ways that are left are named", async () => {
  await expect(readPassword({}, terminal(false))).rejects.toThrow(/--password-stdin.*--mail-link/);
});

import type { FileChange } from "./file-change.js";

type Line = readonly [" " | "+" | "-", string];

const context = 3;

/** What would be written, as a unified diff. Of a private file it shows the names that are added and nothing else. */
export function diffOf({ path, before, after, isPrivate = false }: FileChange): string {
  const head = `--- ${before === undefined ? "nothing" : path}\n+++ ${path}`;
  if (isPrivate) return `${head}\n${addedNames(before ?? "", after).join("\n")}`;
  const lines = compare(linesOf(before ?? ""), linesOf(after));
  return [head, ...hunksOf(lines)].join("\n");
}

function addedNames(before: string, after: string): readonly string[] {
  const added = linesOf(after.slice(before.length)).filter((line) => line.includes("="));
  return added.map((line) => `+${line.split("=", 1)[0]}=…`);
}

function linesOf(text: string): readonly string[] {
  return text
    .replace(/\r?\n$/, "")
    .split(/\r?\n/)
    .filter((_, index) => text !== "" || index > 0);
}

/** Changes here are few and close together: what both begin and end with is taken off, and the rest compared line by line. */
function compare(before: readonly string[], after: readonly string[]): readonly Line[] {
  const start = before.findIndex((line, index) => line !== after[index]);
  const same = start === -1 ? before.length : start;
  let end = 0;
  while (end < Math.min(before.length, after.length) - same && before.at(-1 - end) === after.at(-1 - end))
    end++;
  return [
    ...before.slice(0, same).map((line): Line => [" ", line]),
    ...longestCommon(before.slice(same, before.length - end), after.slice(same, after.length - end)),
    ...before.slice(before.length - end).map((line): Line => [" ", line]),
  ];
}

function longestCommon(before: readonly string[], after: readonly string[]): readonly Line[] {
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--) {
      const row = lengths[i];
      if (row) row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  const lines: Line[] = [];
  for (let i = 0, j = 0; i < before.length || j < after.length; ) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push([" ", before[i++] ?? ""]);
      j++;
    } else if (j < after.length && (i === before.length || at(i, j + 1) >= at(i + 1, j)))
      lines.push(["+", after[j++] ?? ""]);
    else lines.push(["-", before[i++] ?? ""]);
  }
  return lines;
}

/** Only what is near a change. */
function hunksOf(lines: readonly Line[]): readonly string[] {
  const isNear = (index: number): boolean =>
    lines.slice(Math.max(0, index - context), index + context + 1).some(([sign]) => sign !== " ");
  const shown: string[] = [];
  lines.forEach(([sign, line], index) => {
    if (!isNear(index)) return;
    if (index > 0 && !isNear(index - 1)) shown.push("@@");
    shown.push(sign + line);
  });
  return shown;
}

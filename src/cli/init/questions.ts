import { createInterface } from "node:readline/promises";
import type { Question } from "./detected.js";

/** Somebody pressed Ctrl-C, Ctrl-D or Esc at a question. It is neither a yes nor a no. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Asks for one of several things, by its number. */
export async function choose<T>({ question, choices }: Question<T>, terminal: Terminal): Promise<T> {
  const list = choices.map(({ label }, index) => `  ${index + 1}  ${label}`).join("\n");
  for (;;) {
    const said = await askLine(`${question}\n${list}\n1–${choices.length}: `, terminal);
    const chosen = /^\d+$/.test(said) ? choices[Number(said) - 1] : undefined;
    if (chosen) return chosen.value;
  }
}

/** Asks for a yes or a no. Enter alone is a yes. */
export async function confirm(question: string, terminal: Terminal): Promise<boolean> {
  for (;;) {
    const said = (await askLine(`${question} (Y/n) `, terminal)).toLowerCase();
    if (["", "y", "yes"].includes(said)) return true;
    if (["n", "no"].includes(said)) return false;
  }
}

async function askLine(text: string, { input, output }: Terminal): Promise<string> {
  const ended = new AbortController();
  const lines = createInterface({ input, output, terminal: true });
  const interrupt = (): void => ended.abort();
  const onKey = (_: unknown, key?: { name?: string }): void => {
    if (key?.name === "escape") interrupt();
  };
  lines.once("SIGINT", interrupt).once("close", interrupt);
  input.on("keypress", onKey);
  try {
    return (await lines.question(text, { signal: ended.signal })).trim();
  } catch {
    throw new Interrupted();
  } finally {
    input.off("keypress", onKey);
    lines.close();
  }
}

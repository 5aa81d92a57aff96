import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { CommandRefused } from "./failures.js";

/** A terminal, or what stands in its place. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** Prompts go to stderr: stdout is for what a command returns. */
const ownTerminal: Terminal = { input: process.stdin, output: process.stderr };

/**
 * The password for an account: all of stdin but one line end and the byte order mark that Windows PowerShell puts in front, or what is typed twice at the terminal, which does not show it. Throws a
 * CommandRefused where there is no terminal to ask at, and if the two differ.
 */
export async function readPassword(
  options: { readonly passwordStdin?: boolean },
  terminal: Terminal = ownTerminal,
): Promise<string> {
  if (options.passwordStdin) {
    if (terminal.input.isTTY)
      throw new CommandRefused(
        "--password-stdin reads what another program writes, and the terminal would show what you type. Leave it out to be asked.",
      );
    return readAll(terminal.input);
  }
  if (!terminal.input.isTTY || !terminal.output.isTTY)
    throw new CommandRefused(
      "There is no terminal to ask for a password. Pipe it in with --password-stdin, or let the owner set it by a link: --mail-link or --print-link.",
    );
  const [password = "", again] = await ask(["Password: ", "The same again: "], terminal);
  if (again !== password) throw new CommandRefused("The two passwords are not the same.");
  return password;
}

async function readAll(input: NodeJS.ReadableStream): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of input) parts.push(Buffer.from(part));
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts));
    return text.replace(/\r?\n$/, "");
  } catch (cause) {
    throw new CommandRefused("The password on stdin is not UTF-8.", { cause });
  }
}

/** Reads a line for each prompt. The interface edits them, and what it would show goes nowhere. */
function ask(prompts: readonly string[], { input, output }: Terminal): Promise<readonly string[]> {
  const nowhere = new Writable({ write: (_part, _encoding, done) => done() });
  // One interface for all, because lines that come at once are read by the first.
  const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  const given: string[] = [];
  output.write(prompts[0] ?? "");
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      lines.removeAllListeners("close");
      lines.close();
      settle();
    };
    const refuse = (): void => end(() => reject(new CommandRefused("Nothing was changed.")));
    lines.on("line", (line) => {
      given.push(line);
      output.write(`\n${prompts[given.length] ?? ""}`);
      if (given.length === prompts.length) end(() => resolve(given));
    });
    lines.once("SIGINT", refuse);
    lines.once("close", refuse);
  });
}

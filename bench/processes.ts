/** The processes of the benchmark, and what is said between them: one message, one answer. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const started = new Set<ChildProcess>();
const interruption = new AbortController();
/** Of the whole benchmark. Whoever works or waits then throws, and what was made is cleaned up. */
export const interrupted = interruption.signal;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    interruption.abort(new Error("Interrupted"));
    for (const child of started) child.kill();
  });
}

export function start(
  program: "driver" | "server",
  arg: object,
  execArgv: readonly string[] = [],
): ChildProcess {
  const file = fileURLToPath(new URL(`${program}.js`, import.meta.url));
  const child = fork(file, [JSON.stringify(arg)], { execArgv: [...execArgv] });
  started.add(child);
  child.once("exit", () => started.delete(child));
  return child;
}

export function next<Answer>(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error("A process of the benchmark ended early"));
    if (!started.has(child)) return gone();
    child.once("exit", gone);
    child.once("message", (answer) => {
      child.off("exit", gone);
      resolve(answer as Answer);
    });
  });
}

export function ask<Answer>(child: ChildProcess, message: object | string): Promise<Answer> {
  const answer = next<Answer>(child);
  if (child.connected) child.send(message);
  return answer;
}

export async function stop(child: ChildProcess): Promise<void> {
  if (!started.has(child)) return;
  const ended = once(child, "exit");
  if (child.connected) child.disconnect();
  await ended;
}

export async function stopAll(): Promise<void> {
  await Promise.all([...started].map(stop));
}

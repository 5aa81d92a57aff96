/**
 * The load: keep-alive connections, each with token chains of its own that it follows in turn, one request at a time. Raw sockets,
 * because an HTTP client costs several times what the servers do.
 */
import { connect, type Socket } from "node:net";
import type { Held } from "./fill.js";

export interface Load {
  /** Of the server processes, which get the same number of connections each, or nearly. */
  readonly ports: readonly number[];
  readonly connections: number;
  readonly held: readonly Held[];
  readonly seconds: number;
}

export interface Measured {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Bytes of one answer. */
  readonly answerSize: number;
  /** The driver's own, microseconds. */
  readonly cpu: number;
  /** The tokens as they stand at the end. */
  readonly held: readonly Held[];
}

const lengthLine = /\r\ncontent-length: (\d+)/i;
const tokenLine = "\r\naccess-token: ";

/** Sends the tokens in turn, keeps what comes back, until `until()`. Resolves when the last answer is there. */
function follow(
  port: number,
  chains: readonly [Held, ...Held[]],
  until: () => boolean,
  took: (ms: number, size: number) => void,
) {
  return new Promise<void>((resolve, reject) => {
    const socket: Socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let sent = 0;
    let text = "";
    let turn = 0;
    let [hold] = chains;
    const ask = (): void => {
      hold = chains[turn++ % chains.length] ?? hold;
      sent = performance.now();
      socket.write(
        `GET /me HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\naccess-token: ${hold.token}\r\ntoken-type: Bearer\r\nclient: ${hold.client}\r\nuid: ${hold.uid}\r\n\r\n`,
        "latin1",
      );
    };
    socket.setEncoding("latin1");
    socket.on("connect", ask);
    socket.on("error", reject);
    socket.on("data", (chunk: string) => {
      text += chunk;
      const headEnd = text.indexOf("\r\n\r\n");
      if (headEnd < 0) return;
      const length = lengthLine.exec(text)?.[1];
      if (length === undefined || !text.startsWith("HTTP/1.1 200")) {
        reject(new Error(`Unexpected answer: ${text.slice(0, 300)}`));
        socket.destroy();
        return;
      }
      if (text.length < headEnd + 4 + Number(length)) return;
      took(performance.now() - sent, text.length);
      const at = text.indexOf(tokenLine);
      if (at >= 0) {
        const from = at + tokenLine.length;
        hold.token = text.slice(from, text.indexOf("\r\n", from));
      }
      text = "";
      if (!until()) return ask();
      socket.end();
      resolve();
    });
  });
}

async function drive({ ports, connections, held, seconds }: Load): Promise<Measured> {
  const times: number[] = [];
  let answerSize = 0;
  const { user, system } = process.cpuUsage();
  const start = performance.now();
  const end = start + seconds * 1000;
  const until = (): boolean => performance.now() >= end;
  const took = (ms: number, size: number): void => {
    times.push(ms);
    answerSize = size;
  };
  await Promise.all(
    Array.from({ length: connections }, (_, connection) => {
      const [first, ...others] = held.filter((_, i) => i % connections === connection);
      if (!first) throw new RangeError("A connection has no session");
      return follow(ports[connection % ports.length] ?? 0, [first, ...others], until, took);
    }),
  );
  const elapsed = (performance.now() - start) / 1000;
  const used = process.cpuUsage({ user, system });
  const sorted = Float64Array.from(times).sort();
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return {
    requests: times.length,
    seconds: elapsed,
    p50: at(0.5),
    p99: at(0.99),
    answerSize,
    cpu: used.user + used.system,
    held,
  };
}

process.on("message", (load: Load) => {
  drive(load).then(
    (measured) => process.send?.(measured),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on("disconnect", () => process.exit());

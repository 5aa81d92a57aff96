import type { ServerResponse } from "node:http";
import type { Admitted } from "../http/protect.js";

type Method = "writeHead" | "write" | "end" | "flushHeaders";
const methods: readonly Method[] = ["writeHead", "write", "end", "flushHeaders"];

/**
 * Notes when the headers of an answer go out. Only if the request turned out to be slow do they wait for one look at the
 * database: a token that became stale meanwhile does not go with them.
 */
export function holdUntilFresh(admitted: Admitted, res: ServerResponse): void {
  const { open, slow } = admitted;
  const writeHead = res.writeHead;
  res.writeHead = function (this: ServerResponse, ...args: Parameters<ServerResponse["writeHead"]>) {
    slow.end(open);
    res.writeHead = writeHead;
    return writeHead.apply(this, args);
  } as ServerResponse["writeHead"];
  open.onSlow = () => {
    // The client may have gone before anything was sent.
    if (res.destroyed) slow.end(open);
    else if (!res.headersSent) deferAnswer(admitted, res);
    res.once("close", () => slow.end(open));
  };
}

// What the app does with its answer is kept until the look is over, and then done in the same order.
function deferAnswer({ open, slow, headers }: Admitted, res: ServerResponse): void {
  const calls: (() => void)[] = [];
  let looking = false;
  const original = Object.fromEntries(methods.map((method) => [method, res[method]])) as Record<
    Method,
    (...args: unknown[]) => unknown
  >;
  const restore = (): void => {
    for (const method of methods) Object.assign(res, { [method]: original[method] });
  };
  const look = async (): Promise<void> => {
    const isFresh = await slow.look(open).catch(() => false);
    slow.end(open);
    restore();
    if (!isFresh) for (const [name] of headers) res.removeHeader(name);
    for (const call of calls) call();
    if (!res.writableEnded) res.emit("drain");
  };
  for (const method of methods) {
    const deferred = (...args: unknown[]): unknown => {
      calls.push(() => original[method].apply(res, args));
      if (!looking) {
        looking = true;
        void look();
      }
      return method === "write" ? false : res;
    };
    Object.assign(res, { [method]: deferred });
  }
}

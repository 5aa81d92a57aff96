import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** One of the server processes. */
export interface Server {
  /** Changes when it is started again; 0 while it is down. */
  port: number;
}

export interface Servers {
  readonly all: readonly Server[];
  /** `kill -9`, and starts it again. Resolves when it answers. */
  kill(server: Server): Promise<void>;
  /** The last lines that the servers have logged. */
  log(): readonly string[];
  stop(): Promise<void>;
}

interface Running extends Server {
  child: ChildProcess | undefined;
}

/** Starts `count` processes of `server` over one database, all at the same moment. `window`: milliseconds. */
export async function startServers(options: {
  /** The built file of server.ts. */
  readonly server: string;
  readonly url: string;
  readonly window: number;
  readonly count: number;
  /** A process that had served ended by itself. */
  onCrash(lastWords: string): void;
}): Promise<Servers> {
  const { url, window, count } = options;
  const lines: string[] = [];
  let isStopping = false;
  const note = (text: string): void => {
    lines.push(text.trim());
    if (lines.length > 50) lines.shift();
  };
  const launch = (): Promise<{ child: ChildProcess; port: number }> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [options.server], {
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          ...process.env,
          PORT: "0",
          HOST: "127.0.0.1",
          LOG_LEVEL: "error",
          DATABASE_URL: url,
          KEYTURN_BATCH_REQUEST_BUFFER_THROTTLE: String(window),
        },
      });
      const hear = (part: Buffer): void => {
        const port = /Keyturn is at http:\/\/\S+?:(\d+)/.exec(part.toString())?.[1];
        if (port === undefined) note(part.toString());
        else resolve({ child, port: Number(port) });
      };
      child.stdout.on("data", hear);
      child.stderr.on("data", hear);
      child.once("exit", (code) => reject(new Error(`A server ended with ${code}: ${lines.at(-1)}`)));
    });
  // Its connections may be cut while it starts; whoever runs a server starts it again then.
  const start = async (server: Running): Promise<void> => {
    for (let attempt = 1; !isStopping; attempt++) {
      try {
        const { child, port } = await launch();
        Object.assign(server, { child, port });
        child.once("exit", (code) => {
          if (server.child !== child) return;
          options.onCrash(`A server ended by itself with ${code}: ${lines.at(-1)}`);
          Object.assign(server, { child: undefined, port: 0 });
          start(server).catch((error: unknown) => options.onCrash(String(error)));
        });
        return;
      } catch (error) {
        if (attempt === 5) throw error;
      }
    }
  };
  const end = async (server: Running): Promise<void> => {
    const { child } = server;
    server.child = undefined;
    server.port = 0;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };

  const running: Running[] = Array.from({ length: count }, () => ({ port: 0, child: undefined }));
  const stop = async (): Promise<void> => {
    isStopping = true;
    await Promise.all(running.map(end));
  };
  try {
    await Promise.all(running.map(start));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    all: running,
    async kill(server) {
      const found = running.find((one) => one === server);
      if (!found) return;
      await end(found);
      await start(found);
    },
    log: () => lines,
    stop,
  };
}

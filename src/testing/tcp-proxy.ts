import { connect, createServer, type Server, type Socket } from "node:net";

/** A way to a database that can be cut and stalled, for tests of what happens then. */
export interface TcpProxy {
  /** The URL of the database by way of the proxy. */
  readonly url: string;
  /** Breaks the connections there are, and takes no more until `restore`. */
  stop(): Promise<void>;
  /** Lets nothing through any more, in either direction, and breaks nothing. */
  stall(): void;
  /** The same from the moment on when a text is sent. */
  stallAt(text: string): void;
  restore(): Promise<void>;
  /** Breaks the connection that sends a text: before the database has heard it. */
  cutBefore(text: string): void;
  /** Breaks the connection that sends a text once the database answers: it was done, and nobody learns of it. */
  cutAfter(text: string): void;
  /** Whether such a cut has happened since it was asked for. */
  hasCut(): boolean;
  close(): Promise<void>;
}

/** Listens on loopback in front of the database that a URL names. */
export async function openProxy(databaseUrl: string): Promise<TcpProxy> {
  const target = new URL(databaseUrl);
  const pairs = new Set<readonly [Socket, Socket]>();
  let isStalled = false;
  let trap: { readonly text: string; readonly when: "before" | "after" | "stall" } | undefined;
  let hasCut = false;

  const accept = (client: Socket): void => {
    const database = connect(Number(target.port), target.hostname);
    const pair = [client, database] as const;
    let isDoomed = false;
    pairs.add(pair);
    const cut = (): void => {
      client.destroy();
      database.destroy();
      pairs.delete(pair);
    };
    client.on("data", (data) => {
      if (isStalled) return;
      if (trap && data.includes(trap.text)) {
        const { when } = trap;
        trap = undefined;
        hasCut = when !== "stall";
        isStalled = when === "stall";
        isDoomed = when === "after";
        if (isStalled) return;
        if (when === "before") return cut();
      }
      database.write(data);
    });
    database.on("data", (data) => {
      if (isDoomed) cut();
      else if (!isStalled) client.write(data);
    });
    for (const socket of pair) socket.on("error", cut).on("close", cut);
  };
  const listen = (port: number): Promise<Server> =>
    new Promise((resolve, reject) => {
      const opened = createServer(accept);
      opened.once("error", reject).listen(port, "127.0.0.1", () => resolve(opened));
    });
  let server: Server | undefined = await listen(0);
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const breakAll = (): void => {
    for (const [client, database] of pairs) {
      client.destroy();
      database.destroy();
    }
    pairs.clear();
  };
  const stop = async (): Promise<void> => {
    const closing = server;
    server = undefined;
    breakAll();
    await new Promise<void>((resolve) => (closing ? closing.close(() => resolve()) : resolve()));
  };

  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = String(port);
  return {
    url: url.href,
    stop,
    stall() {
      isStalled = true;
    },
    stallAt(text) {
      trap = { text, when: "stall" };
    },
    async restore() {
      // What was stalled has lost bytes, and would never make sense again.
      if (isStalled) breakAll();
      isStalled = false;
      server ??= await listen(port);
    },
    cutBefore(text) {
      trap = { text, when: "before" };
      hasCut = false;
    },
    cutAfter(text) {
      trap = { text, when: "after" };
      hasCut = false;
    },
    hasCut: () => hasCut,
    close: stop,
  };
}

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Health } from "./health.js";
import type { Prometheus } from "./prometheus.js";

/** A second server, for those who watch the first. */
export interface MetricsServer {
  /** Where the figures are, such as `http://127.0.0.1:9464/metrics`. */
  readonly url: string;
  close(): Promise<void>;
}

export interface MetricsServerOptions {
  readonly port: number;
  readonly host: string;
  readonly prometheus: Prometheus;
  readonly health: Health;
}

/** Opens the port with `/metrics`, and the two paths of health. Rejects with the socket's own error. */
export async function openMetricsServer({
  port,
  host,
  prometheus,
  health,
}: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer((req, res) => {
    const { method = "GET", url = "/" } = req;
    const path = url.split("?", 1)[0] ?? "/";
    const isRead = method === "GET" || method === "HEAD";
    if (path === "/metrics" && isRead) return prometheus.respond(req, res);
    const response = health.respond(method, path);
    if (!response) return void res.writeHead(404).end();
    response
      .then(async (one) => {
        const body = await one.text();
        res.writeHead(one.status, Object.fromEntries(one.headers)).end(method === "HEAD" ? undefined : body);
      })
      .catch(() => void res.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, host, resolve);
  });
  return { url: urlOf(server, host), close: () => close(server) };
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}/metrics`;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Whoever reads figures keeps its connection.
  server.closeAllConnections();
  await closed;
}

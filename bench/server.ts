/** A process that serves one subject. Says its port, then its CPU time (microseconds) whenever it is asked. */
import { createServer } from "node:http";
import type { Access } from "./auth.js";
import { listenerOf, type Subject } from "./subjects.js";

export interface Serve {
  readonly subject: Subject;
  readonly access: Access;
}

const { subject, access } = JSON.parse(process.argv[2] ?? "") as Serve;
const server = createServer(listenerOf(subject, access));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" && address ? address.port : 0 });
});
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpu: user + system });
});
process.on("disconnect", () => process.exit());

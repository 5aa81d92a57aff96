/** One subject's server in a process of its own: `server.js INDEX FILE`. Says its port, then its CPU time whenever it is asked. */
import { createServer } from "node:http";
import { listenerOf, subjects } from "./subjects.js";

const [index, file = ""] = process.argv.slice(2);
const subject = subjects[Number(index)];
if (!subject) throw new RangeError(`There is no subject ${index}`);

const server = createServer(listenerOf(subject, file));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" && address ? address.port : 0 });
});
process.on("message", (message) => {
  if (message === "stop") process.exit();
  const { user, system } = process.cpuUsage();
  process.send?.({ cpu: user + system });
});
process.on("disconnect", () => process.exit());

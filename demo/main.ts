import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { reportFailure } from "#cli/failures";
import { loadConfig } from "#cli/load-config";
import { runServer } from "#cli/run-server";
import { serve } from "#cli/serve";
import { createEventLog } from "./event-log.js";
import { createSite } from "./site.js";

/** What `npm start` runs: the server of `keyturn serve`, with the demo's configuration, routes and page. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: "string" } } });
  const file = values.config ?? fileURLToPath(new URL("keyturn.config.js", import.meta.url));
  const config = await loadConfig(file);
  const events = createEventLog();
  const onEvent: typeof config.onEvent = (event) => {
    events.record(event);
    config.onEvent?.(event);
  };
  const serving = await serve({ ...config, onEvent }, process.env, {
    routes: ({ auth, inbox }) => createSite({ auth, inbox, events }),
  });
  runServer(serving);
}

await main().catch(reportFailure);

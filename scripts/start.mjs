/** `npm start`: the demo, in this process, so that signals and the exit code are the server's own. */
import { pathToFileURL } from "node:url";
import { root } from "./entries.mjs";
import { setup } from "./setup.mjs";

await setup();
const main = `${root}dist/cli/main.js`;
process.argv = [
  process.execPath,
  main,
  "serve",
  "--config",
  "demo/keyturn.config.js",
  ...process.argv.slice(2),
];
await import(pathToFileURL(main).href);

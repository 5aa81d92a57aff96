/** `npm start`: the demo, in this process, so that signals and the exit code are the server's own. */
import { pathToFileURL } from "node:url";
import { root } from "./entries.mjs";
import { setup } from "./setup.mjs";

await setup();
// The demo is TypeScript. Only now, because the package may have been installed just before.
await import("jiti/register");
await import(pathToFileURL(`${root}demo/main.ts`).href);

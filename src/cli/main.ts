#!/usr/bin/env node
import { reportFailure } from "./failures.js";
import { requirePackagesOf } from "./packages.js";

/** `keyturn …`. What the command needs is asked for first, and only then loaded. `init` begins with nothing, so it needs nothing. */
try {
  if (process.argv[2] === "init") {
    const { runInit } = await import("./init/init.js");
    await runInit(process.argv.slice(3));
  } else {
    await requirePackagesOf(process.argv[2]);
    const { runCommand } = await import("./commands.js");
    await runCommand();
    // A pool or a client that the configuration file made would keep the process alive. stdout may be slow, so it goes first.
    const goesOn = process.argv[2] === "serve" || process.argv.includes("--preview");
    if (!goesOn) process.stdout.write("", () => process.exit());
  }
} catch (error) {
  reportFailure(error);
}

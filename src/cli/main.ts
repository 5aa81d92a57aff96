#!/usr/bin/env node
import { reportFailure } from "./failures.js";
import { requirePackagesOf } from "./packages.js";

/** `keyturn …`. What the command needs is asked for first, and only then loaded. */
try {
  await requirePackagesOf(process.argv[2]);
  const { runCommand } = await import("./commands.js");
  await runCommand();
  // A pool or a client that the configuration file made would keep the process alive. stdout may be slow, so it goes first.
  if (process.argv[2] !== "serve") process.stdout.write("", () => process.exit());
} catch (error) {
  reportFailure(error);
}

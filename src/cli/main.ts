#!/usr/bin/env node
import { reportFailure } from "./failures.js";
import { requirePackagesOf } from "./packages.js";

/** `keyturn …`. What the command needs is asked for first, and only then loaded. */
try {
  await requirePackagesOf(process.argv[2]);
  const { runCommand } = await import("./commands.js");
  await runCommand();
} catch (error) {
  reportFailure(error);
}

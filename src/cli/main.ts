#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { MigrationRefused } from "../database/schema/ddl.js";
import { ConfigError } from "../errors.js";
import { copyTemplates } from "../mail/views.js";
import { applyMigrations, migrationSql, migrationStatus } from "./migrate.js";
import { serve } from "./serve.js";

const configOption = [
  "-c, --config <file>",
  "configuration file (.js, .mjs, .ts or .json)",
  "keyturn.config.js",
] as const;

const program = new Command("keyturn")
  .description("Token authentication whose access token changes with every request")
  .version(version());

program
  .command("serve")
  .description("start a server with the accounts of a configuration file, and a page to try it on")
  .option(...configOption)
  .addHelpText(
    "after",
    "\nPORT (3000), HOST, DATABASE_URL and SMTP_URL are read from the environment, and any setting as KEYTURN_…:\n  KEYTURN_BATCH_REQUEST_BUFFER_THROTTLE=0s keyturn serve --config keyturn.config.js",
  )
  .action(async ({ config }: { config: string }) => {
    const serving = await serve(config, process.env);
    let stopping = false;
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      // A terminal and npm may both send one.
      process.on(signal, () => {
        if (stopping) return;
        stopping = true;
        serving.close().then(
          () => process.exit(0),
          (error: unknown) => fail(error),
        );
      });
    }
    console.log(`Keyturn is at ${serving.url}`);
  });

program
  .command("migrate")
  .description("bring the database of a configuration file up to date; columns and rows that are there stay")
  .option(...configOption)
  .option("--status", "change nothing; say what each table lacks, and fail if one lacks anything", false)
  .option("--check", "the same", false)
  .option("--sql", "change nothing; print the statements, for a migration tool of your own", false)
  .action(async ({ config, ...only }: { config: string; status: boolean; check: boolean; sql: boolean }) => {
    const look = only.sql ? migrationSql : only.status || only.check ? migrationStatus : applyMigrations;
    const { text, isUpToDate } = await look(config, process.env);
    if (text !== "") console.log(text);
    if (!isUpToDate && look === migrationStatus) process.exitCode = 1;
  });

program
  .command("views")
  .description(
    "copy the templates of the mails into a folder, to be edited; name it as mail.templatesDirectory",
  )
  .argument("[folder]", "where to", "keyturn-templates")
  .option("--force", "overwrite files that are there", false)
  .action(async (folder: string, { force }: { force: boolean }) => {
    const { written, kept } = await copyTemplates(folder, { force });
    for (const file of written) console.log(`wrote ${file}`);
    for (const file of kept) console.log(`kept  ${file}`);
  });

program.parseAsync().catch(fail);

function fail(error: unknown): never {
  // A mistake in the configuration or the database is the operator's to mend, and needs no stack.
  const isTheirs = [ConfigError, MigrationRefused, TypeError].some((kind) => error instanceof kind);
  if (isTheirs && error instanceof Error) console.error(error.message);
  else if (error instanceof Error && "code" in error && error.code === "EADDRINUSE")
    console.error(`${error.message}. Name another port, such as PORT=3001`);
  else console.error(error);
  process.exit(1);
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "";
}

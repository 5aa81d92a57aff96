import { Command } from "commander";
import { configOption } from "./config-option.js";
import { loadConfig } from "./load-config.js";
import { readManifest } from "./manifest.js";
import { applyMigrations, migrationSql, migrationStatus } from "./migrate.js";
import { addViews } from "./views.js";

/** Runs the command that the arguments of the process name. */
export async function runCommand(): Promise<void> {
  const program = new Command("keyturn")
    .description("Token authentication whose access token changes with every request")
    .version(readManifest().version);

  program
    .command("serve")
    .description("start a server with the auth routes of a configuration file")
    .option(...configOption)
    .addHelpText(
      "after",
      "\nPORT (3000), HOST, DATABASE_URL, SMTP_URL and LOG_LEVEL are read from the environment, and any setting as KEYTURN_…:\n  KEYTURN_BATCH_REQUEST_BUFFER_THROTTLE=0s keyturn serve --config keyturn.config.js",
    )
    .action(async ({ config }: { config: string }) => {
      // Only here, because it needs packages that the other commands do not.
      const [{ serve }, { runServer }] = await Promise.all([import("./serve.js"), import("./run-server.js")]);
      runServer(await serve(await loadConfig(config), process.env));
    });

  program
    .command("migrate")
    .description("bring the database of a configuration file up to date; existing columns and rows stay")
    .option(...configOption)
    .option("--status", "change nothing; say what each table lacks, and fail if one lacks anything", false)
    .option("--check", "the same as --status", false)
    .option("--sql", "change nothing; print the statements, for a migration tool of your own", false)
    .action(
      async ({ config, ...only }: { config: string; status: boolean; check: boolean; sql: boolean }) => {
        const look = only.sql ? migrationSql : only.status || only.check ? migrationStatus : applyMigrations;
        const { text, isUpToDate } = await look(await loadConfig(config), process.env);
        if (text !== "") console.log(text);
        if (!isUpToDate && look === migrationStatus) process.exitCode = 1;
      },
    );

  addViews(program);

  await program.parseAsync();
}

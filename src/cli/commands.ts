import { Command } from "commander";
import { addAccountCommands, refusePasswordArgument } from "./account-commands.js";
import { addAuditCommands } from "./audit-commands.js";
import { configOptions } from "./config-options.js";
import { readManifest } from "./manifest.js";
import { applyMigrations, migrationSql, migrationStatus } from "./migrate.js";
import { type ConfigOptions, openConfig } from "./open-config.js";
import { reportSettings, saySettings } from "./settings-report.js";
import { addViews } from "./views.js";

type ServeArguments = ConfigOptions & { readonly port?: string; readonly metricsPort?: string };

/** Runs the command that the arguments of the process name. */
export async function runCommand(): Promise<void> {
  refusePasswordArgument(process.argv);
  const program = new Command("keyturn")
    .description("Token authentication whose access token changes with every request")
    .version(readManifest().version);

  // Only for the list of commands: main.ts runs it before commander is asked for.
  program
    .command("init")
    .argument("[model]")
    .argument("[mount point]")
    .description("put Keyturn into a project");

  configOptions(program.command("serve"))
    .description("start a server with the auth routes of a configuration file")
    .option("-p, --port <number>", "the port to listen on; default: PORT, or 3000")
    .option(
      "--metrics-port <number>",
      "a second port with /metrics for Prometheus; default: METRICS_PORT, or none",
    )
    .addHelpText(
      "after",
      "\nPORT (3000), HOST, METRICS_PORT, METRICS_HOST (127.0.0.1), DATABASE_URL, SMTP_URL and LOG_LEVEL are read from the environment, and any setting as KEYTURN_…:\n  KEYTURN_BATCH_REQUEST_BUFFER_THROTTLE=0s keyturn serve --config keyturn.config.js",
    )
    .action(async ({ port, metricsPort, ...options }: ServeArguments) => {
      // Only here, because it needs packages that the other commands do not.
      const [{ serve }, { runServer }] = await Promise.all([import("./serve.js"), import("./run-server.js")]);
      const { config, environment } = await openConfig(options, "needed");
      const ports = {
        ...(port === undefined ? {} : { PORT: port }),
        ...(metricsPort === undefined ? {} : { METRICS_PORT: metricsPort }),
      };
      runServer(await serve(config, { ...environment, ...ports }));
    });

  configOptions(program.command("migrate"))
    .description("bring the database of a configuration file up to date; existing columns and rows stay")
    .option("--status", "change nothing; say what each table lacks, and fail if one lacks anything", false)
    .option("--check", "the same as --status", false)
    .option("--sql", "change nothing; print the statements, for a migration tool of your own", false)
    .action(async (options: ConfigOptions & { status: boolean; check: boolean; sql: boolean }) => {
      const onlyLooks = options.status || options.check;
      const look = options.sql ? migrationSql : onlyLooks ? migrationStatus : applyMigrations;
      const { config, environment } = await openConfig(options, "not needed");
      const { text, isUpToDate } = await look(config, environment);
      if (text !== "") console.log(text);
      if (!isUpToDate && look === migrationStatus) process.exitCode = 1;
    });

  addAccountCommands(program, configOptions);
  addAuditCommands(program, configOptions);

  configOptions(program.command("config"))
    .description("print every setting with its value and its origin; secrets are hidden")
    .option("--json", "print JSON")
    .action(async ({ json, ...options }: ConfigOptions & { json?: boolean }) => {
      const settings = await reportSettings(await openConfig(options, "not needed"));
      console.log(json ? JSON.stringify(settings, null, 2) : saySettings(settings));
    });

  addViews(program);

  await program.parseAsync();
}

import { existsSync } from "node:fs";
import type { Command } from "commander";
import { builtInLanguages } from "../config/languages.js";
import { copyTemplates } from "../mail/views.js";
import { acceptCopies, checkCopies } from "../mail/views-record.js";
import { configOptions } from "./config-options.js";
import { CommandRefused } from "./failures.js";
import { findConfig } from "./load-config.js";
import { type ConfigOptions, openConfig } from "./open-config.js";

interface ViewsOptions extends ConfigOptions {
  readonly force: boolean;
  readonly model?: string;
  readonly locale?: string;
  readonly check: boolean;
  readonly accept: boolean;
  readonly preview: boolean;
  readonly port: string;
}

/** Adds `keyturn views`: copies of the mail templates, whether they have aged, and how all mails look. */
export function addViews(program: Command): void {
  configOptions(program.command("views"))
    .description(
      "copy the templates of the mails into a folder, to be edited; name it as mail.templatesDirectory",
    )
    .argument("[folder]", "where to", "keyturn-templates")
    .option("--force", "overwrite files that exist", false)
    .option("--model <name>", "copies for one model alone")
    .option("--locale <tag>", "copies for one language alone, such as de")
    .option(
      "--check",
      "change nothing; list copies whose original has changed, and fail if there are any",
      false,
    )
    .option("--accept", "take the copies that are there for up to date", false)
    .option("--preview", "show every mail in every language in a browser; sends nothing", false)
    .option("--port <number>", "port of the preview, on this machine alone", "3100")
    .action(async (folder: string, options: ViewsOptions) => {
      if (options.preview) return preview(options);
      if (options.check) return check(folder);
      if (options.accept) {
        const count = await acceptCopies(folder);
        console.log(`${count} ${count === 1 ? "copy is" : "copies are"} taken for up to date`);
        return;
      }
      await refuseUnknown(options);
      const { written, kept } = await copyTemplates(folder, options);
      for (const file of written) console.log(`wrote ${file}`);
      for (const file of kept) console.log(`kept  ${file}`);
    });
}

/**
 * Refuses a language or a model that nobody speaks of: the copies would be for nobody, and the server would not start with them. The
 * configuration is read only for a name that does not come with Keyturn, and where there is one.
 */
async function refuseUnknown({ locale, model, ...options }: ViewsOptions): Promise<void> {
  const isBuiltIn = builtInLanguages.some((name) => name === locale);
  if (model === undefined && (locale === undefined || isBuiltIn)) return;
  const { locales = [], models } = existsSync(findConfig(options.config))
    ? (await openConfig(options, "not needed")).config
    : {};
  const languages = [...new Set([...builtInLanguages, ...locales])];
  if (locale !== undefined && !languages.includes(locale))
    throw new CommandRefused(
      `There is no language "${locale}": ${languages.join(", ")}. One of your own is named in locales. Nothing was written`,
    );
  if (model !== undefined && models !== undefined && !Object.hasOwn(models, model))
    throw new CommandRefused(
      `There is no model "${model}": ${Object.keys(models).join(", ")}. Nothing was written`,
    );
}

async function check(folder: string): Promise<void> {
  const aged = await checkCopies(folder);
  for (const { file, is } of aged)
    console.log(
      is === "changed"
        ? `${file}: the original has changed since it was copied`
        : `${file}: differs from the original, and nobody knows from which it was copied`,
    );
  if (aged.length > 0) {
    console.log(
      "Compare them with fresh copies (keyturn views another-folder), then: keyturn views --accept",
    );
    process.exitCode = 1;
  }
}

async function preview({ port, ...options }: ViewsOptions): Promise<void> {
  // Only here: the other uses need no configuration.
  const { servePreview } = await import("./preview.js");
  const { config, environment } = await openConfig(options, "not needed");
  const { url } = await servePreview(config, environment, Number(port));
  console.log(`All mails: ${url} (end with Ctrl-C)`);
}

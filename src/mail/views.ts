import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { withLanguage } from "./template-files.js";
import { templateFiles, templateUrl } from "./templates.js";
import { hashOf, readRecord, writeRecord } from "./views-record.js";

export interface CopyOptions {
  /** Replace files whose text differs. */
  readonly force?: boolean;
  /** For this model alone: into a folder of its name. */
  readonly model?: string | undefined;
  /** For this language alone: `confirmation_instructions.de.html.eta`. */
  readonly locale?: string | undefined;
}

/**
 * Copies the mail templates to a directory of the app, where they can be edited and named as `templatesDirectory`.
 * A file that is already there is kept, unless `force` is given and its text differs. Remembers what each copy was made of. Returns paths.
 */
export async function copyTemplates(
  directory: string,
  { force = false, model, locale }: CopyOptions = {},
): Promise<{ written: string[]; kept: string[] }> {
  await mkdir(directory, { recursive: true });
  const record = new Map(await readRecord(directory));
  const written: string[] = [];
  const kept: string[] = [];
  for (const file of templateFiles) {
    const named = locale === undefined ? file : withLanguage(file, locale);
    const name = model === undefined ? named : `${model}/${named}`;
    const path = join(directory, name);
    const source = await readFile(templateUrl(file), "utf8");
    await mkdir(dirname(path), { recursive: true });
    const wasWritten = (await create(path, source)) || (force && (await replace(path, source)));
    if (wasWritten) record.set(name, hashOf(source));
    (wasWritten ? written : kept).push(path);
  }
  if (written.length > 0) await writeRecord(directory, record);
  return { written, kept };
}

/** Writes a new file; false when there is one. A check beforehand could lose an edit made in between. */
async function create(path: string, source: string): Promise<boolean> {
  try {
    await writeFile(path, source, { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function replace(path: string, source: string): Promise<boolean> {
  if ((await readFile(path, "utf8")) === source) return false;
  await writeFile(path, source);
  return true;
}

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { templateFiles, templateUrl } from "./templates.js";

/**
 * Copies the mail templates to a directory of the app, where they can be edited and named as `templatesDirectory`.
 * A file that is already there is kept, unless `force` is given and its text differs. Returns paths.
 */
export async function copyTemplates(
  directory: string,
  options: { readonly force?: boolean } = {},
): Promise<{ written: string[]; kept: string[] }> {
  await mkdir(directory, { recursive: true });
  const written: string[] = [];
  const kept: string[] = [];
  for (const file of templateFiles) {
    const path = join(directory, file);
    const source = await readFile(templateUrl(file), "utf8");
    const wasWritten =
      (await create(path, source)) || (options.force === true && (await replace(path, source)));
    (wasWritten ? written : kept).push(path);
  }
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

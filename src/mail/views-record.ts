import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { filesIn } from "./template-files.js";
import { templateFiles, templateUrl } from "./templates.js";

/** What the copies of templates were made of, in a file beside them: the hash of each original. */
const recordFile = ".keyturn-views.json";

/** A copy whose original is another one by now, or of which nobody knows what it was made of. */
export interface AgedCopy {
  readonly file: string;
  readonly is: "changed" | "unknown";
}

export function hashOf(source: string): string {
  return createHash("sha256").update(source.replaceAll("\r\n", "\n")).digest("hex");
}

export async function readRecord(directory: string): Promise<ReadonlyMap<string, string>> {
  try {
    return new Map(Object.entries(JSON.parse(await readFile(join(directory, recordFile), "utf8"))));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return new Map();
    throw error;
  }
}

export async function writeRecord(directory: string, record: ReadonlyMap<string, string>): Promise<void> {
  const sorted = Object.fromEntries([...record].toSorted(([one], [other]) => (one < other ? -1 : 1)));
  await writeFile(join(directory, recordFile), `${JSON.stringify(sorted, null, 2)}\n`);
}

/** The copies in a directory whose original has changed since they were made. */
export async function checkCopies(directory: string): Promise<readonly AgedCopy[]> {
  const record = await readRecord(directory);
  const aged: AgedCopy[] = [];
  for (const [file, original] of await originals(directory)) {
    const known = record.get(file);
    const isSame = hashOf(await readFile(join(directory, file), "utf8")) === original;
    if (isSame || known === original) continue;
    aged.push({ file, is: known === undefined ? "unknown" : "changed" });
  }
  return aged;
}

/** Takes the copies in a directory for up to date: whoever has looked at what changed says so. Returns how many there are. */
export async function acceptCopies(directory: string): Promise<number> {
  const record = await originals(directory);
  await writeRecord(directory, record);
  return record.size;
}

/** The templates in a directory, each with the hash of the original of today. */
async function originals(directory: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const file of filesIn(directory)) {
    const name = originalOf(file);
    if (templateFiles.includes(name)) found.set(file, hashOf(await readFile(templateUrl(name), "utf8")));
  }
  return found;
}

/** `admin/layout.de.html.eta` was made of `layout.html.eta`. */
function originalOf(file: string): string {
  return file.replace(/^.*\//, "").replace(/\.[A-Za-z0-9-]+(?=\.(text|html)\.eta$)/, "");
}

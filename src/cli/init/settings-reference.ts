import { readFileSync } from "node:fs";
import { settingExamples } from "./setting-examples.js";

/**
 * What docs/configuration.md says of the settings. That page is published with the package, and its tables are written from the JSDoc of
 * the settings (docs/update-configuration.mjs), so a generated file says what editors and the documentation say.
 */
export interface SettingSection {
  readonly title: string;
  readonly settings: readonly DescribedSetting[];
}

export interface DescribedSetting {
  /** `tokenLifespan`, or `mail.from`. */
  readonly name: string;
  /** As the page has it: `` `"2w"` ``, `none`. */
  readonly byDefault: string;
  readonly text: string;
}

const page = new URL("../../../docs/configuration.md", import.meta.url);

export function readSettings(): readonly SettingSection[] {
  const [, ...sections] = readFileSync(page, "utf8").split(/^## /m);
  return sections
    .map((section) => ({ title: section.split("\n", 1)[0] ?? "", settings: [...rowsOf(section)] }))
    .filter(({ settings }) => settings.length > 0);
}

function* rowsOf(section: string): Generator<DescribedSetting> {
  for (const [, name = "", byDefault = "", text = ""] of section.matchAll(
    /^\| `([\w.]+)` \| ((?:[^|\\]|\\.)*) \| ((?:[^|\\]|\\.)*) \|$/gm,
  ))
    yield { name, byDefault: plain(byDefault), text: plain(text) };
}

function plain(markdown: string): string {
  return markdown.replaceAll("\\|", "|").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
}

/** A value for the setting, as code: its default, the example that its description gives, or ours. Throws a TypeError where there is none. */
export function valueShown({ name, byDefault, text }: DescribedSetting): string {
  const codes = [...`${byDefault} ${text}`.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
  const [first] = /^`[^`]+`/.exec(byDefault) ?? [];
  if (first !== undefined && /^`("[^"]*"|true|false|\d+)`$/.test(first)) return first.slice(1, -1);
  const value = codes.find((code) => /^[[{].*[\]}]$/.test(code)) ?? settingExamples[name];
  if (value === undefined) throw new TypeError(`There is no example for the setting ${name}`);
  return value;
}

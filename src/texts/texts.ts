import type { en } from "./en.js";

type InWords<T> = { readonly [K in keyof T]: T[K] extends string ? string : InWords<T[K]> };

/** The sentences of one language. English (`en.ts`) is the measure: another language has the same keys and the same `{names}`. */
export type Texts = InWords<typeof en>;

/**
 * Puts values into a sentence: `fill("minimum is {count}", { count: 8 })`. A name without a value stays as it stands. Values are
 * put in as they are, in one pass, so that a value which looks like a name is not filled again.
 */
export function fill(
  sentence: string,
  values: Readonly<Record<string, string | number | undefined>>,
): string {
  return sentence.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined ? place : String(value);
  });
}

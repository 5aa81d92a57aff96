import { type FieldKey, longestKey } from "./authentication-keys.js";
import { foldName } from "./name-key.js";
import { readPhoneNumber } from "./phone-number.js";

/** A value by which somebody names an account. */
export type KeyReading =
  | {
      readonly ok: true;
      /** As it is compared. */
      readonly key: string;
      /** As the field shows it. */
      readonly shown: string;
    }
  | { readonly ok: false; readonly problem: "blank" | "invalid" | "too_long" };

/** Reads a value of a key. A name is shown as it was typed, a phone number in E.164. */
export function readKey({ kind, country }: FieldKey, value: string): KeyReading {
  const typed = value.trim();
  if (typed === "") return { ok: false, problem: "blank" };
  // Before it is folded, which makes up to eighteen characters of one.
  if (typed.length > 4 * longestKey) return { ok: false, problem: "too_long" };
  const key = kind === "name" ? foldName(typed) : readPhoneNumber(typed, country);
  if (key === undefined) return { ok: false, problem: "invalid" };
  if ([...key].length > longestKey) return { ok: false, problem: "too_long" };
  return { ok: true, key, shown: kind === "name" ? typed : key };
}

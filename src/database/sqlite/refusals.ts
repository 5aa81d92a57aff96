import { UniqueViolation, ValueRefused } from "../driver.js";

/** What an error of SQLite's says about a value that was written; `undefined` if it is about something else. */
export function refusalOf(error: unknown): UniqueViolation | ValueRefused | undefined {
  if (!(error instanceof Error)) return undefined;
  const { message } = error;
  // "UNIQUE constraint failed: people.provider, people.uid", or "… failed: index 'people_lower_mail'".
  const [, unique] = /UNIQUE constraint failed: (.*)$/.exec(message) ?? [];
  if (unique !== undefined || /PRIMARY KEY/.test(message))
    return new UniqueViolation("A unique index refused the row", {
      cause: error,
      index: unique && (/^index '(.*)'$/.exec(unique)?.[1] ?? columnsOf(unique)),
    });
  const [, missing] = /NOT NULL constraint failed: (.*)$/.exec(message) ?? [];
  if (missing !== undefined) return new ValueRefused("blank", columnsOf(missing));
  // A strict table: "cannot store TEXT value in INTEGER column people.size".
  const [, strict] = /cannot store \w+ value in \w+ column (\S+)$/.exec(message) ?? [];
  if (strict !== undefined) return new ValueRefused("invalid", columnsOf(strict));
  return /CHECK constraint failed/.test(message) ? new ValueRefused("invalid") : undefined;
}

/** `people.provider, people.uid` as `provider,uid`. */
function columnsOf(places: string): string {
  return places
    .split(", ")
    .map((place) => place.slice(place.lastIndexOf(".") + 1))
    .join(",");
}

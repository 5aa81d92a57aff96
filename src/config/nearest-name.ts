/** What a name was called elsewhere. */
const renamed: Readonly<Record<string, string>> = {
  redirectwhitelist: "redirectAllowlist",
  corsorigins: "cors.origins",
  beforeregister: "beforeCreate",
  afterregister: "afterCreate",
};

/** Where a list of all names still helps more than it hides. */
const mostListed = 30;

/** What stands behind a misspelt name: the one that is nearest, and all that there are. */
export function allNames(key: string, names: readonly string[], kind: string): string {
  const list = names.length === 0 ? "" : ` The ${kind}s are: ${names.join(", ")}`;
  return `${suggestion(key, names) || (list && ".")}${list}`;
}

/** The same, with the list only where no name is near and there are not too many. */
export function nearOrAll(key: string, names: readonly string[], kind: string): string {
  const near = suggestion(key, names);
  return near !== "" || names.length > mostListed ? near : allNames(key, names, kind);
}

/** `; did you mean …?`, if a name that there is resembles the key. */
export function suggestion(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}

/** Whether two names differ only in how they join their words: `base_url`, `baseURL`. */
export function isSameName(one: string, other: string): boolean {
  return plain(one) === plain(other);
}

function nearest(key: string, known: readonly string[]): string | undefined {
  if (key === "") return undefined;
  const close = known
    .map((name) => ({ name, distance: editDistance(plain(key), plain(name)) }))
    .filter(({ distance }) => distance <= Math.max(1, Math.floor(key.length / 4)))
    .toSorted((one, other) => one.distance - other.distance);
  return renamed[plain(key)] ?? close[0]?.name;
}

function plain(name: string): string {
  return name.replaceAll(/[_-]/g, "").toLowerCase();
}

/** How many letters must be changed, added, left out or swapped with the next to make one word of the other (Damerau, Levenshtein). */
function editDistance(one: string, other: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 0; i < one.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j++) {
      const replaced = at(row, j) + (one[i] === other[j] ? 0 : 1);
      const isSwapped = i > 0 && j > 0 && one[i] === other[j - 1] && one[i - 1] === other[j];
      const swapped = isSwapped ? at(before, j - 1) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(replaced, at(row, j + 1) + 1, at(next, j) + 1, swapped));
    }
    [before, row] = [row, next];
  }
  return at(row, other.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? 0;
}

/** Writes each character of a text as a part of a pattern. `part` is given its spellings: two of a letter, one of anything else. */
export function eachInBothCases(text: string, part: (cases: readonly string[]) => string): string {
  return [...text]
    .map((character) => {
      const cases = new Set([character, character.toLowerCase(), character.toUpperCase()]);
      // ß is SS in capitals, which no single place of a pattern can be.
      return part([...cases].filter((one) => [...one].length === 1));
    })
    .join("");
}

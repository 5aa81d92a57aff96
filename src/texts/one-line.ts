/** Brings a value to one line without control characters: in a header or a plain text it could start a new part. */
export function oneLine(value: unknown): string {
  // Bidirectional overrides go too: they make one address look like another.
  return String(value ?? "")
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, "");
}

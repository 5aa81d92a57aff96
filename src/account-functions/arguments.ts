/** Checks of what the app's own code passes: it may be JavaScript, or a request's value as it came. All throw a TypeError that names it. */

/** An object of named values. */
export function needObject(name: string, value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError(`"${name}" must be an object`);
}

/** A text, or nothing. */
export function checkText(name: string, value: unknown, longest = Number.POSITIVE_INFINITY): void {
  if (value === undefined || (typeof value === "string" && value.length <= longest)) return;
  const limit = Number.isFinite(longest) ? ` of at most ${longest} characters` : "";
  throw new TypeError(`"${name}" must be a text${limit}`);
}

/** A text. */
export function needText(name: string, value: unknown): void {
  if (typeof value !== "string") throw new TypeError(`"${name}" must be a text`);
}

/** `true`, `false` or nothing: a text such as "false" would count as true. */
export function checkBoolean(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== "boolean")
    throw new TypeError(`"${name}" must be true or false`);
}

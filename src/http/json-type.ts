/** How JSON is sent, and what can be sent so. */

export const jsonType = "application/json; charset=utf-8";

/** Whether a content type is one of JSON: any other could make a page of what a request said. */
export function isJsonType(type: unknown): type is string {
  return typeof type === "string" && /^application\/([\w.-]+\+)?json(;[\x20-\x7e]*)?$/i.test(type);
}

/** Whether a value is an object that was written as one. A `Response` is none: its body is a stream, of which JSON would show nothing. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

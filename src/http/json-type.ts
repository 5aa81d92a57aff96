export const jsonType = "application/json; charset=utf-8";

/** Whether a content type is one of JSON: any other could make a page of what a request said. */
export function isJsonType(type: unknown): type is string {
  return typeof type === "string" && /^application\/([\w.-]+\+)?json(;[\x20-\x7e]*)?$/i.test(type);
}

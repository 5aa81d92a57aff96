import type { ParamValues } from "../accounts/overrides.js";
import { AuthError } from "../errors.js";
import type { Params } from "../features/call.js";

/** Bytes a body may have. */
const maxBodySize = 64 * 1024;

/** Is told the name of a parameter that is a list or an object: none of them is taken. */
export type OnDropped = (name: string) => void;

/** Other values, such as `utf-8`, are a mistake of clients whose bodies are plain. */
const compressed = /gzip|deflate|compress|\b(br|zstd)\b/i;

/** Reads the parameters of a body: JSON, a form, or the object that a body parser before us has made of it. */
export async function readBody(request: Request, parsed: unknown, onDropped?: OnDropped): Promise<Params> {
  // Some parsers hand on what came as it was: `express.raw()`, `express.text()`.
  const isRaw = parsed instanceof Uint8Array || typeof parsed === "string";
  if (parsed !== undefined && !isRaw) return fromObject(parsed, onDropped);
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const bytes = isRaw ? Buffer.from(parsed) : await readBytes(request);
  if (bytes.length === 0) return new Map();
  // What a parser before us has read it has also unpacked. Nothing is unpacked here, so that nothing small becomes large.
  if (!isRaw && compressed.test(request.headers.get("content-encoding") ?? ""))
    throw new AuthError("unsupported_media_type");
  if (type === "application/x-www-form-urlencoded") return fromPairs(new URLSearchParams(decode(bytes)));
  if (type === "multipart/form-data") return fromPairs(await readForm(request, bytes));
  if (type === "application/json" || type.endsWith("+json"))
    return fromObject(parseJson(decode(bytes)), onDropped);
  throw new AuthError("unsupported_media_type");
}

/** Reads the parameters of a query string. */
export function readQuery(url: URL): Params {
  return fromPairs(url.searchParams);
}

/** One set over another: what the first has wins. */
export function mergeParams(first: Params, second: Params): Params {
  return new Map([...second, ...first]);
}

/** Parameters as an object for code of the app's own: without a prototype, so that it has nothing that was not sent. */
export function paramValues(
  params: Iterable<readonly [string, string | number | boolean | null]>,
): ParamValues {
  return Object.setPrototypeOf(Object.fromEntries(params), null) as ParamValues;
}

/** A parameter as text; `undefined` when it is absent, blank, or not text. */
export function textParam(params: Params, name: string): string | undefined {
  const value = params.get(name);
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

function fromObject(value: unknown, onDropped?: OnDropped): Params {
  // Some clients send `null` where they have nothing to say, and those in PHP an empty list.
  if (value === null || (Array.isArray(value) && value.length === 0)) return new Map();
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new AuthError("malformed_body", { subject: "it must be an object" });
  }
  const params = new Map<string, string | number | boolean | null>();
  for (const [name, entry] of Object.entries(value)) {
    if (entry === null || ["string", "number", "boolean"].includes(typeof entry)) params.set(name, entry);
    else onDropped?.(name);
  }
  return params;
}

function fromPairs(pairs: Iterable<readonly [string, unknown]>): Params {
  const params = new Map<string, string>();
  for (const [name, value] of pairs) if (typeof value === "string") params.set(name, value);
  return params;
}

async function readBytes(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBodySize) throw new AuthError("body_too_large");
  if (!request.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body) {
      size += chunk.length;
      if (size > maxBodySize) throw new AuthError("body_too_large");
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof AuthError) throw cause;
    throw new AuthError("malformed_body", { subject: "it ended too early", cause });
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AuthError("malformed_body", { subject: "it is not UTF-8", cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AuthError("malformed_body", { subject: "it is not JSON", cause });
  }
}

async function readForm(request: Request, bytes: Uint8Array): Promise<FormData> {
  try {
    const type = request.headers.get("content-type") ?? "";
    return await new Response(new Uint8Array(bytes), { headers: { "content-type": type } }).formData();
  } catch (cause) {
    throw new AuthError("malformed_body", { subject: "it is not a form", cause });
  }
}

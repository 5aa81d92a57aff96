import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Context } from "hono";

/** A file of the page, read once. */
export interface PageFile {
  readonly body: string;
  readonly type: string;
  readonly etag: string;
}

const types: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

// No inline script, no inline style, nothing from other hosts: injected code cannot run and cannot send anything away.
const pagePolicy =
  "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/** Reads every file of the page, by name. */
export function readPageFiles(): ReadonlyMap<string, PageFile> {
  const folder = fileURLToPath(new URL("./page/", import.meta.url));
  const files = new Map<string, PageFile>();
  for (const name of readdirSync(folder)) {
    const type = types[name.slice(name.lastIndexOf(".") + 1)];
    if (type === undefined) continue;
    const body = readFileSync(`${folder}${name}`, "utf8");
    files.set(name, {
      body,
      type,
      etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`,
    });
  }
  return files;
}

/** Responds with a file of the page. Browsers ask each time whether it has changed, so that an update is seen at once. */
export function sendPageFile(context: Context, file: PageFile, status: 200 | 404 = 200): Response {
  const headers = {
    "cache-control": "no-cache",
    "content-security-policy": pagePolicy,
    "content-type": file.type,
    etag: file.etag,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
  if (status === 200 && context.req.header("if-none-match") === file.etag)
    return context.body(null, 304, headers);
  return context.body(file.body, status, headers);
}

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Context } from "hono";

/** A file of the page, read once. */
export interface PageFile {
  readonly body: Buffer;
  /** The same, gzipped. */
  readonly packed: Buffer;
  readonly type: string;
  /** What its tag is made of. */
  readonly hash: string;
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

/** Reads every file of the page, as Vite has built it, by name. Throws an error that says how to build it. */
export function readPageFiles(): ReadonlyMap<string, PageFile> {
  const folder = fileURLToPath(new URL("./dist/", import.meta.url));
  if (!existsSync(folder)) throw new Error("The demo's page is not built yet: node scripts/build.mjs");
  const files = new Map<string, PageFile>();
  for (const name of readdirSync(folder)) {
    const type = types[name.slice(name.lastIndexOf(".") + 1)];
    if (type === undefined) continue;
    const body = readFileSync(`${folder}${name}`);
    files.set(name, {
      body,
      packed: gzipSync(body),
      type,
      hash: createHash("sha256").update(body).digest("base64url").slice(0, 22),
    });
  }
  return files;
}

/** Responds with a file of the page. Browsers ask each time whether it has changed, so that an update is seen at once. */
export function sendPageFile(context: Context, file: PageFile, status: 200 | 404 = 200): Response {
  const isPacked = /\bgzip\b/.test(context.req.header("accept-encoding") ?? "");
  // One tag for each form of it (RFC 9110 §8.8.3.3).
  const etag = `"${file.hash}${isPacked ? "-gzip" : ""}"`;
  const headers = {
    "cache-control": "no-cache",
    "content-security-policy": pagePolicy,
    "content-type": file.type,
    etag,
    "referrer-policy": "no-referrer",
    vary: "accept-encoding",
    "x-content-type-options": "nosniff",
  };
  if (status === 200 && context.req.header("if-none-match") === etag) return context.body(null, 304, headers);
  if (!isPacked) return context.body(bytesOf(file.body), status, headers);
  return context.body(bytesOf(file.packed), status, { ...headers, "content-encoding": "gzip" });
}

// A Buffer may be a view of a shared pool; what hono takes is bytes of their own.
function bytesOf(buffer: Buffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer);
}

import { KeyturnError } from "./errors.js";
import type { Client } from "./types.js";

/** What an upload has got to. `total` is 0 while it is not known. */
export interface UploadProgress {
  readonly loaded: number;
  readonly total: number;
}

export interface UploadOptions {
  /** Default `"POST"`. */
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
}

/** What is used of XMLHttpRequest. */
interface Xhr {
  readonly upload: { onprogress: ((event: UploadProgress) => void) | null };
  readonly status: number;
  readonly response: unknown;
  responseType: string;
  onload: (() => void) | null;
  onerror: (() => void) | null;
  onabort: (() => void) | null;
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  getAllResponseHeaders(): string;
  send(body: unknown): void;
  abort(): void;
}

/**
 * Sends a file, a form or a text with the token, and tells how far it has got, which `fetch` cannot do. It is sent once: a refusal is
 * the response, and a lost response is the error `network`. In a page and in React Native.
 *
 * XMLHttpRequest follows redirects by itself, so the address has to be one that does not redirect to another origin.
 */
export async function upload(
  client: Pick<Client, "headersFor" | "adopt" | "validate" | "fetch" | "authUrl">,
  url: string,
  body: unknown,
  { method = "POST", headers = {}, signal, onProgress }: UploadOptions = {},
): Promise<Response> {
  const Request = (globalThis as unknown as { XMLHttpRequest?: new () => Xhr }).XMLHttpRequest;
  if (!Request) throw new TypeError("There is no XMLHttpRequest here. Use client.fetch");
  const shown = client.headersFor(url);
  const xhr = new Request();
  const address = new URL(url, client.authUrl).href;
  return new Promise((resolve, reject) => {
    const lost = (error: unknown): void => {
      // It may have been handled: its successor has to be known before the window ends.
      if (Object.keys(shown).length > 0) void client.validate().catch(() => {});
      reject(error);
    };
    xhr.open(method, address);
    xhr.responseType = "blob";
    for (const [name, value] of Object.entries({ ...headers, ...shown })) xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = ({ loaded, total }) => onProgress?.({ loaded, total });
    xhr.onload = () => {
      const received = headersOf(xhr.getAllResponseHeaders());
      client.adopt({ headers: received });
      const isEmpty = [204, 205, 304].includes(xhr.status);
      const { status } = xhr;
      resolve(new Response(isEmpty ? null : (xhr.response as Blob), { status, headers: received }));
    };
    xhr.onerror = () => lost(new KeyturnError("network"));
    xhr.onabort = () => lost(signal?.reason ?? new KeyturnError("network"));
    if (signal?.aborted) return reject(signal.reason);
    signal?.addEventListener("abort", () => xhr.abort(), { once: true });
    xhr.send(body);
    return undefined;
  });
}

function headersOf(text: string): Headers {
  const headers = new Headers();
  for (const line of text.trim().split(/[\r\n]+/)) {
    const at = line.indexOf(":");
    if (at > 0) headers.append(line.slice(0, at), line.slice(at + 1).trim());
  }
  return headers;
}

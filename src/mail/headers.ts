import { randomUUID } from "node:crypto";
import { domainToASCII } from "node:url";
import { oneLine } from "../texts/one-line.js";

/** The headers of a mail, whichever transport it takes. There is no List-Unsubscribe: nobody is to cut themselves off from their own account. */
export function headersOf(
  from: string,
  { config, redirectUrl }: { readonly config?: string; readonly redirectUrl?: string },
): Record<string, string> {
  const id = randomUUID();
  const headers: Record<string, string> = {
    // RFC 5322 §3.6.4. Some servers refuse a mail without one, or with another domain than the sender's.
    "message-id": `<${id}@${domainOf(from)}>`,
    // RFC 3834 §5: keeps out-of-office robots from replying.
    "auto-submitted": "auto-generated",
    // Gmail puts mails of one subject into a thread and hides the newest, unless this differs.
    "x-entity-ref-id": id,
    // Both as in devise_token_auth's mails.
    "client-config": oneLine(config ?? "default"),
  };
  // RFC 5322 §2.1.1: no line is longer than 998 characters, and a URL has no place to fold it.
  if (redirectUrl !== undefined && redirectUrl.length <= 900) headers["redirect-url"] = oneLine(redirectUrl);
  return headers;
}

function domainOf(from: string): string {
  const domain = /@([^@\s<>]+)>?\s*$/.exec(from)?.[1] ?? "";
  return domainToASCII(domain) || "localhost";
}

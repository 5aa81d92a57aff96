import { createHash } from "node:crypto";
import { Hono } from "hono";
import type { CaughtMail, Outbox } from "../mail/outbox.js";

/** A row of `GET /inbox/messages`. `id` names the mail in `/inbox/messages/:id/html`. */
export interface InboxMail extends CaughtMail {
  readonly id: string;
}

// Mails style themselves inline, which the page's own policy forbids; and they are not ours to trust, so they get no script, no
// origin, and nothing from the network.
const mailPolicy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src data:",
  "frame-ancestors 'self'",
  "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation",
].join("; ");

const guarded = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/**
 * The caught mails: `GET /messages?to=ADDRESS` as JSON, newest first, and the HTML of one as a document of its own.
 * For development: whoever can read this can confirm and reset every account.
 */
export function createInbox(outbox: Outbox): Hono {
  return new Hono()
    .get("/messages", (context) => {
      const to = context.req.query("to");
      const mails = outbox.messages(to ? { to: to.trim() } : {});
      return context.json(mails.map(withId), 200, guarded);
    })
    .get("/messages/:id/html", (context) => {
      const mail = outbox.messages().find((one) => idOf(one) === context.req.param("id"));
      if (!mail) return context.json({ success: false, errors: ["There is no such mail."] }, 404, guarded);
      return context.html(openLinksOutside(mail.html), 200, {
        ...guarded,
        "content-security-policy": mailPolicy,
      });
    });
}

function withId(mail: CaughtMail): InboxMail {
  return { id: idOf(mail), ...mail };
}

function idOf({ to, subject, sentAt, html }: CaughtMail): string {
  return createHash("sha256").update([to, subject, sentAt, html].join("\n")).digest("base64url").slice(0, 22);
}

/** Links have to leave the frame: what they lead to is a page of its own. */
function openLinksOutside(html: string): string {
  const base = '<base target="_top">';
  return /<head[\s>]/i.test(html) ? html.replace(/<head(\s[^>]*)?>/i, (head) => head + base) : base + html;
}

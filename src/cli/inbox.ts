import { createHash } from "node:crypto";
import { type Context, Hono } from "hono";
import type { CaughtMail, Outbox } from "../mail/outbox.js";
import { drawInbox, type InboxMail, inboxPagePolicy } from "./inbox-page.js";

// A mail has inline styles, and its HTML is not trusted: it gets no script, no origin of ours, and nothing from the network.
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
 * The caught mails, newest first: as a page (`GET /`), as JSON (`GET /messages?to=ADDRESS`), and the HTML of one mail as a document of
 * its own. For development only: whoever can read this can confirm and reset every account.
 */
export function createInbox(outbox: Outbox): Hono {
  const mailsTo = (to: string): readonly InboxMail[] => outbox.messages(to === "" ? {} : { to }).map(withId);
  const addressOf = (context: Context): string => (context.req.query("to") ?? "").trim();
  return new Hono()
    .get("/", (context) => {
      const to = addressOf(context);
      return context.html(drawInbox(mailsTo(to), to), 200, {
        ...guarded,
        "content-security-policy": inboxPagePolicy,
      });
    })
    .get("/messages", (context) => context.json(mailsTo(addressOf(context)), 200, guarded))
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

/** Makes links open in the whole window, not in the frame that shows the mail. */
function openLinksOutside(html: string): string {
  const base = '<base target="_top">';
  return /<head[\s>]/i.test(html) ? html.replace(/<head(\s[^>]*)?>/i, (head) => head + base) : base + html;
}

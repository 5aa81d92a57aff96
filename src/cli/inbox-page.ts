import type { CaughtMail } from "../mail/outbox.js";
import { escapeHtml } from "../texts/html.js";

/** An item of `GET /inbox/messages`. `id` names the mail in `/inbox/messages/:id/html`. */
export interface InboxMail extends CaughtMail {
  readonly id: string;
}

/** Nothing but the styles below and the frames of the mails. */
export const inboxPagePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 46rem; margin: 0 auto; padding: 1.5rem; }
form { display: flex; gap: 0.5rem; flex-wrap: wrap; align-items: center; }
input, button { font: inherit; padding: 0.25rem 0.6rem; }
details { border-top: 1px solid #8886; padding: 0.6rem 0; }
summary { cursor: pointer; overflow-wrap: anywhere; }
iframe { width: 100%; height: 28rem; border: 1px solid #8886; background: #fff; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
`;

/** The mails as a page without scripts: newest first, the newest one open. `to`: the address that the list was narrowed to. */
export function drawInbox(mails: readonly InboxMail[], to: string): string {
  const empty = "<p>No mail yet. Register an account or ask for a new password, then reload this page.</p>";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Inbox: Keyturn</title>
<style>${style}</style>
</head>
<body>
<h1>Inbox</h1>
<p>Mails that this server would have sent. Newest first.</p>
<form action="/inbox"><label for="to">To</label><input id="to" name="to" type="email" value="${escapeHtml(to)}"><button>Show</button> <a href="/inbox">Show all</a></form>
${mails.length === 0 ? empty : mails.map((mail, at) => drawMail(mail, at === 0)).join("\n")}
</body>
</html>
`;
}

function drawMail({ id, to, from, subject, text, sentAt }: InboxMail, isOpen: boolean): string {
  const title = `<b>${escapeHtml(subject)}</b> to ${escapeHtml(to)}, <time>${escapeHtml(sentAt)}</time>`;
  return `<details${isOpen ? " open" : ""}><summary>${title}</summary>
<p>From ${escapeHtml(from)}</p>
<iframe title="${escapeHtml(subject)}" src="/inbox/messages/${id}/html" loading="lazy" sandbox="allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"></iframe>
<details><summary>As text</summary><pre>${escapeHtml(text)}</pre></details>
</details>`;
}

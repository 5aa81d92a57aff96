import { element } from "./dom.js";

/** @typedef {{ id: string, to: string, from: string, subject: string, text: string, html: string, headers: Record<string, string>, sentAt: string }} Mail */

/**
 * The caught mails, newest first.
 *
 * @param {string} [address]
 * @returns {Promise<Mail[]>}
 */
export async function loadMails(address) {
  const query = address ? `?to=${encodeURIComponent(address)}` : "";
  const answer = await fetch(`/inbox/messages${query}`, { cache: "no-store" });
  if (!answer.ok) throw new Error(`The inbox answered ${answer.status}.`);
  return answer.json();
}

/**
 * One mail, as HTML, as text, or with its headers. The HTML is foreign to this page: it is shown in a frame without scripts and
 * without this page's origin, and its links open in the whole window.
 *
 * @param {Mail} mail
 * @returns {HTMLElement}
 */
export function drawMail(mail) {
  const body = element("div", { class: "mail-body" });
  /** @type {Record<string, () => HTMLElement>} */
  const views = {
    ...(mail.html ? { HTML: () => drawFrame(mail) } : {}),
    Text: () => element("pre", { class: "mail-text" }, ...linkify(mail.text)),
    Headers: () =>
      element("dl", { class: "mail-headers" }, ...Object.entries(mail.headers).flatMap(drawHeader)),
  };
  const buttons = Object.keys(views).map((name) =>
    element("button", { type: "button", class: "tab", text: name, on: { click: () => show(name) } }),
  );
  /** @param {string} name */
  function show(name) {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.textContent === name));
    body.replaceChildren(views[name]?.() ?? "");
  }
  show(mail.html ? "HTML" : "Text");
  return element(
    "article",
    { class: "mail" },
    element("h2", { text: mail.subject }),
    element("p", {
      class: "hint",
      text: `From ${mail.from} to ${mail.to}, ${new Date(mail.sentAt).toLocaleString(undefined, { hour12: false })}`,
    }),
    element("div", { class: "tabs", role: "group", "aria-label": "Show the mail as" }, ...buttons),
    body,
  );
}

/** @param {Mail} mail */
function drawFrame(mail) {
  return element("iframe", {
    class: "mail-frame",
    title: `Mail: ${mail.subject}`,
    src: `/inbox/messages/${mail.id}/html`,
    sandbox: "allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation",
  });
}

/** @param {[string, string]} header */
function drawHeader([name, value]) {
  return [element("dt", { text: name }), element("dd", { text: value })];
}

/** @param {string} text */
function linkify(text) {
  return text
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((part, index) => (index % 2 === 1 ? element("a", { href: part, text: part }) : part));
}

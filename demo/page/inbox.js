import { byId, element } from "./dom.js";
import { drawMail, loadMails } from "./mail-view.js";

/** @typedef {import("./mail-view.js").Mail} Mail */

const pause = 2000;
const address = new URLSearchParams(location.search).get("to") ?? undefined;
const list = byId("mails");
const pane = byId("mail");
const layout = byId("inbox");
let opened = "";
let shown = "";

byId("whose").textContent = address ? `Mails to ${address}` : "Every mail that this server would have sent";
byId("all").hidden = address === undefined;
byId("back").addEventListener("click", () => layout.classList.remove("reading"));

async function load() {
  const mails = await loadMails(address).catch(() => undefined);
  byId("unreachable").hidden = mails !== undefined;
  if (!mails) return;
  byId("empty").hidden = mails.length > 0;
  const state = mails.map((mail) => mail.id).join(" ");
  if (state === shown) return;
  shown = state;
  list.replaceChildren(...mails.map(drawLine));
  // Wide windows show the newest mail at once; on a phone the list comes first.
  const newest = mails[0];
  if (!opened && newest && matchMedia("(min-width: 48rem)").matches) open(newest);
}

/** @param {Mail} mail */
function open(mail) {
  opened = mail.id;
  pane.replaceChildren(drawMail(mail));
  for (const line of list.querySelectorAll("button"))
    line.setAttribute("aria-pressed", String(line.dataset.mail === mail.id));
}

/** @param {Mail} mail */
function drawLine(mail) {
  const read = () => {
    open(mail);
    layout.classList.add("reading");
  };
  return element(
    "li",
    {},
    element(
      "button",
      {
        type: "button",
        class: "mail-line",
        "data-mail": mail.id,
        "aria-pressed": String(mail.id === opened),
        on: { click: read },
      },
      element("b", { text: mail.subject }),
      element("span", { text: mail.to }),
      element("time", {
        datetime: mail.sentAt,
        text: new Date(mail.sentAt).toLocaleTimeString(undefined, { hour12: false }),
      }),
    ),
  );
}

await load();
setInterval(() => document.hidden || load(), pause);

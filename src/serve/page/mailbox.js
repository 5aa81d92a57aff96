import { element } from "./dom.js";
import { drawMail, loadMails } from "./mail-view.js";

const patience = { pause: 1500, times: 120 };

/**
 * The mails to one address, beside the forms that cause them. Looks again until the visitor has moved on.
 *
 * @param {HTMLElement} box
 */
export function createMailbox(box) {
  const list = element("ul", { class: "mails" });
  const open = element("div");
  const link = element("a", { href: "/inbox", text: "Open the inbox" });
  const waiting = element("p", { class: "hint", text: "Waiting for the mail …", role: "status" });
  box.replaceChildren(
    element("h2", { text: "Mail" }),
    waiting,
    list,
    open,
    element("p", { class: "hint" }, link),
  );
  let address = "";
  let opened = "";
  let round = 0;

  async function load() {
    const mails = await loadMails(address).catch(() => []);
    waiting.hidden = mails.length > 0;
    list.replaceChildren(
      ...mails.slice(0, 4).map((mail) => drawLine(mail, mail.id === opened, () => show(mail))),
    );
  }

  /** @param {import("./mail-view.js").Mail} mail */
  function show(mail) {
    opened = mail.id;
    open.replaceChildren(drawMail(mail));
    for (const line of list.querySelectorAll("button"))
      line.setAttribute("aria-expanded", String(line.dataset.mail === mail.id));
  }

  return {
    /** @param {string} to */
    async watch(to) {
      address = to.trim().toLowerCase();
      opened = "";
      open.replaceChildren();
      box.hidden = false;
      link.href = `/inbox?to=${encodeURIComponent(address)}`;
      round += 1;
      const mine = round;
      for (let time = 0; time < patience.times && mine === round; time += 1) {
        if (!document.hidden) await load();
        await new Promise((resolve) => setTimeout(resolve, patience.pause));
      }
    },
    hide() {
      round += 1;
      box.hidden = true;
    },
  };
}

/**
 * @param {import("./mail-view.js").Mail} mail
 * @param {boolean} isOpen
 * @param {() => void} show
 */
function drawLine(mail, isOpen, show) {
  const time = new Date(mail.sentAt).toLocaleTimeString(undefined, { hour12: false });
  return element(
    "li",
    {},
    element(
      "button",
      {
        type: "button",
        class: "mail-line",
        "data-mail": mail.id,
        "aria-expanded": isOpen ? "true" : "false",
        on: { click: show },
      },
      element("b", { text: mail.subject }),
      element("time", { datetime: mail.sentAt, text: time }),
    ),
  );
}

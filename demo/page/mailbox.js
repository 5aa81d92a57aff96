import { announce, element } from "./dom.js";
import { drawMail, loadMails } from "./mail-view.js";

const patience = { pause: 1500, times: 120 };
const mostMails = 4;
const addressName = "keyturn-demo:mail";

/**
 * The mails to one address, beside the forms that cause them. Looks again until the visitor has moved on, also after the page
 * was loaded again.
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
    element("p", { class: "mailbox-link" }, link),
  );
  let address = "";
  let opened = "";
  let listed = "";
  let round = 0;

  async function load() {
    const mails = (await loadMails(address).catch(() => [])).slice(0, mostMails);
    waiting.hidden = mails.length > 0;
    const state = mails.map((mail) => mail.id).join(" ");
    if (state === listed) return;
    listed = state;
    list.replaceChildren(...mails.map((mail) => drawLine(mail, () => toggle(mail))));
    const [newest] = mails;
    if (!newest) return;
    show(newest);
    announce(`A mail has arrived: ${newest.subject}`);
  }

  /** @param {import("./mail-view.js").Mail | undefined} mail nothing closes the one that is open */
  function show(mail) {
    opened = mail?.id ?? "";
    open.replaceChildren(...(mail ? [drawMail(mail)] : []));
    for (const line of list.querySelectorAll("button"))
      line.setAttribute("aria-expanded", String(line.dataset.mail === opened));
  }

  /** @param {import("./mail-view.js").Mail} mail */
  function toggle(mail) {
    show(mail.id === opened ? undefined : mail);
  }

  /** @param {string} to */
  async function watch(to) {
    const wanted = to.trim().toLowerCase();
    if (wanted !== address) {
      listed = "";
      list.replaceChildren();
      show(undefined);
      waiting.hidden = false;
    }
    address = wanted;
    sessionStorage.setItem(addressName, address);
    box.hidden = false;
    link.href = `/inbox?to=${encodeURIComponent(address)}`;
    round += 1;
    const mine = round;
    for (let time = 0; time < patience.times && mine === round; time += 1) {
      if (!document.hidden) await load();
      await new Promise((resolve) => setTimeout(resolve, patience.pause));
    }
  }

  return {
    watch,
    /** Goes on where the visitor was before the page was loaded again. */
    resume() {
      const kept = sessionStorage.getItem(addressName);
      if (kept) watch(kept);
    },
    hide() {
      round += 1;
      sessionStorage.removeItem(addressName);
      box.hidden = true;
    },
  };
}

/**
 * @param {import("./mail-view.js").Mail} mail
 * @param {() => void} show
 */
function drawLine(mail, show) {
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
        "aria-expanded": "false",
        on: { click: show },
      },
      element("b", { text: mail.subject }),
      element("time", { datetime: mail.sentAt, text: time }),
    ),
  );
}

import { element } from "./dom.js";

/** @typedef {{ id: number, name: string, at: string, model?: string, client?: string, reason?: string }} ServerEvent */

/** What the events mean, for the ones that a visitor of this page meets. @type {Record<string, string>} */
const meanings = {
  "token.reused": "A token that was replaced long ago was shown again: somebody may hold a copy.",
  "token.late": "The token before the current one was shown after its window.",
  "token.forged": "A token was shown that this server never issued.",
  "token.ahead": "A token was shown that does not exist yet.",
  "sign_in.failed": "Somebody tried to sign in and failed.",
};

const mostEvents = 40;

/**
 * The server's own report of what it noticed, newest first.
 *
 * @param {HTMLElement} box
 */
export function createServerEvents(box) {
  const list = element("ol", { class: "events", reversed: true });
  const empty = element("p", {
    class: "hint",
    text: "Nothing yet. Sign-ins, refused tokens and the like are listed here.",
  });
  box.replaceChildren(element("h2", { text: "What the server noticed" }), empty, list);
  let after = 0;
  let asking = false;

  return async function load() {
    if (asking) return;
    asking = true;
    const answer = await fetch(`/demo/events?after=${after}`, { cache: "no-store" }).catch(() => undefined);
    asking = false;
    if (!answer?.ok) return;
    const events = /** @type {ServerEvent[]} */ ((await answer.json()).data);
    for (const event of events) {
      after = Math.max(after, event.id);
      list.prepend(drawEvent(event));
    }
    while (list.children.length > mostEvents) list.lastElementChild?.remove();
    empty.hidden = list.children.length > 0;
  };
}

/** @param {ServerEvent} event */
function drawEvent(event) {
  const meaning = meanings[event.name];
  const time = new Date(event.at).toLocaleTimeString(undefined, { hour12: false });
  return element(
    "li",
    { class: event.name.startsWith("token.") || event.name.endsWith("failed") ? "alarming" : "" },
    element(
      "p",
      { class: "event-line" },
      element("code", { text: event.name }),
      element("time", { datetime: event.at, text: time }),
    ),
    meaning ? element("p", { class: "hint", text: meaning }) : undefined,
  );
}

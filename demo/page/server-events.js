import { element } from "./dom.js";

/**
 * @typedef {{ id: number, name: string, at: string, model?: string, accountId?: string, reason?: string }} ServerEvent
 */

/** What the events mean, for the ones that a visitor of this page meets. @type {Record<string, string>} */
const meanings = {
  "token.reused": "A token that was replaced long ago was shown again: somebody may hold a copy.",
  "token.late": "The token before the current one was shown after its window.",
  "token.forged": "A token was shown that this server never issued.",
  "token.ahead": "A token was shown that does not exist yet.",
  "sign_in.failed": "Somebody tried to sign in and failed.",
  "password.change_failed": "A change was tried with a wrong current password.",
  "sign_in.failed unconfirmed": "The password was right, the address is not confirmed yet.",
};

const mostEvents = 40;

/**
 * The server's own report of what it noticed, newest first.
 *
 * @param {HTMLElement} box
 * @param {() => import("./clients.js").Client} current
 */
export function createServerEvents(box, current) {
  const list = element("ol", { class: "events", reversed: true });
  const empty = element("p", {
    class: "hint",
    text: "Nothing yet. Sign-ins, refused tokens and the like are listed here.",
  });
  box.replaceChildren(element("h2", { text: "What the server noticed" }), empty, list);
  /** Oldest first. @type {ServerEvent[]} */
  let kept = [];
  let after = 0;
  let asking = false;
  let askAgain = false;

  async function read() {
    const answer = await fetch(`/demo/events?after=${after}`, { cache: "no-store" }).catch(() => undefined);
    if (!answer?.ok) return;
    const events = /** @type {ServerEvent[]} */ ((await answer.json()).data);
    // Ids start again with the server.
    if (events[0] && events[0].id <= after) kept = [];
    kept = [...kept, ...events].slice(-mostEvents);
    after = kept.at(-1)?.id ?? 0;
  }

  let drawn = "";
  function draw() {
    const client = current();
    const own = ownerOf(client.model.name, client.user()?.id);
    const state = `${own} ${after} ${kept[0]?.at}`;
    if (state === drawn) return;
    drawn = state;
    list.replaceChildren(...kept.toReversed().map((event) => drawEvent(event, own)));
    empty.hidden = kept.length > 0;
  }

  return async function load() {
    askAgain = asking;
    draw();
    if (asking) return;
    asking = true;
    await read().catch(() => undefined);
    asking = false;
    draw();
    if (askAgain) await load();
  };
}

/**
 * @param {string | undefined} model
 * @param {unknown} id of the account
 */
function ownerOf(model, id) {
  if (model === undefined) return "";
  return id === undefined ? `${model}, no account` : `${model}, account ${id}`;
}

/**
 * @param {ServerEvent} event
 * @param {string} own account of the client that is chosen
 */
function drawEvent(event, own) {
  const meaning = meanings[`${event.name} ${event.reason}`] ?? meanings[event.name];
  const time = new Date(event.at).toLocaleTimeString(undefined, { hour12: false });
  const owner = ownerOf(event.model, event.accountId);
  const alarming = event.name.startsWith("token.") || event.name.endsWith("failed");
  return element(
    "li",
    { class: alarming && event.reason !== "unconfirmed" ? "alarming" : "" },
    element(
      "p",
      { class: "event-line" },
      element("code", { text: event.name }),
      element("time", { datetime: event.at, text: time }),
    ),
    owner
      ? element("p", { class: "hint", text: event.accountId && owner === own ? "this account" : owner })
      : undefined,
    meaning ? element("p", { class: "hint", text: meaning }) : undefined,
  );
}

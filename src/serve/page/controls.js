import { seconds } from "./diagram.js";
import { announce, element } from "./dom.js";
import { messagesOf } from "./transport.js";

/**
 * @typedef {import("./page.js").Page} Page
 * @typedef {import("./clients.js").Client} Client
 * @typedef {import("./transport.js").Answer} Answer
 */

const batchSize = 20;
const stream = { length: 10_000, pause: 700 };
const slow = 8000;

/**
 * The buttons that send traffic, and the sentence that says what came of it.
 *
 * @param {HTMLElement} box
 * @param {{ page: Page, windowLeft: (client: Client) => number }} options `windowLeft` in milliseconds
 */
export function createControls(box, { page, windowLeft }) {
  const { config } = page;
  const outcome = element("p", { class: "outcome" });
  let streaming = false;
  /** @type {HTMLButtonElement | undefined} */
  let streamButton;

  /** @param {string} sentence */
  function say(sentence) {
    outcome.textContent = sentence;
    announce(sentence);
  }

  /**
   * One request to a protected route. A refusal of the token that is held means that the session is over; the caller says when
   * it expects a refusal.
   *
   * @param {string} [path]
   * @param {{ lose?: boolean, foreign?: boolean }} [options]
   */
  async function ask(path, { lose = false, foreign = false } = {}) {
    const client = page.current();
    const answer = await page.send(client, { method: "GET", path: path ?? client.model.path, lose });
    if (answer.status === 401 && !foreign)
      page.dropSession(client, "The server no longer accepts this token. Sign in again.");
    return answer;
  }

  async function one() {
    const before = page.current().key();
    say(outcomeOf(await ask(), before, page.current().key()));
  }

  async function batch() {
    const client = page.current();
    const sends = Array.from({ length: batchSize }, () =>
      page.send(client, { method: "GET", path: client.model.path }),
    );
    const answers = await Promise.all(sends);
    const accepted = answers.filter((answer) => answer.ok).length;
    const tokens = answers.flatMap((answer) => answer.credentials?.["access-token"] ?? []);
    const number = client.key()?.number;
    const agreement =
      tokens.length === batchSize ? `all answers agree on token ${number}` : `token ${number} is current`;
    const agree = new Set(tokens).size === 1 ? `; ${agreement}` : "";
    say(`${accepted} of ${batchSize} parallel requests with one token were accepted${agree}.`);
  }

  async function traffic() {
    streaming = !streaming;
    nameStream();
    if (!streaming) return;
    const first = page.current().key()?.number ?? 0;
    const ends = Date.now() + stream.length;
    let sent = 0;
    say(`A request every ${seconds(stream.pause)} …`);
    while (streaming && Date.now() < ends && page.current().held()) {
      await ask();
      sent += 1;
      await pause(stream.pause);
    }
    streaming = false;
    nameStream();
    const turns = (page.current().key()?.number ?? first) - first;
    say(`${sent} requests, and the token was replaced ${turns === 1 ? "once" : `${turns} times`}.`);
  }

  function nameStream() {
    if (streamButton) streamButton.textContent = streaming ? "Stop the traffic" : "Ten seconds of traffic";
  }

  // With lostResponses "recover" the token just before the current one is good until the current one has been used.
  const steps = config.lostResponses === "recover" ? 2 : 1;

  async function replay() {
    const client = page.current();
    const old = client.replaced(steps);
    if (!old)
      return say(
        `That needs a token that was replaced ${steps === 1 ? "once" : "twice"}. Send a few requests first.`,
      );
    for (let left = windowLeft(client); left > 0; left = windowLeft(client)) {
      say(`An old token is good until the window is over. Waiting ${seconds(left)} …`);
      await pause(Math.min(left + 50, 500));
    }
    const answer = await page.send(client, { method: "GET", path: client.model.path, credentials: old });
    say(
      answer.status === 401
        ? `The old token was refused.${config.events ? " The server’s report is in the list of what it noticed." : ""}`
        : `The server answered ${answer.status}.`,
    );
  }

  async function lose() {
    await ask(undefined, { lose: true });
    const after =
      config.lostResponses === "recover"
        ? "The next request still succeeds."
        : "The next one succeeds while the window is open.";
    say(`The answer was thrown away, with the token it may have carried. ${after}`);
  }

  async function slowly() {
    say(`A request that takes ${seconds(slow)} …`);
    const answer = await ask(`${page.current().model.path}?ms=${slow}`);
    const outrun = answer.ok && !answer.credentials && config.batchResponses === "repeat";
    const why = outrun
      ? " Its answer brings no token: another request has brought a newer one meanwhile."
      : "";
    say(`${outcomeOf(answer, undefined, undefined)}${why}`);
  }

  /** @param {string} path */
  async function foreign(path) {
    const answer = await ask(path, { foreign: true });
    say(
      answer.ok
        ? `Let in: ${answer.body?.data?.message ?? ""}.`
        : `Refused with ${answer.status}: ${messagesOf(answer.body)[0] ?? ""}`,
    );
  }

  function draw() {
    const client = page.current();
    const groups = config.groups.filter((group) => group.models.includes(client.model.name));
    const others = config.models.filter((model) => model.name !== client.model.name);
    streamButton = button("", traffic);
    nameStream();
    const buttons = [
      button("One request", one, "primary"),
      button(`Batch of ${batchSize}`, batch),
      streamButton,
      button("Lose an answer", lose),
      button("Replay an old token", replay),
      button("A slow request", slowly),
      ...groups.map((group) => button(`Group “${group.name}”`, () => foreign(group.path))),
      ...others.map((model) => button(`The ${model.name}’s door`, () => foreign(model.path))),
    ];
    const signedIn = client.held() !== undefined;
    for (const made of buttons) made.disabled = !signedIn;
    if (!signedIn) outcome.textContent = "Sign in to send requests.";
    else if (outcome.textContent === "Sign in to send requests.") outcome.textContent = "";
    box.replaceChildren(element("div", { class: "buttons" }, ...buttons), outcome);
  }

  /**
   * @param {string} text
   * @param {() => unknown} work
   * @param {string} [look]
   */
  function button(text, work, look = "secondary") {
    const press = () => {
      page.notice("");
      work();
    };
    return element("button", { type: "button", class: look, text, on: { click: press } });
  }

  return { draw };
}

/**
 * @param {Answer} answer
 * @param {import("./keys.js").Key | undefined} before
 * @param {import("./keys.js").Key | undefined} after
 */
function outcomeOf(answer, before, after) {
  if (!answer.ok) return `Refused with ${answer.status}: ${messagesOf(answer.body)[0] ?? ""}`;
  const message = answer.body?.data?.message ?? "Accepted";
  if (!before || !after) return `${message}.`;
  return before === after
    ? `${message}. Still token ${after.number}.`
    : `${message}. Token ${before.number} became token ${after.number}.`;
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

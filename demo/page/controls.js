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
  /** What came of each client's last action. @type {Map<string, string>} */
  const outcomes = new Map();
  let working = 0;
  let streaming = false;
  /** @type {HTMLButtonElement | undefined} */
  let streamButton;

  /**
   * @param {Client} client
   * @param {string} sentence
   */
  function say(client, sentence) {
    outcomes.set(client.id, sentence);
    if (client !== page.current()) return;
    showOutcome();
    announce(sentence);
  }

  function showOutcome() {
    const client = page.current();
    outcome.textContent = client.held() ? (outcomes.get(client.id) ?? "") : "Sign in to send requests.";
  }

  /**
   * One request to a protected route. A refusal of the token that is held means that the session is over; where the refusal is
   * expected, the caller says why.
   *
   * @param {Client} client
   * @param {string} [path]
   * @param {{ lose?: boolean, refusal?: string }} [options]
   */
  async function ask(client, path = client.model.path, options = {}) {
    const answer = await page.send(client, { method: "GET", path, ...options });
    if (answer.status === 401 && !options.refusal)
      page.dropSession(client, "The server no longer accepts this token. Sign in again.");
    return answer;
  }

  /** @param {Client} client */
  async function one(client) {
    const before = client.key();
    say(client, outcomeOf(await ask(client), before, client.key()));
  }

  /** @param {Client} client */
  async function batch(client) {
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
    say(client, `${accepted} of ${batchSize} parallel requests with one token were accepted${agree}.`);
  }

  /** @param {Client} client */
  async function traffic(client) {
    streaming = !streaming;
    nameStream();
    if (!streaming) return;
    const first = client.key()?.number ?? 0;
    const ends = Date.now() + stream.length;
    let sent = 0;
    say(client, `A request every ${seconds(stream.pause)} …`);
    while (streaming && Date.now() < ends && client.held()) {
      await ask(client);
      sent += 1;
      await pause(stream.pause);
    }
    streaming = false;
    nameStream();
    const turns = (client.key()?.number ?? first) - first;
    say(client, `${sent} requests, and the token was replaced ${turns === 1 ? "once" : `${turns} times`}.`);
  }

  function nameStream() {
    if (streamButton) streamButton.textContent = streaming ? "Stop the traffic" : "Ten seconds of traffic";
  }

  // With lostResponses "recover" the token just before the current one is good until the current one has been used.
  const steps = config.lostResponses === "recover" ? 2 : 1;

  /** @param {Client} client */
  async function replay(client) {
    const old = client.replaced(steps);
    if (!old)
      return say(
        client,
        `That needs a token that was replaced ${steps === 1 ? "once" : "twice"}. Send a few requests first.`,
      );
    for (let left = windowLeft(client); left > 0; left = windowLeft(client)) {
      say(client, `An old token is good until the window is over. Waiting ${seconds(left)} …`);
      await pause(Math.min(left + 50, 500));
    }
    const answer = await page.send(client, { method: "GET", path: client.model.path, credentials: old });
    say(
      client,
      answer.status === 401
        ? `The old token was refused.${config.events ? " The server’s report is in the list of what it noticed." : ""}`
        : `The server answered ${answer.status}.`,
    );
  }

  /** @param {Client} client */
  async function lose(client) {
    await ask(client, undefined, { lose: true });
    const after =
      config.lostResponses === "recover"
        ? "The next request still succeeds."
        : "The next one succeeds while the window is open.";
    say(client, `The answer was thrown away, with the token it may have carried. ${after}`);
  }

  /** @param {Client} client */
  async function slowly(client) {
    say(client, `A request that takes ${seconds(slow)} …`);
    const answer = await ask(client, `${client.model.path}?ms=${slow}`);
    const outrun = answer.ok && !answer.credentials && config.batchResponses === "repeat";
    const why = outrun
      ? " Its answer brings no token: another request has brought a newer one meanwhile."
      : "";
    say(client, `${outcomeOf(answer, undefined, undefined)}${why}`);
  }

  /**
   * @param {Client} client
   * @param {import("./config.js").Group} group
   */
  async function enterGroup(client, group) {
    const answer = await ask(client, group.path);
    say(client, answer.ok ? letIn(answer) : outcomeOf(answer, undefined, undefined));
  }

  /**
   * @param {Client} client
   * @param {import("./config.js").Model} other
   */
  async function enterOther(client, other) {
    const own = client.model.name;
    const refusal = `${/^[aeio]/i.test(own) ? "an" : "a"} ${own}’s token opens nothing of the ${other.name}’s`;
    const answer = await ask(client, other.path, { refusal });
    if (answer.ok) return say(client, letIn(answer));
    say(
      client,
      answer.status === 401
        ? `Refused with 401, as it should be: ${refusal}.`
        : outcomeOf(answer, undefined, undefined),
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
      ...groups.map((group) => button(`Group “${group.name}”`, (client) => enterGroup(client, group))),
      ...others.map((model) => button(`The ${model.name}’s door`, (client) => enterOther(client, model))),
    ];
    const signedIn = client.held() !== undefined;
    for (const made of buttons) made.disabled = !signedIn;
    if (!signedIn) outcomes.delete(client.id);
    showOutcome();
    box.replaceChildren(element("div", { class: "buttons" }, ...buttons), outcome);
  }

  /** @param {string} id of a client */
  function forgetOutcome(id) {
    outcomes.delete(id);
    showOutcome();
  }

  /**
   * @param {string} text
   * @param {(client: Client) => unknown} work
   * @param {string} [look]
   */
  function button(text, work, look = "secondary") {
    const press = async () => {
      const client = page.current();
      page.notice("");
      forgetOutcome(client.id);
      working += 1;
      try {
        await work(client);
      } finally {
        working -= 1;
      }
    };
    return element("button", { type: "button", class: look, text, on: { click: press } });
  }

  return {
    draw,
    /**
     * What another part of the page sends makes the last outcome old.
     *
     * @param {string} id of a client
     */
    sent(id) {
      if (working === 0) forgetOutcome(id);
    },
  };
}

/** @param {Answer} answer */
function letIn(answer) {
  return `Let in: ${answer.body?.data?.message ?? ""}.`;
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

import { createAccount } from "./account.js";
import { readArrival } from "./arrival.js";
import { createClientList } from "./client-list.js";
import { loadConfig } from "./config.js";
import { createControls } from "./controls.js";
import { createDevices } from "./devices.js";
import { createDiagram } from "./diagram.js";
import { announce, byId, element, keepFocus } from "./dom.js";
import { createHeldKey } from "./held-key.js";
import { createMailbox } from "./mailbox.js";
import { finishProviderSignIn } from "./providers.js";
import { createServerEvents } from "./server-events.js";
import { createTraffic, windowLeft } from "./traffic.js";
import { createTrafficTable } from "./traffic-table.js";
import { createTransport } from "./transport.js";

/** @typedef {import("./clients.js").Client} Client */

const tickEvery = 100;
const eventsEvery = 1000;

/** @param {unknown} error */
function showFailure(error) {
  byId("notice").hidden = false;
  byId("notice").className = "notice bad";
  byId("notice").textContent = `This page could not start: ${error instanceof Error ? error.message : error}`;
}

async function start() {
  const config = await loadConfig();
  const arrival = readArrival();
  const traffic = createTraffic();
  const clients = createClientList(config.models, arrival.model);
  const { current } = clients;
  const left = (/** @type {Client} */ client) =>
    windowLeft(traffic.entries, client.id, config.window, Date.now());

  /** @type {import("./page.js").Page} */
  const page = {
    config,
    send: createTransport({ traffic, headerNames: config.headerNames }),
    current,
    changed: draw,
    notice(sentence, kind = "good") {
      byId("notice").className = `notice ${kind}`;
      byId("notice").textContent = sentence;
      byId("notice").hidden = sentence === "";
      if (sentence) announce(sentence);
    },
    watchMail(address) {
      if (address && config.inbox) mailbox.watch(address);
      else mailbox.hide();
    },
    dropSession(client, why) {
      client.forget();
      page.notice(why, "bad");
      draw();
    },
    clientOf: clients.clientOf,
    addDevice: clients.addDevice,
    select(id) {
      clients.choose(id);
      page.notice("");
      draw();
      resume();
    },
  };

  const account = createAccount(byId("account"), page, arrival);
  const mailbox = createMailbox(byId("mailbox"));
  const devices = createDevices(byId("devices"), page);
  const controls = createControls(byId("controls"), { page, windowLeft: left });
  const heldKey = createHeldKey(byId("held"), { windowLength: config.window, rotates: config.rotates });
  const diagram = createDiagram({
    body: byId("rows"),
    scroller: byId("scroller"),
    windowLength: config.window,
  });
  const table = createTrafficTable(byId("table-rows"));
  const loadEvents = createServerEvents(byId("events"), current);
  byId("events").hidden = !config.events;
  byId("inbox-link").hidden = !config.inbox;

  function draw() {
    drawChoice();
    byId("columns").classList.toggle("signed-in", current().held() !== undefined);
    account.draw();
    devices.draw();
    controls.draw();
    showTraffic();
    if (config.events) loadEvents();
  }

  /** Asks whose the credentials are that were kept from last time. */
  function resume() {
    const client = current();
    if (client.held() && !client.user()) account.resume();
  }

  function drawChoice() {
    const shown = clients.shown();
    const box = byId("choice");
    const hadFocus = box.contains(document.activeElement);
    box.hidden = shown.length < 2;
    box.replaceChildren(
      ...shown.map((client) => {
        const attributes = {
          type: "button",
          class: "tab",
          "aria-pressed": String(client === current()),
          text: client.label,
        };
        return element("button", { ...attributes, on: { click: () => page.select(client.id) } });
      }),
    );
    if (hadFocus) keepFocus(box, "[aria-pressed=true]");
  }

  function showTraffic() {
    const entries = traffic.entries.filter((entry) => entry.client === current().id);
    byId("empty").hidden = entries.length > 0;
    diagram.show(entries);
    table.show(entries);
    tick();
  }

  function tick() {
    heldKey.show(current().key());
    heldKey.tick(left(current()));
    diagram.tick(Date.now());
  }

  traffic.onRecord((entry) => {
    if (entry.kind === "sent") controls.sent(entry.client);
    else if (config.events) loadEvents();
    if (entry.client !== current().id) return;
    byId("empty").hidden = true;
    diagram.add(entry);
    table.add(entry);
    tick();
  });
  addEventListener("storage", draw);
  setInterval(tick, tickEvery);
  if (config.events) setInterval(() => document.hidden || loadEvents(), eventsEvery);

  account.greet();
  // Whoever comes by a link has read the mail.
  if (arrival.confirmed || arrival.reset || arrival.unlocked) mailbox.hide();
  else if (config.inbox) mailbox.resume();
  draw();
  if (arrival.provider) await finishProviderSignIn(page, arrival.provider);
  else if (!arrival.reset) resume();
}

start().catch(showFailure);

import { createAccount } from "./account.js";
import { readArrival } from "./arrival.js";
import { createClient } from "./clients.js";
import { loadConfig } from "./config.js";
import { createControls } from "./controls.js";
import { createDevices } from "./devices.js";
import { createDiagram } from "./diagram.js";
import { announce, byId, element } from "./dom.js";
import { createHeldKey } from "./held-key.js";
import { createMailbox } from "./mailbox.js";
import { createServerEvents } from "./server-events.js";
import { createTraffic, windowLeft } from "./traffic.js";
import { createTrafficTable } from "./traffic-table.js";
import { createTransport } from "./transport.js";

/** @typedef {import("./clients.js").Client} Client */

const tickEvery = 100;
const eventsEvery = 4000;
const chosenName = "keyturn-demo:chosen";

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
  /** @type {Map<string, Client>} */
  const clients = new Map(
    config.models.map((model) => [
      model.name,
      createClient({ id: model.name, label: model.name, model, storage: localStorage }),
    ]),
  );
  let chosen = arrival.model ?? sessionStorage.getItem(chosenName) ?? "";
  if (!clients.has(chosen)) chosen = [...clients.keys()][0] ?? "";

  const current = () => {
    const client = clients.get(chosen);
    if (!client) throw new Error("the server has no models");
    return client;
  };
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
    watchMail: (address) => (config.inbox ? mailbox.watch(address) : undefined),
    dropSession(client, why) {
      client.forget();
      if (client.id.includes(" ")) {
        clients.delete(client.id);
        if (chosen === client.id) chosen = client.model.name;
      }
      page.notice(why, "bad");
      draw();
    },
    addDevice(model) {
      const id = `${model.name} 2`;
      const device = createClient({
        id,
        label: `${model.name}, second device`,
        model,
        storage: sessionStorage,
      });
      clients.set(id, device);
      return device;
    },
    select(id) {
      chosen = id;
      sessionStorage.setItem(chosenName, id);
      page.notice("");
      draw();
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
  const loadEvents = createServerEvents(byId("events"));
  byId("events").hidden = !config.events;
  byId("inbox-link").hidden = !config.inbox;

  function draw() {
    drawChoice();
    account.draw();
    if (current().held()) mailbox.hide();
    devices.draw();
    controls.draw();
    showTraffic();
    if (config.events) loadEvents();
  }

  function drawChoice() {
    const shown = [...clients.values()].filter((client) => client.id === client.model.name || client.held());
    byId("choice").hidden = shown.length < 2;
    byId("choice").replaceChildren(
      ...shown.map((client) => {
        const attributes = {
          type: "button",
          class: "tab",
          "aria-pressed": String(client.id === chosen),
          text: client.label,
        };
        return element("button", { ...attributes, on: { click: () => page.select(client.id) } });
      }),
    );
  }

  function showTraffic() {
    const entries = traffic.entries.filter((entry) => entry.client === chosen);
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
    if (entry.client !== chosen) return;
    byId("empty").hidden = true;
    diagram.add(entry);
    table.add(entry);
    tick();
    if (entry.refusal && config.events) loadEvents();
  });
  addEventListener("storage", draw);
  setInterval(tick, tickEvery);
  if (config.events) setInterval(() => document.hidden || loadEvents(), eventsEvery);

  account.greet();
  draw();
  if (current().held() && !arrival.reset) await account.resume();
}

start().catch(showFailure);

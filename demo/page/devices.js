import { openDialog } from "./dialog.js";
import { element } from "./dom.js";
import { createForm } from "./forms.js";
import { messagesOf } from "./transport.js";

/**
 * @typedef {import("./page.js").Page} Page
 * @typedef {{ id: string, current: boolean, user_agent: string | null, address: string | null, label: string | null, created_at: string, last_seen_at: string }} Device
 */

/**
 * The list of the account's sessions. Reading it is a request like any other, so it is read when asked for.
 *
 * @param {HTMLElement} box
 * @param {Page} page
 */
export function createDevices(box, page) {
  const list = element("ul", { class: "devices" });
  const refresh = element("button", {
    type: "button",
    class: "secondary small",
    text: "Show the list",
    on: { click: () => load() },
  });
  const others = element("button", {
    type: "button",
    class: "secondary small",
    text: "End all others",
    on: { click: () => end("") },
  });
  const another = element("button", {
    type: "button",
    class: "secondary small",
    text: "Sign in on another device…",
    on: { click: () => signInElsewhere(page, load) },
  });
  box.replaceChildren(
    element("h2", { text: "Devices" }),
    list,
    element("div", { class: "buttons" }, refresh, another, others),
  );
  /** What the server last answered, for each account. @type {Map<string, Device[]>} */
  const lists = new Map();
  /** The account that each client was last seen with. @type {Map<string, string>} */
  const accounts = new Map();

  async function load() {
    const client = page.current();
    const answer = await page.send(client, { method: "GET", path: `${client.model.mountAt}/sessions` });
    if (answer.status === 401) return page.dropSession(client, "This session was ended. Sign in again.");
    const rows = answer.body?.data;
    lists.set(accountOf(client), Array.isArray(rows) ? rows : []);
    draw();
  }

  /** @param {string} id of a session; empty for all others */
  async function end(id) {
    const client = page.current();
    const path = `${client.model.mountAt}/sessions${id ? `/${encodeURIComponent(id)}` : ""}`;
    const answer = await page.send(client, { method: "DELETE", path });
    if (!answer.ok) page.notice(messagesOf(answer.body)[0] ?? "The session could not be ended.", "bad");
    else if (id === client.held()?.client) return page.dropSession(client, "This session was ended.");
    await load();
    refresh.focus();
  }

  function draw() {
    const client = page.current();
    const signedIn = client.held() !== undefined;
    box.hidden = !signedIn;
    if (signedIn) accounts.set(client.id, accountOf(client));
    else {
      // One session fewer than the list says.
      lists.delete(accounts.get(client.id) ?? "");
      accounts.delete(client.id);
    }
    const devices = signedIn ? lists.get(accountOf(client)) : undefined;
    refresh.textContent = devices ? "Refresh" : "Show the list";
    others.hidden = !devices || devices.length < 2;
    list.replaceChildren(...(devices ?? []).map((device, index) => drawDevice(device, index + 1)));
  }

  /**
   * @param {Device} device
   * @param {number} number
   */
  function drawDevice(device, number) {
    const owner = page.clientOf(device.id);
    const own = owner === page.current();
    const name = device.label || browserOf(device.user_agent);
    const begun = timeOf(device.created_at);
    const times = `Signed in ${begun}, last seen ${timeOf(device.last_seen_at)}`;
    return element(
      "li",
      {},
      element(
        "div",
        {},
        element("b", { text: name }),
        own ? element("span", { class: "tag", text: "this device" }) : undefined,
        owner && !own ? element("span", { class: "tag", text: owner.label }) : undefined,
        element("p", { class: "hint", text: device.address ? `${times}, from ${device.address}` : times }),
      ),
      element("button", {
        type: "button",
        class: "link",
        text: "End",
        "aria-label": `End session ${number}: ${own ? "this device" : (owner?.label ?? name)}, signed in ${begun}`,
        on: { click: () => end(device.id) },
      }),
    );
  }

  return { draw };
}

/** @param {import("./clients.js").Client} client */
function accountOf(client) {
  return `${client.model.name} ${client.held()?.uid}`;
}

/**
 * The time of day, with the date where it was another day.
 *
 * @param {string} moment
 */
function timeOf(moment) {
  const date = new Date(moment);
  const today = date.toDateString() === new Date().toDateString();
  return today
    ? date.toLocaleTimeString(undefined, { hour12: false })
    : date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short", hour12: false });
}

/**
 * @param {string | null} userAgent
 * @returns {string}
 */
function browserOf(userAgent) {
  const known = /(Firefox|Edg|Chrome|Safari)\/?/.exec(userAgent ?? "")?.[1];
  return { Edg: "Edge" }[known ?? ""] ?? known ?? userAgent ?? "Unknown device";
}

/**
 * A second session of the same account, independent of the first: it becomes a client of its own on this page.
 *
 * @param {Page} page
 * @param {() => Promise<void>} after
 */
function signInElsewhere(page, after) {
  const client = page.current();
  const email = String(client.user()?.email ?? "");
  openDialog("Sign in on another device", (close) => [
    createForm({
      fields: [
        {
          name: "password",
          label: `Password of ${email}`,
          type: "password",
          autocomplete: "current-password",
          required: true,
        },
      ],
      username: email,
      submit: "Sign in there",
      cancel: close,
      work: async ({ password }) => {
        const device = page.addDevice(client.model);
        const answer = await page.send(device, {
          method: "POST",
          path: `${client.model.mountAt}/sign_in`,
          body: { email, password },
          credentials: null,
          begins: true,
        });
        if (!answer.ok) return messagesOf(answer.body);
        device.setUser(answer.body?.data);
        close();
        page.changed();
        page.notice(
          `“${device.label}” has a session of its own. Choose it above to send requests from it.`,
          "good",
        );
        await after();
        return [];
      },
    }),
  ]);
}

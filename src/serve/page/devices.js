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
  let shownFor = "";

  async function load() {
    const client = page.current();
    const answer = await page.send(client, { method: "GET", path: `${client.model.mountAt}/sessions` });
    if (answer.status === 401) return page.dropSession(client, "This session was ended. Sign in again.");
    const rows = answer.body?.data ?? answer.body?.sessions ?? answer.body;
    const devices = /** @type {Device[]} */ (Array.isArray(rows) ? rows : []);
    shownFor = client.id;
    refresh.textContent = "Refresh";
    list.replaceChildren(...devices.map((device) => drawDevice(device, end)));
    others.hidden = devices.length < 2;
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

  return {
    draw() {
      const client = page.current();
      const signedIn = client.held() !== undefined;
      box.hidden = !signedIn;
      if (shownFor === client.id && signedIn) return;
      list.replaceChildren();
      others.hidden = true;
      refresh.textContent = "Show the list";
      shownFor = "";
    },
  };
}

/**
 * @param {Device} device
 * @param {(id: string) => void} end
 */
function drawDevice(device, end) {
  const seen = new Date(device.last_seen_at).toLocaleTimeString(undefined, { hour12: false });
  const name = device.label || browserOf(device.user_agent);
  return element(
    "li",
    {},
    element(
      "div",
      {},
      element("b", { text: name }),
      device.current ? element("span", { class: "tag", text: "this one" }) : undefined,
      element("p", { class: "hint", text: `${device.address ?? "address unknown"}, last seen ${seen}` }),
    ),
    element("button", {
      type: "button",
      class: "link",
      text: "End",
      "aria-label": `End the session ${name}, last seen ${seen}`,
      on: { click: () => end(device.id) },
    }),
  );
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
  const form = createForm({
    fields: [
      {
        name: "password",
        label: `Password of ${email}`,
        type: "password",
        autocomplete: "current-password",
        required: true,
      },
    ],
    submit: "Sign in there",
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
      dialog.close();
      page.changed();
      page.notice(
        `“${device.label}” has a session of its own. Choose it above to send requests from it.`,
        "good",
      );
      await after();
      return [];
    },
  });
  const dialog = element(
    "dialog",
    { "aria-labelledby": "device-title" },
    element("h2", { id: "device-title", text: "Sign in on another device" }),
    form,
    element("button", { type: "button", class: "link", text: "Cancel", on: { click: () => dialog.close() } }),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

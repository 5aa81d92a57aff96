import { createClient } from "./clients.js";

/**
 * @typedef {import("./clients.js").Client} Client
 * @typedef {import("./config.js").Model} Model
 */

const chosenName = "keyturn-demo:chosen";

/**
 * Everybody this page can act as: one client for each model, and further devices as they are signed in.
 *
 * @param {readonly Model[]} models
 * @param {string | undefined} wanted model that a link asks for
 */
export function createClientList(models, wanted) {
  /** @type {Map<string, Client>} */
  const clients = new Map();
  for (const model of models) {
    clients.set(
      model.name,
      createClient({ id: model.name, label: model.name, model, storage: localStorage }),
    );
  }
  // Devices of this tab's last visit, where the page was only loaded again.
  for (const model of models) {
    for (let number = 2; createDevice(model, number).held(); number += 1);
  }
  let chosen = wanted ?? sessionStorage.getItem(chosenName) ?? "";
  if (!clients.has(chosen)) chosen = models[0]?.name ?? "";

  /**
   * @param {Model} model
   * @param {number} number
   */
  function createDevice(model, number) {
    const id = `${model.name} ${number}`;
    const label = `${model.name}, device ${number}`;
    const device = createClient({ id, label, model, storage: sessionStorage });
    clients.set(id, device);
    return device;
  }

  return {
    /** @returns {Client} */
    current() {
      const client = clients.get(chosen);
      if (!client) throw new Error("the server has no models");
      return client;
    },
    /** @param {string} id */
    choose(id) {
      chosen = id;
      sessionStorage.setItem(chosenName, id);
    },
    /** The ones to choose from: further devices only while they are signed in. */
    shown: () =>
      [...clients.values()].filter(
        (client) => client.id === client.model.name || client.id === chosen || client.held(),
      ),
    /** @param {string} session */
    clientOf: (session) => [...clients.values()].find((client) => client.held()?.client === session),
    /** @param {Model} model */
    addDevice(model) {
      let number = 2;
      while (clients.get(`${model.name} ${number}`)?.held()) number += 1;
      return createDevice(model, number);
    },
  };
}

/**
 * What the parts of the page share. `changed` redraws what depends on the account; `notice` says a sentence at the top, an empty one nothing;
 * `watchMail` shows the mails to an address, to an empty one none; `dropSession` forgets credentials that the server no longer accepts;
 * `clientOf` is who of this page holds the session with this id.
 *
 * @typedef {{
 *   config: import("./config.js").Config,
 *   send: ReturnType<typeof import("./transport.js").createTransport>,
 *   current: () => import("./clients.js").Client,
 *   changed: () => void,
 *   notice: (sentence: string, kind?: "good" | "bad") => void,
 *   watchMail: (address: string) => void,
 *   dropSession: (client: import("./clients.js").Client, why: string) => void,
 *   clientOf: (session: string) => import("./clients.js").Client | undefined,
 *   addDevice: (model: import("./config.js").Model) => import("./clients.js").Client,
 *   select: (id: string) => void,
 * }} Page
 */

/** Where mails and redirects come back to. */
export const home = () => `${location.origin}/`;

/**
 * A field's name as a label: "nick_name" becomes "Nick name".
 *
 * @param {string} name
 * @returns {string}
 */
export function labelOf(name) {
  const words = name.replace(/[_-]+/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * What a person is called, as the demo's routes greet them.
 *
 * @param {Record<string, unknown> | undefined} user
 * @returns {string}
 */
export function nameOf(user) {
  const names = [user?.name, user?.nickname, user?.email];
  return String(names.find((name) => typeof name === "string" && name !== "") ?? "someone");
}

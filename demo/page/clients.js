import { createHolder, replaces } from "./credentials.js";
import { describeToken } from "./keys.js";

/**
 * @typedef {import("./credentials.js").Credentials} Credentials
 * @typedef {import("./keys.js").Key} Key
 *
 * One signed-in place: a model on this page, or a second device of it. Each has credentials of its own.
 * @typedef {ReturnType<typeof createClient>} Client
 */

/**
 * @param {{ id: string, label: string, model: import("./config.js").Model, storage: Storage }} options
 */
export function createClient({ id, label, model, storage }) {
  const holder = createHolder(storage, `keyturn-demo:${id}`);
  /** @type {Map<string, Key>} */
  const keys = new Map();
  /** @type {Credentials[]} */
  let past = [];
  /** The account as the server last showed it. @type {Record<string, unknown> | undefined} */
  let user;

  /** @param {Credentials} credentials */
  function remember(credentials) {
    const known = keys.get(credentials["access-token"]);
    if (known) return known;
    const key = describeToken(credentials["access-token"], keys.size + 1);
    keys.set(credentials["access-token"], key);
    past.push(credentials);
    return key;
  }

  function heldNow() {
    const held = holder.read();
    if (held) remember(held);
    return held;
  }

  return {
    id,
    label,
    model,
    remember,
    held: heldNow,
    /** @returns {Key | undefined} */
    key() {
      const held = heldNow();
      return held && keys.get(held["access-token"]);
    },
    /**
     * Takes the credentials of an answer if they are not older than the ones held.
     *
     * @param {Credentials} received
     * @returns {boolean}
     */
    keep(received) {
      remember(received);
      if (!replaces(received, heldNow())) return false;
      holder.write(received);
      return true;
    },
    /**
     * Begins a session: signing in replaces whatever was held.
     *
     * @param {Credentials} received
     */
    begin(received) {
      keys.clear();
      past = [];
      holder.write(received);
      remember(received);
    },
    forget() {
      holder.clear();
      keys.clear();
      past = [];
      user = undefined;
    },
    /**
     * The newest token that was replaced at least `steps` times.
     *
     * @param {number} steps
     * @returns {Credentials | undefined}
     */
    replaced(steps) {
      return past[past.length - 1 - steps];
    },
    user: () => user,
    /** @param {unknown} shown */
    setUser(shown) {
      if (shown && typeof shown === "object") user = { ...shown };
    },
  };
}

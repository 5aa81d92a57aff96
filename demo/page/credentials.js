/**
 * A set of credentials, as it travels: one header for each part.
 *
 * @typedef {{ "access-token": string, "token-type": string, client: string, expiry: string, uid: string }} Credentials
 */

/** @type {readonly (keyof Credentials)[]} */
const parts = ["access-token", "token-type", "client", "expiry", "uid"];

/**
 * Reads the credentials of an answer: all five parts, or none. A blank part counts as missing: that is how a server says
 * "keep what you have" (`batchResponses: "omit"`).
 *
 * @param {(name: string) => string | null} get reads one header or parameter
 * @param {Record<string, string>} names the header's name for each part
 * @returns {Credentials | undefined}
 */
export function readCredentials(get, names) {
  const values = parts.map((part) => [part, (get(names[part] ?? part) ?? "").trim()]);
  if (values.some(([, value]) => value === "")) return undefined;
  return /** @type {Credentials} */ (Object.fromEntries(values));
}

/**
 * The headers that present these credentials.
 *
 * @param {Credentials} credentials
 * @param {Record<string, string>} names
 * @returns {Record<string, string>}
 */
export function writeCredentials(credentials, names) {
  return Object.fromEntries(parts.map((part) => [names[part] ?? part, credentials[part]]));
}

/**
 * Whether an answer's credentials replace the ones held. Answers may overtake each other, and `expiry` rises with each
 * rotation: an older expiry is an older token. Those of another session never replace this one's.
 *
 * @param {Credentials} received
 * @param {Credentials | undefined} held
 * @returns {boolean}
 */
export function replaces(received, held) {
  if (!held || held.client !== received.client) return false;
  return Number(received.expiry) >= Number(held.expiry);
}

/**
 * Keeps one set of credentials in a storage of the browser; works without one (private windows may refuse it).
 *
 * @param {Storage} storage
 * @param {string} name
 */
export function createHolder(storage, name) {
  /** @type {string | null} */
  let spare = null;
  return {
    /** @returns {Credentials | undefined} */
    read() {
      const text = spare ?? attempt(() => storage.getItem(name));
      if (!text) return undefined;
      const kept = attempt(() => JSON.parse(text));
      return readCredentials((part) => (typeof kept?.[part] === "string" ? kept[part] : null), {});
    },
    /** @param {Credentials} credentials */
    write(credentials) {
      const text = JSON.stringify(credentials);
      const stored = attempt(() => {
        storage.setItem(name, text);
        return true;
      });
      spare = stored ? null : text;
    },
    clear() {
      spare = null;
      attempt(() => storage.removeItem(name));
    },
  };
}

/**
 * @template Result
 * @param {() => Result} work
 * @returns {Result | null}
 */
function attempt(work) {
  try {
    return work();
  } catch {
    return null;
  }
}

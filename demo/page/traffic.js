/**
 * @typedef {import("./keys.js").Key} Key
 *
 * One thing that happened on the wire. `at` and `took` are in milliseconds. `fresh`: this answer replaced the key held.
 * @typedef {{
 *   kind: "sent" | "answered" | "lost" | "failed", client: string, at: number, method: string, path: string,
 *   key: Key | undefined, status?: number, took?: number, fresh?: boolean, refusal?: string,
 * }} Entry
 */

/** Every request and answer of this page, in the order they happened. */
export function createTraffic() {
  /** @type {Entry[]} */
  const entries = [];
  /** @type {Set<(entry: Entry) => void>} */
  const listeners = new Set();
  return {
    entries,
    /** @param {Entry} entry */
    record(entry) {
      entries.push(entry);
      for (const listener of listeners) listener(entry);
    },
    /** @param {(entry: Entry) => void} listener */
    onRecord(listener) {
      listeners.add(listener);
    },
  };
}

/**
 * One entry as a sentence.
 *
 * @param {Entry} entry
 * @returns {string}
 */
export function describeEntry(entry) {
  const token = entry.key ? `token ${entry.key.number}` : "no token";
  if (entry.kind === "sent") return `Client sends ${entry.method} ${entry.path} with ${token}`;
  if (entry.kind === "failed") return `${entry.method} ${entry.path}: no answer`;
  if (entry.kind === "lost") return `Answer ${entry.status} was thrown away before it was read`;
  const brought = entry.fresh ? `a new one, ${token}` : token;
  if (entry.refusal)
    return `Server refuses: ${entry.status}, ${entry.refusal}${entry.key ? `; with ${brought}` : ""}`;
  return `Server answers ${entry.status} with ${brought}`;
}

/**
 * How long the newest token's window stays open, in milliseconds: while it is, the token before it is good as well and nothing
 * rotates. Measured from the answer, so up to one answer's travelling time behind the server.
 *
 * @param {readonly Entry[]} entries
 * @param {string} client
 * @param {number} length of a window
 * @param {number} now
 * @returns {number}
 */
export function windowLeft(entries, client, length, now) {
  const opened = entries.findLast((entry) => entry.client === client && entry.fresh);
  return opened ? Math.max(0, opened.at + length - now) : 0;
}

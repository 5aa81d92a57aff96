import { element } from "./dom.js";
import { describeEntry } from "./traffic.js";

/** @typedef {import("./traffic.js").Entry} Entry */

const mostLines = 300;

/**
 * The diagram's traffic as a table, newest last: for screen readers, and for whoever prefers to read.
 *
 * @param {HTMLElement} body the table's `tbody`
 */
export function createTrafficTable(body) {
  /** @param {Entry} entry */
  function add(entry) {
    body.append(
      element(
        "tr",
        {},
        element("td", { text: new Date(entry.at).toLocaleTimeString(undefined, { hour12: false }) }),
        element("td", { text: describeEntry(entry) }),
      ),
    );
    if (body.children.length > mostLines) body.firstElementChild?.remove();
  }
  return {
    add,
    /** @param {readonly Entry[]} entries */
    show(entries) {
      body.replaceChildren();
      for (const entry of entries.slice(-mostLines)) add(entry);
    },
  };
}

import { element } from "./dom.js";
import { keyChip } from "./keys.js";

/**
 * @typedef {import("./traffic.js").Entry} Entry
 *
 * @typedef {{ entry: Entry, count: number, row: HTMLElement, arrows: HTMLElement, times: HTMLElement, took: HTMLElement, slowest: number }} Row
 */

const mostArrows = 40;
const mostRows = 300;

/**
 * The sequence diagram: a row for each request and answer, in the order they happened, and a band for each window.
 *
 * @param {{ body: HTMLElement, scroller: HTMLElement, windowLength: number }} options `windowLength` in milliseconds
 */
export function createDiagram({ body, scroller, windowLength }) {
  /** @type {Row | undefined} */
  let last;
  /** @type {{ box: HTMLElement, label: HTMLElement, number: number, ends: number } | undefined} */
  let band;
  /** @type {number | undefined} */
  let heldHue;

  /** @param {Entry} entry */
  function add(entry) {
    closeBand(entry.at);
    if (entry.fresh) openBand(entry);
    if (entry.key && entry.kind === "answered") heldHue = entry.key.hue;
    if (last && !entry.fresh && alike(last.entry, entry)) repeat(last, entry);
    else {
      last = drawRow(entry);
      if (heldHue !== undefined) last.row.style.setProperty("--held", String(heldHue));
      (band?.box ?? body).append(last.row);
    }
    while (body.children.length > mostRows) body.firstElementChild?.remove();
  }

  /** @param {Entry} entry */
  function openBand(entry) {
    if (band) endBand();
    if (windowLength === 0 || !entry.key) return;
    const held = heldHue === undefined ? {} : { "--held": heldHue };
    const label = element("p", { class: "band-label", vars: held });
    const box = element(
      "div",
      { class: "band open", vars: { "--hue": entry.key.hue, "--band": entry.key.hue } },
      label,
    );
    band = { box, label, number: entry.key.number, ends: entry.at + windowLength };
    last = undefined;
    body.append(box);
  }

  /** @param {number} now */
  function closeBand(now) {
    if (band && now >= band.ends) endBand();
  }

  function endBand() {
    if (!band) return;
    band.label.textContent = `Window of token ${band.number}: ${seconds(windowLength)}, over`;
    band.box.classList.remove("open");
    band = undefined;
    last = undefined;
  }

  /** @param {() => void} change */
  function keepingSight(change) {
    const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
    change();
    if (atEnd) scroller.scrollTop = scroller.scrollHeight;
  }

  return {
    /** @param {readonly Entry[]} entries */
    show(entries) {
      body.replaceChildren();
      last = band = heldHue = undefined;
      for (const entry of entries) add(entry);
      scroller.scrollTop = scroller.scrollHeight;
    },
    /** @param {Entry} entry */
    add: (entry) => keepingSight(() => add(entry)),
    /** @param {number} now */
    tick(now) {
      closeBand(now);
      if (band) band.label.textContent = `Window of token ${band.number}: ${seconds(band.ends - now)} left`;
    },
  };
}

/**
 * Seconds with one decimal, as in "4.2 s".
 *
 * @param {number} milliseconds
 * @returns {string}
 */
export function seconds(milliseconds) {
  return `${(Math.max(0, milliseconds) / 1000).toFixed(1).replace(/\.0$/, "")} s`;
}

/**
 * @param {Entry} entry
 * @returns {Row}
 */
function drawRow(entry) {
  const times = element("b", { class: "times" });
  const took = element("span", { class: "took", text: entry.took === undefined ? "" : `${entry.took} ms` });
  const arrows = element("div", { class: "arrows" }, element("i", { class: "arrow" }));
  const label = element("div", { class: "row-label" }, ...labelParts(entry, times, took));
  const variables = entry.key ? { "--hue": entry.key.hue } : {};
  const kind = entry.refusal ? "answered refused" : entry.kind;
  const row = element(
    "div",
    { class: `row ${kind}${entry.key ? "" : " plain"}`, vars: variables },
    label,
    arrows,
  );
  return { entry, count: 1, row, arrows, times, took, slowest: entry.took ?? 0 };
}

/**
 * @param {Entry} entry
 * @param {HTMLElement} times
 * @param {HTMLElement} took
 * @returns {HTMLElement[]}
 */
function labelParts(entry, times, took) {
  const chip = entry.key ? [keyChip(entry.key, { fresh: entry.fresh === true })] : [];
  if (entry.kind === "sent") {
    const what = element("span", { class: "what" }, element("b", { text: entry.method }), ` ${entry.path}`);
    return [
      what,
      times,
      ...(chip.length > 0 ? chip : [element("span", { class: "none", text: "no token" })]),
    ];
  }
  if (entry.kind === "failed") return [element("span", { class: "what", text: "No answer" }), times];
  const status = element(
    "span",
    { class: "status" },
    element("b", { text: String(entry.status) }),
    times,
    took,
  );
  if (entry.kind === "lost")
    return [element("span", { class: "none", text: "answer lost on the way" }), status];
  // A request whose token was good brings the next one even where what it asked for is refused.
  if (entry.refusal) return [...chip, element("span", { class: "reason", text: entry.refusal }), status];
  return [chip[0] ?? element("span", { class: "none", text: "no token" }), status];
}

/**
 * @param {Row} row
 * @param {Entry} entry
 */
function repeat(row, entry) {
  row.count += 1;
  row.times.textContent = `× ${row.count}`;
  row.slowest = Math.max(row.slowest, entry.took ?? 0);
  if (entry.took !== undefined) row.took.textContent = `≤ ${row.slowest} ms`;
  if (row.count <= mostArrows) row.arrows.append(element("i", { class: "arrow" }));
}

/**
 * Whether two entries can share a row: the same arrow, drawn once more.
 *
 * @param {Entry} one
 * @param {Entry} other
 * @returns {boolean}
 */
function alike(one, other) {
  return (
    one.kind === other.kind &&
    one.method === other.method &&
    one.path === other.path &&
    one.key === other.key &&
    one.status === other.status &&
    one.refusal === other.refusal
  );
}

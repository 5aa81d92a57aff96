import { element, svg } from "./dom.js";

/**
 * What the page shows of a token: its number in the order this page saw them, a hue, its last characters, and the cuts of a key.
 *
 * @typedef {{ number: number, hue: number, short: string, cuts: readonly number[] }} Key
 */

/** Hues of successive keys, in degrees: neighbours far apart, and none near the red of a refusal. */
const hues = [255, 155, 310, 75, 205, 335, 125];

/**
 * @param {string} token
 * @param {number} number
 * @returns {Key}
 */
export function describeToken(token, number) {
  const end = token.replace(/[^A-Za-z0-9]/g, "").slice(-8);
  return {
    number,
    hue: hues[(number - 1) % hues.length] ?? 255,
    short: `…${end.slice(-5)}`,
    cuts: [...end].map((character) => character.charCodeAt(0) % 5),
  };
}

/**
 * A key whose teeth are cut from the token, so that two tokens differ in more than their colour.
 *
 * @param {Key} key
 * @returns {SVGElement}
 */
export function drawKey(key) {
  const width = 5;
  const end = 20 + key.cuts.length * width;
  const teeth = key.cuts.map((cut) => `V${12 + cut} h-${width}`).join(" ");
  return svg(
    "svg",
    { viewBox: `0 0 ${end + 6} 20`, class: "key-shape", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: `M14,7 H${end} l5,3 l-5,2 ${teeth} V12 H14 Z` }),
    svg("path", {
      d: "M9,1 a8.5,8.5 0 1,0 0.01,0 Z M6.5,7 a2.5,2.5 0 1,1 -0.01,0 Z",
      "fill-rule": "evenodd",
    }),
  );
}

/**
 * The key with its number and last characters.
 *
 * @param {Key} key
 * @param {{ fresh?: boolean }} [options] fresh: it has just replaced another
 * @returns {HTMLElement}
 */
export function keyChip(key, options = {}) {
  return element(
    "span",
    { class: options.fresh ? "chip fresh" : "chip", vars: { "--hue": key.hue } },
    drawKey(key),
    element("b", { text: String(key.number) }),
    element("code", { text: key.short }),
  );
}

import { seconds } from "./diagram.js";
import { element } from "./dom.js";
import { drawKey } from "./keys.js";

/** @typedef {import("./keys.js").Key} Key */

/**
 * The token that the client holds, drawn large as a key; it turns when it is replaced.
 *
 * @param {HTMLElement} box
 * @param {{ windowLength: number, rotates: boolean }} options `windowLength` in milliseconds
 */
export function createHeldKey(box, { windowLength, rotates }) {
  const drawing = element("div", { class: "held-drawing" });
  const title = element("p", { class: "held-title" });
  const detail = element("p", { class: "held-detail" });
  const meter = element("div", { class: "meter", "aria-hidden": "true" }, element("i"));
  box.replaceChildren(drawing, element("div", { class: "held-text" }, title, detail, meter));
  /** @type {Key | undefined} */
  let shown;

  /** @param {number} left of the window, in milliseconds */
  function explain(left) {
    if (!shown) return "Each request will show a token and bring back the next one.";
    if (!rotates) return "This server does not replace the token with each request.";
    if (windowLength === 0) return "No window: the next request brings a new token at once.";
    if (left > 0) return `Window open for ${seconds(left)}: requests share this token.`;
    return "Window over: the next request brings a new token.";
  }

  return {
    /** @param {Key | undefined} key */
    show(key) {
      if (key === shown && drawing.childElementCount > 0) return;
      const turned = shown !== undefined && key !== undefined;
      shown = key;
      box.classList.toggle("vacant", key === undefined);
      if (key) box.style.setProperty("--hue", String(key.hue));
      const picture = drawKey(key ?? { number: 0, hue: 0, short: "", cuts: [2, 4, 1, 3, 0, 2, 4, 1] });
      if (turned) picture.classList.add("turning");
      drawing.replaceChildren(picture);
      title.replaceChildren(
        ...(key
          ? [element("b", { text: `Token ${key.number}` }), element("code", { text: key.short })]
          : ["No token yet"]),
      );
    },
    /** @param {number} left of the window, in milliseconds */
    tick(left) {
      detail.textContent = explain(left);
      meter.style.setProperty("--left", windowLength === 0 ? "0" : String(left / windowLength));
    },
  };
}

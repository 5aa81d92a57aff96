import { element } from "./dom.js";

let opened = 0;

/**
 * Opens a dialog with a title. What `content` returns is its body; it ends in a `dialogButtons` pair.
 *
 * @param {string} title
 * @param {(close: () => void) => Node[]} content
 */
export function openDialog(title, content) {
  opened += 1;
  const id = `dialog-${opened}-title`;
  const dialog = element("dialog", { "aria-labelledby": id }, element("h2", { id, text: title }));
  dialog.append(...content(() => dialog.close()));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * The way out and the deed, side by side.
 *
 * @param {{ text: string, press: () => void }} cancel
 * @param {HTMLButtonElement} deed
 * @returns {HTMLElement}
 */
export function dialogButtons(cancel, deed) {
  const out = element("button", {
    type: "button",
    class: "secondary",
    text: cancel.text,
    on: { click: cancel.press },
  });
  return element("div", { class: "dialog-buttons" }, out, deed);
}

import { dialogButtons } from "./dialog.js";
import { element } from "./dom.js";

/**
 * @typedef {{
 *   name: string, label: string, type?: string, autocomplete?: string, value?: string, required?: boolean,
 *   hint?: string,
 * }} Field
 *
 * What a form's work hands back: messages to show at the form, with what helps against them, or none when all went well.
 * @typedef {readonly (string | HTMLElement)[]} Messages
 */

let made = 0;

/**
 * A form with labels, one button, and a place for what went wrong. While its work runs the button is off. `username` tells
 * password managers whose password is asked for, where no field does. `cancel` makes it the form of a dialog.
 *
 * @param {{
 *   fields: readonly Field[], submit: string, work: (values: Record<string, string>) => Promise<Messages>,
 *   username?: string, cancel?: () => void,
 * }} options
 * @returns {HTMLFormElement}
 */
export function createForm({ fields, submit, work, username, cancel }) {
  made += 1;
  const prefix = `form-${made}`;
  const button = element("button", { type: "submit", class: "primary", text: submit });
  const problems = element("div", { class: "problems", role: "alert", id: `${prefix}-problems` });
  const form = element(
    "form",
    { class: "stacked" },
    username ? drawUsername(username) : undefined,
    ...fields.map((field) => drawField(prefix, field)),
    problems,
    cancel ? dialogButtons({ text: "Cancel", press: cancel }, button) : button,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    problems.replaceChildren();
    const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    const messages = await work(values).catch((error) => [String(error?.message ?? error)]);
    button.disabled = false;
    problems.replaceChildren(
      ...messages.map((message) => (typeof message === "string" ? element("p", { text: message }) : message)),
    );
  });
  return form;
}

/**
 * Without a name, so that it is not sent.
 *
 * @param {string} username
 */
function drawUsername(username) {
  return element("input", {
    type: "text",
    autocomplete: "username",
    value: username,
    readonly: true,
    hidden: true,
  });
}

/**
 * @param {string} prefix
 * @param {Field} field
 * @returns {HTMLElement}
 */
function drawField(prefix, field) {
  const id = `${prefix}-${field.name}`;
  const input = element("input", {
    id,
    name: field.name,
    type: field.type ?? "text",
    autocomplete: field.autocomplete ?? "off",
    value: field.value,
    required: field.required ?? false,
    "aria-describedby": field.hint ? `${id}-hint` : undefined,
    ...(field.type === "email" || field.type === "password"
      ? { autocapitalize: "none", spellcheck: "false" }
      : {}),
  });
  return element(
    "div",
    { class: "field" },
    element("label", { for: id, text: field.label }),
    input,
    field.hint ? element("p", { class: "hint", id: `${id}-hint`, text: field.hint }) : undefined,
  );
}

import { dialogButtons, openDialog } from "./dialog.js";
import { element } from "./dom.js";
import { createForm } from "./forms.js";
import { home, labelOf, nameOf } from "./page.js";
import { messagesOf } from "./transport.js";

/** @typedef {import("./page.js").Page} Page */

/** Types of field that have an input of their own; others are left to the program. @type {Record<string, string>} */
const inputTypes = { string: "text", number: "number", integer: "number" };

/**
 * The account panel of somebody who is signed in.
 *
 * @param {Page} page
 * @returns {HTMLElement}
 */
export function drawSignedIn(page) {
  const client = page.current();
  const user = client.user();
  const fields = client.model.fields.filter((field) => field.onAccountUpdate && inputTypes[field.type]);
  const name = nameOf(user);
  const email = String(user?.email ?? "");
  return element(
    "div",
    {},
    element("h2", { text: name }),
    element("p", {
      class: "hint",
      text:
        name === email ? `Signed in as ${client.model.name}` : `${email}, signed in as ${client.model.name}`,
    }),
    element("button", {
      type: "button",
      class: "secondary wide",
      text: "Sign out",
      on: { click: () => signOut(page) },
    }),
    fields.length > 0 ? fold("Change details", detailsForm(page, fields)) : undefined,
    fold("Change password", passwordForm(page)),
    fold("Change e-mail", emailForm(page)),
    fold("Delete account", deletion(page)),
  );
}

/**
 * @param {string} title
 * @param {HTMLElement} content
 */
function fold(title, content) {
  return element("details", { class: "fold" }, element("summary", { text: title }), content);
}

/**
 * @param {Page} page
 * @param {import("./config.js").Model["fields"]} fields
 */
function detailsForm(page, fields) {
  const user = page.current().user();
  return createForm({
    fields: fields.map(({ name, type }) => ({
      name,
      label: labelOf(name),
      type: inputTypes[type] ?? "text",
      value: String(user?.[name] ?? ""),
    })),
    submit: "Save",
    work: (values) => update(page, withoutBlanks(values, fields), "Your details were saved."),
  });
}

/**
 * An emptied number is no number, not an empty text.
 *
 * @param {Record<string, string>} values
 * @param {import("./config.js").Field[]} fields
 * @returns {Record<string, string | null>}
 */
function withoutBlanks(values, fields) {
  const numeric = new Set(fields.filter((field) => field.type !== "string").map((field) => field.name));
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, numeric.has(name) && value === "" ? null : value]),
  );
}

/** @param {Page} page */
function emailForm(page) {
  return createForm({
    fields: [
      { name: "email", label: "New e-mail", type: "email", autocomplete: "email", required: true },
      {
        name: "current_password",
        label: "Current password",
        type: "password",
        autocomplete: "current-password",
        required: true,
      },
    ],
    username: String(page.current().user()?.email ?? ""),
    submit: "Change the e-mail",
    work: async (values) => {
      const { model } = page.current();
      const said = model.confirmable
        ? "A confirmation link went to the new address. The change takes effect when it is visited."
        : "The e-mail was changed.";
      const messages = await update(page, { ...values, redirect_url: home() }, said);
      if (messages.length === 0) page.watchMail(values.email ?? "");
      return messages;
    },
  });
}

/** @param {Page} page */
function passwordForm(page) {
  return createForm({
    fields: [
      {
        name: "current_password",
        label: "Current password",
        type: "password",
        autocomplete: "current-password",
        required: true,
      },
      {
        name: "password",
        label: "New password",
        type: "password",
        autocomplete: "new-password",
        required: true,
      },
      {
        name: "password_confirmation",
        label: "Once more",
        type: "password",
        autocomplete: "new-password",
        required: true,
      },
    ],
    username: String(page.current().user()?.email ?? ""),
    submit: "Change the password",
    work: async (values) => {
      const client = page.current();
      const answer = await page.send(client, {
        method: "PUT",
        path: `${client.model.mountAt}/password`,
        body: values,
      });
      if (!answer.ok) return messagesOf(answer.body);
      page.notice(
        `${answer.body?.message ?? "The password was changed."} Other devices were signed out.`,
        "good",
      );
      page.changed();
      return [];
    },
  });
}

/**
 * @param {Page} page
 * @param {Record<string, unknown>} values
 * @param {string} said
 */
async function update(page, values, said) {
  const client = page.current();
  const answer = await page.send(client, { method: "PUT", path: client.model.mountAt, body: values });
  if (!answer.ok) return messagesOf(answer.body);
  client.setUser(answer.body?.data);
  page.notice(said, "good");
  page.changed();
  return [];
}

/** @param {Page} page */
async function signOut(page) {
  const client = page.current();
  await page.send(client, { method: "DELETE", path: `${client.model.mountAt}/sign_out` });
  page.dropSession(client, "Signed out. The token is worth nothing any more.");
}

/** @param {Page} page */
function deletion(page) {
  const remove = async () => {
    const client = page.current();
    const answer = await page.send(client, { method: "DELETE", path: client.model.mountAt });
    if (answer.ok) page.dropSession(client, "The account was deleted, with all its sessions.");
    else page.notice(messagesOf(answer.body)[0] ?? "The account is still there.", "bad");
  };
  const ask = () =>
    openDialog("Delete this account?", (close) => {
      const confirm = element("button", { type: "button", class: "danger", text: "Delete the account" });
      confirm.addEventListener("click", () => {
        close();
        remove();
      });
      return [
        element("p", { text: "The account and all its sessions go at once. There is no way back." }),
        dialogButtons({ text: "Cancel", press: close }, confirm),
      ];
    });
  return element("button", {
    type: "button",
    class: "danger",
    text: "Delete the account…",
    on: { click: ask },
  });
}

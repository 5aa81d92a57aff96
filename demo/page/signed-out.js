import { element } from "./dom.js";
import { createForm } from "./forms.js";
import { home, labelOf } from "./page.js";
import { drawProviders } from "./providers.js";
import { messagesOf } from "./transport.js";

/**
 * @typedef {import("./page.js").Page} Page
 * @typedef {"sign-in" | "register" | "forgot"} View
 */

const titles = { "sign-in": "Sign in", register: "Register", forgot: "Forgot the password" };

/** The address last typed, so that it need not be typed again. */
export const lastEmail = { value: sessionStorage.getItem("keyturn-demo:email") ?? "" };

/** @param {string} email */
function keepEmail(email) {
  lastEmail.value = email;
  sessionStorage.setItem("keyturn-demo:email", email);
}

/**
 * The account panel of somebody who is not signed in.
 *
 * @param {Page} page
 * @param {View} view
 * @param {(view: View) => void} turnTo
 * @returns {HTMLElement}
 */
export function drawSignedOut(page, view, turnTo) {
  const { model } = page.current();
  const forms = { "sign-in": signInForm, register: registerForm, forgot: forgotForm };
  const views = /** @type {View[]} */ (["sign-in", "register", "forgot"]);
  const others = views.filter((name) => name !== view && (name !== "register" || model.registration));
  const note = model.confirmable
    ? "Registering sends a mail with a confirmation link. It arrives in the built-in inbox."
    : `The model "${model.name}" needs no confirmation: registering signs in at once.`;
  return element(
    "div",
    {},
    element("h2", { text: `${titles[view]} as ${model.name}` }),
    view === "register" ? element("p", { class: "hint", text: note }) : undefined,
    forms[view](page, turnTo),
    drawProviders(page),
    element(
      "p",
      { class: "switches" },
      ...others.map((name) =>
        element("button", {
          type: "button",
          class: "link",
          text: titles[name],
          on: { click: () => turnTo(name) },
        }),
      ),
    ),
  );
}

/** The address, as it was typed last. */
function emailField() {
  return {
    name: "email",
    label: "E-mail",
    type: "email",
    autocomplete: "username",
    value: lastEmail.value,
    required: true,
  };
}

/** @param {Page} page */
function signInForm(page) {
  return createForm({
    fields: [
      emailField(),
      {
        name: "password",
        label: "Password",
        type: "password",
        autocomplete: "current-password",
        required: true,
      },
    ],
    submit: "Sign in",
    work: async ({ email = "", password }) => {
      const client = page.current();
      keepEmail(email);
      const path = `${client.model.mountAt}/sign_in`;
      const answer = await page.send(client, {
        method: "POST",
        path,
        body: { email, password },
        credentials: null,
        begins: true,
      });
      if (!answer.ok) return explainSignIn(page, email, answer);
      client.setUser(answer.body?.data);
      page.notice("");
      page.watchMail("");
      page.changed();
      return [];
    },
  });
}

/**
 * The server names the address only to whoever knew the password of an account that is not confirmed.
 *
 * @param {Page} page
 * @param {string} email
 * @param {import("./transport.js").Answer} answer
 * @returns {import("./forms.js").Messages}
 */
function explainSignIn(page, email, answer) {
  const messages = messagesOf(answer.body);
  const { model } = page.current();
  const named = messages.some((message) => message.toLowerCase().includes(email.trim().toLowerCase()));
  if (answer.status !== 401 || !model.confirmable || !named) return messages;
  page.watchMail(email);
  const again = element("button", {
    type: "button",
    class: "secondary small",
    text: "Send the link again",
    on: { click: () => sendConfirmation(page, email) },
  });
  const inbox = element("a", {
    href: `/inbox?to=${encodeURIComponent(email.trim())}`,
    text: "See the inbox",
  });
  const help = element("p", { class: "remedies" }, again, page.config.inbox ? inbox : undefined);
  return [...messages, help];
}

/**
 * @param {Page} page
 * @param {string} email
 */
async function sendConfirmation(page, email) {
  const client = page.current();
  const answer = await page.send(client, {
    method: "POST",
    path: `${client.model.mountAt}/confirmation`,
    body: { email, redirect_url: home() },
    credentials: null,
  });
  if (!answer.ok) return page.notice(messagesOf(answer.body)[0] ?? "The mail could not be sent.", "bad");
  page.notice(String(answer.body?.message ?? "A mail was sent."), "good");
  page.watchMail(email);
}

/**
 * @param {Page} page
 * @param {(view: View) => void} turnTo
 */
function registerForm(page, turnTo) {
  const { model } = page.current();
  const asked = model.fields.filter((field) => field.onSignUp && (field.required || field.name === "name"));
  return createForm({
    fields: [
      ...asked.map(({ name, required }) => ({ name, label: labelOf(name), autocomplete: name, required })),
      emailField(),
      {
        name: "password",
        label: "Password",
        type: "password",
        autocomplete: "new-password",
        required: true,
        hint: `At least ${page.config.passwordMinLength} characters`,
      },
    ],
    submit: "Register",
    work: async (values) => {
      const client = page.current();
      const email = values.email ?? "";
      keepEmail(email);
      const body = { ...values, password_confirmation: values.password, confirm_success_url: home() };
      const answer = await page.send(client, {
        method: "POST",
        path: model.mountAt,
        body,
        credentials: null,
        begins: true,
      });
      if (!answer.ok) return messagesOf(answer.body);
      if (answer.credentials) {
        client.setUser(answer.body?.data);
        page.notice("");
        page.watchMail("");
        page.changed();
        return [];
      }
      page.notice(`A mail with a confirmation link was sent to ${email}. Open it below.`, "good");
      page.watchMail(email);
      turnTo("sign-in");
      return [];
    },
  });
}

/** @param {Page} page */
function forgotForm(page) {
  return createForm({
    fields: [emailField()],
    submit: "Send me a link",
    work: async ({ email = "" }) => {
      const client = page.current();
      keepEmail(email);
      const answer = await page.send(client, {
        method: "POST",
        path: `${client.model.mountAt}/password`,
        body: { email, redirect_url: home(), config_name: client.model.name },
        credentials: null,
      });
      if (!answer.ok) return messagesOf(answer.body);
      page.notice(String(answer.body?.message ?? "A mail was sent."), "good");
      page.watchMail(email);
      return [];
    },
  });
}

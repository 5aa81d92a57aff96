import { element } from "./dom.js";
import { createForm } from "./forms.js";
import { lastEmail } from "./signed-out.js";
import { messagesOf } from "./transport.js";

/**
 * The form that a reset link leads to. What the link brought can only set the password; signing in is what follows.
 *
 * @param {import("./page.js").Page} page
 * @param {NonNullable<import("./arrival.js").Arrival["reset"]>} reset
 * @param {() => void} finished
 * @returns {HTMLElement}
 */
export function drawNewPassword(page, reset, finished) {
  const form = createForm({
    fields: [
      {
        name: "password",
        label: "New password",
        type: "password",
        autocomplete: "new-password",
        required: true,
        hint: `At least ${page.config.passwordMinLength} characters`,
      },
      {
        name: "password_confirmation",
        label: "Once more",
        type: "password",
        autocomplete: "new-password",
        required: true,
      },
    ],
    username: reset.credentials?.uid ?? lastEmail.value,
    submit: "Set the password",
    work: async (values) => {
      const client = page.current();
      const answer = await page.send(client, {
        method: "PUT",
        path: `${client.model.mountAt}/password`,
        body: { ...values, ...(reset.token ? { reset_password_token: reset.token } : {}) },
        credentials: reset.credentials ?? null,
        begins: true,
      });
      if (!answer.ok) return messagesOf(answer.body);
      if (answer.credentials) client.setUser(answer.body?.data);
      page.notice(`${answer.body?.message ?? "The password was set."}`, "good");
      finished();
      return [];
    },
  });
  return element(
    "div",
    {},
    element("h2", { text: "Set a new password" }),
    element("p", {
      class: "hint",
      text: "The link from the mail was accepted. What it brought is out of the address bar again.",
    }),
    form,
  );
}

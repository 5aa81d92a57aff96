import { byId, keepFocus } from "./dom.js";
import { drawNewPassword } from "./new-password.js";
import { drawSignedIn } from "./signed-in.js";
import { drawSignedOut, lastEmail } from "./signed-out.js";

/**
 * The account panel: who is signed in, or how to become it.
 *
 * @param {HTMLElement} box
 * @param {import("./page.js").Page} page
 * @param {import("./arrival.js").Arrival} arrival
 */
export function createAccount(box, page, arrival) {
  let reset = arrival.reset;
  /** @type {import("./signed-out.js").View} */
  let view = arrival.confirmed !== undefined || lastEmail.value ? "sign-in" : "register";
  let drawn = "";
  let wasSignedIn = false;

  function draw() {
    const client = page.current();
    const signedIn = client.held() !== undefined;
    if (view === "register" && !client.model.registration) view = "sign-in";
    const state = JSON.stringify([client.id, signedIn, view, reset !== undefined, client.user() ?? null]);
    // What was typed into a form stays there while nothing about the account has changed.
    if (state === drawn) return;
    drawn = state;
    const hadFocus = box.contains(document.activeElement);
    box.replaceChildren(panel(signedIn));
    if (hadFocus) keepFocus(box, "h2");
    // On a phone the token stands above the account once there is one.
    if (hadFocus && signedIn !== wasSignedIn)
      byId(signedIn ? "held" : "account").scrollIntoView({ block: "nearest" });
    wasSignedIn = signedIn;
  }

  /** @param {boolean} signedIn */
  function panel(signedIn) {
    if (reset) return drawNewPassword(page, reset, finishReset);
    return signedIn ? drawSignedIn(page) : drawSignedOut(page, view, turnTo);
  }

  function finishReset() {
    reset = undefined;
    view = "sign-in";
    page.changed();
  }

  /** @param {import("./signed-out.js").View} next */
  function turnTo(next) {
    view = next;
    draw();
    const first =
      [...box.querySelectorAll("input")].find((input) => input.value === "") ?? box.querySelector("input");
    first?.focus();
  }

  return {
    draw,
    /** Says what the link in a mail has done. */
    greet() {
      if (arrival.confirmed === true) page.notice("The address is confirmed. Sign in now.", "good");
      if (arrival.confirmed === false)
        page.notice("That confirmation link is not valid, or no longer.", "bad");
      if (arrival.resetFailed)
        page.notice("That link for a new password is not valid, or no longer. Ask for another.", "bad");
      if (arrival.unlocked !== undefined)
        page.notice(
          arrival.unlocked ? "The account is unlocked." : "That link is not valid.",
          arrival.unlocked ? "good" : "bad",
        );
    },
    /** Asks the server whether the credentials kept from last time are still good. */
    async resume() {
      const client = page.current();
      const answer = await page.send(client, {
        method: "GET",
        path: `${client.model.mountAt}/validate_token`,
      });
      if (answer.status === 401)
        page.dropSession(client, "The session from last time is over. Sign in again.");
      else client.setUser(answer.body?.data);
      page.changed();
    },
  };
}

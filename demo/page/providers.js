import { element } from "./dom.js";
import { home } from "./page.js";
import { messagesOf } from "./transport.js";

/**
 * Signing in with a provider, in a popup or in this window. The result is a one-time code, worth nothing without the verifier that only
 * this page has: no credentials stand in an address.
 *
 * @typedef {import("./page.js").Page} Page
 * @typedef {{ verifier: string, model: string }} Pending
 */

const pendingKey = "keyturn-demo:omniauth";
const askEvery = 200;

/** What a failure means to whoever signs in; others are shown by their code. */
const failures = {
  access_denied: "You declined at the provider.",
  email_taken: "An account with this address exists. Sign in to it first.",
  provider_unavailable: "The provider is not available right now.",
};

/**
 * A button for each provider of the model.
 *
 * @param {Page} page
 * @returns {HTMLElement | undefined}
 */
export function drawProviders(page) {
  const { model } = page.current();
  if (model.providers.length === 0) return undefined;
  return element(
    "div",
    { class: "providers" },
    ...model.providers.map(({ name, label }) =>
      element(
        "p",
        { class: "switches" },
        element("button", {
          type: "button",
          class: "secondary",
          text: `Sign in with ${label}`,
          on: { click: () => signInByPopup(page, name) },
        }),
        element("button", {
          type: "button",
          class: "link",
          text: "in this window",
          on: { click: () => signInHere(page, name) },
        }),
      ),
    ),
  );
}

/**
 * The end of a sign-in in this window.
 *
 * @param {Page} page
 * @param {{ code?: string | undefined, error?: string | undefined }} result
 */
export async function finishProviderSignIn(page, { code, error }) {
  const kept = sessionStorage.getItem(pendingKey);
  sessionStorage.removeItem(pendingKey);
  /** @type {Pending | undefined} */
  const pending = kept ? JSON.parse(kept) : undefined;
  const client = page.current();
  if (error !== undefined)
    return page.notice(failures[error] ?? `The sign-in did not work (${error}).`, "bad");
  const answer = await page.send(client, {
    method: "POST",
    path: `${client.model.mountAt}/omniauth_code`,
    body: { omniauth_code: code, code_verifier: pending?.verifier },
    credentials: null,
    begins: true,
  });
  if (!answer.ok) return page.notice(messagesOf(answer.body)[0] ?? "The sign-in did not work.", "bad");
  client.setUser(answer.body?.data);
  page.notice(answer.body?.oauth_registration ? "You have a new account." : "");
  page.changed();
}

/**
 * @param {Page} page
 * @param {string} provider
 */
function signInByPopup(page, provider) {
  // Within the click, before anything is awaited: Safari would block it then.
  const popup = window.open("about:blank", "_blank", "popup,width=480,height=640");
  if (!popup) return signInHere(page, provider);
  const timer = setInterval(() => popup.postMessage("requestCredentials", location.origin), askEvery);
  /** @param {MessageEvent} event */
  const receive = ({ data, origin }) => {
    if (origin !== location.origin || !["deliverCode", "authFailure"].includes(data?.message)) return;
    clearInterval(timer);
    removeEventListener("message", receive);
    finishProviderSignIn(page, { code: data.omniauth_code, error: data.error });
  };
  addEventListener("message", receive);
  begin(page, provider, "newWindow").then((address) => {
    popup.location.href = address;
  });
}

/**
 * @param {Page} page
 * @param {string} provider
 */
async function signInHere(page, provider) {
  location.assign(await begin(page, provider, "sameWindow"));
}

/**
 * Keeps a new verifier; returns where the sign-in begins.
 *
 * @param {Page} page
 * @param {string} provider
 * @param {string} windowType
 */
async function begin(page, provider, windowType) {
  const { model } = page.current();
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  sessionStorage.setItem(pendingKey, JSON.stringify({ verifier, model: model.name }));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const query = new URLSearchParams({
    auth_origin_url: home(),
    omniauth_window_type: windowType,
    config_name: model.name,
    code_challenge: base64url(new Uint8Array(digest)),
  });
  return `${model.mountAt}/${provider}?${query}`;
}

/** The model whose sign-in with a provider this window has begun. */
export function pendingModel() {
  const kept = sessionStorage.getItem(pendingKey);
  return kept ? /** @type {Pending} */ (JSON.parse(kept)).model : undefined;
}

/** @param {Uint8Array} bytes */
function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

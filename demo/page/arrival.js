import { readCredentials } from "./credentials.js";
import { pendingModel } from "./providers.js";

/**
 * What a link in a mail brought along. `reset` holds what is needed to set a new password: credentials, a reset token, or both.
 *
 * @typedef {{
 *   confirmed?: boolean, resetFailed?: boolean, unlocked?: boolean, model?: string,
 *   provider?: { code: string | undefined, error: string | undefined },
 *   reset?: { credentials: import("./credentials.js").Credentials | undefined, token: string | undefined },
 * }} Arrival
 */

/**
 * Reads what the address brought along and takes it out of the address bar, history and referrer at once: it may hold credentials.
 *
 * @returns {Arrival}
 */
export function readArrival() {
  const provider = readProviderResult();
  if (provider) return provider;
  const query = new URLSearchParams(location.search);
  if ([...query].length === 0) return {};
  history.replaceState(null, "", location.pathname);
  /** @type {Arrival} */
  const arrival = {};
  const confirmed = query.get("account_confirmation_success");
  if (confirmed !== null) arrival.confirmed = confirmed === "true";
  const unlocked = query.get("unlock");
  if (unlocked !== null) arrival.unlocked = unlocked === "true";
  if (query.get("reset_password") === "false") arrival.resetFailed = true;
  const credentials = readCredentials(
    (name) => query.get(name) ?? (name === "token-type" ? "Bearer" : null),
    {},
  );
  const token = query.get("reset_password_token") ?? undefined;
  if (!arrival.resetFailed && (token || (credentials && query.get("reset_password") === "true"))) {
    arrival.reset = { credentials, token };
  }
  const model = query.get("config");
  if (model) arrival.model = model;
  return arrival;
}

/**
 * The result of a sign-in with a provider: in the fragment, which no server sees.
 *
 * @returns {Arrival | undefined}
 */
function readProviderResult() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const code = fragment.get("omniauth_code") ?? undefined;
  const error = fragment.get("error") ?? undefined;
  if (code === undefined && error === undefined) return undefined;
  const model = pendingModel();
  history.replaceState(null, "", location.pathname);
  return { provider: { code, error }, ...(model === undefined ? {} : { model }) };
}

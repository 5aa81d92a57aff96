/**
 * @typedef {{ name: string, type: string, required: boolean, onSignUp: boolean, onAccountUpdate: boolean }} Field
 * @typedef {{ name: string, mountAt: string, confirmable: boolean, registration: boolean, path: string, fields: Field[],
 *   providers: { name: string, label: string }[] }} Model
 * @typedef {{ name: string, models: string[], path: string }} Group
 *
 * What the server says of itself, so that this page can show any configuration. `window` is in milliseconds.
 * @typedef {{
 *   models: Model[], groups: Group[], window: number, rotates: boolean, batchResponses: "repeat" | "omit",
 *   lostResponses: "expire" | "recover", headerNames: Record<string, string>, passwordMinLength: number,
 *   inbox: boolean, events: boolean,
 * }} Config
 */

/** @returns {Promise<Config>} */
export async function loadConfig() {
  const answer = await fetch("/demo/config.json");
  if (!answer.ok) throw new Error(`The server answered ${answer.status} for its configuration.`);
  return answer.json();
}

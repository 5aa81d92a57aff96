import { readCredentials, writeCredentials } from "./credentials.js";

/**
 * @typedef {import("./clients.js").Client} Client
 * @typedef {import("./credentials.js").Credentials} Credentials
 *
 * @typedef {{ status: number, ok: boolean, body: any, credentials: Credentials | undefined }} Answer
 *
 * `credentials` overrides what the client holds; `null` sends none. `begins`: the answer starts a session. `lose`: the answer
 * is thrown away unread. `refusal`: what a 401 means, where the caller knows better than the server's sentence for strangers.
 * @typedef {{
 *   method: string, path: string, body?: unknown, credentials?: Credentials | null, begins?: boolean, lose?: boolean,
 *   refusal?: string,
 * }} Exchange
 */

/**
 * The only place of the page that speaks to the server with a token: sends, keeps the token that comes back, records both.
 *
 * @param {{ traffic: ReturnType<typeof import("./traffic.js").createTraffic>, headerNames: Record<string, string> }} options
 */
export function createTransport({ traffic, headerNames }) {
  /**
   * @param {Client} client
   * @param {Exchange} exchange
   * @returns {Promise<Answer>}
   */
  return async function send(client, exchange) {
    const presented =
      exchange.credentials === undefined ? client.held() : (exchange.credentials ?? undefined);
    const path = exchange.path.split("?")[0] ?? "";
    const common = { client: client.id, method: exchange.method, path };
    const began = performance.now();
    traffic.record({ ...common, kind: "sent", at: Date.now(), key: presented && client.remember(presented) });
    const response = await fetch(exchange.path, {
      method: exchange.method,
      cache: "no-store",
      headers: {
        accept: "application/json",
        ...(exchange.body === undefined ? {} : { "content-type": "application/json" }),
        ...(presented ? writeCredentials(presented, headerNames) : {}),
      },
      ...(exchange.body === undefined ? {} : { body: JSON.stringify(exchange.body) }),
    }).catch(() => undefined);
    const timing = { at: Date.now(), took: Math.round(performance.now() - began) };
    if (!response) {
      traffic.record({ ...common, ...timing, kind: "failed", key: undefined });
      return {
        status: 0,
        ok: false,
        body: { errors: ["The server did not answer."] },
        credentials: undefined,
      };
    }
    if (exchange.lose) {
      await response.body?.cancel();
      traffic.record({ ...common, ...timing, kind: "lost", status: response.status, key: undefined });
      return { status: response.status, ok: response.ok, body: undefined, credentials: undefined };
    }
    const credentials = readCredentials((name) => response.headers.get(name), headerNames);
    const body = await response.json().catch(() => undefined);
    const before = client.key();
    if (credentials && exchange.begins && response.ok) client.begin(credentials);
    else if (credentials) client.keep(credentials);
    const after = client.key();
    traffic.record({
      ...common,
      ...timing,
      kind: "answered",
      status: response.status,
      key: credentials && client.remember(credentials),
      fresh: after !== undefined && after !== before,
      ...(response.ok ? {} : { refusal: explainRefusal(client, exchange, presented, response.status, body) }),
    });
    return { status: response.status, ok: response.ok, body, credentials };
  };
}

/**
 * Why the server refused, as far as this page can tell; otherwise the server's own words.
 *
 * @param {Client} client
 * @param {Exchange} exchange
 * @param {Credentials | undefined} presented
 * @param {number} status
 * @param {any} body
 * @returns {string}
 */
function explainRefusal(client, exchange, presented, status, body) {
  const said = messagesOf(body)[0] ?? "refused";
  if (status !== 401) return said;
  const held = client.key();
  const shown = presented && client.remember(presented);
  if (held && shown && shown.number < held.number)
    return `token ${shown.number} was replaced by token ${held.number}`;
  return exchange.refusal ?? said;
}

/**
 * The messages of an error answer, whichever of the wire's shapes it has.
 *
 * @param {any} body
 * @returns {string[]}
 */
export function messagesOf(body) {
  const errors = body?.errors;
  if (Array.isArray(errors)) return errors.map(String);
  if (Array.isArray(errors?.full_messages)) return errors.full_messages.map(String);
  return errors === undefined ? [] : [String(errors)];
}

import { createAccountCalls, type PageKnowledge } from "./account-calls.js";
import { parseApiUrl } from "./api-url.js";
import { readAddress } from "./arrival.js";
import { credentialHeaders, namesOf, readCredentials } from "./credentials.js";
import { KeyturnError } from "./errors.js";
import { createEmitter } from "./events.js";
import type { Globals } from "./globals.js";
import { listenToPage, type PageEvents } from "./page-events.js";
import type { Parts } from "./parts.js";
import { createRequests } from "./requests.js";
import { createSession } from "./session.js";
import type { ClientAccount } from "./state.js";
import { type ClientStorage, openVault } from "./storage.js";
import type { Arrival, Client, ClientOptions } from "./types.js";

/** Makes a client in a place that a test may bring. */
export function createClientIn(place: object, options: ClientOptions): Client {
  const globals = place as Globals;
  const { history, location } = globals;
  const { mountAt = "/auth", config = "default", storage = "localStorage", window = 5000 } = options;
  const api = parseApiUrl(options.apiUrl, location?.href);
  const authUrl = api.base + mountAt;
  const key = options.storageKey ?? `keyturn:${authUrl}:${config}`;
  const names = namesOf(options.headersNames);
  // A server has many users. What it holds for one of them it would show to the next.
  const own = typeof storage === "object" ? storage : undefined;
  const needsPage = own ? own.needsPage : storage !== "memory";
  const isSessionless = needsPage && !globals.document && globals.navigator?.product !== "ReactNative";
  const vault = openVault(isSessionless ? "memory" : storage, key, globals);
  const emitter = createEmitter<ClientAccount>();
  let pageEvents: PageEvents | undefined;
  const session = createSession(vault, options.model ?? "user", emitter, globals, () => pageEvents?.tell());
  const parts: Parts = {
    globals,
    options,
    api,
    authUrl,
    names,
    headers: { ...options.headers, ...(options.locale && { "accept-language": options.locale }) },
    window,
    emitter,
    session,
    isSessionless,
  };
  const requests = createRequests(parts);
  const page: PageKnowledge = { redirectUrl: options.redirectUrl ?? location?.href.replace(/[?#].*/, "") };
  const handled: Record<string, Promise<Arrival | undefined>> = Object.create(null);

  const look = (): unknown => session.look(true);
  const wake = async (): Promise<void> => {
    await look();
    if (session.age() > window || (session.state as { stale?: boolean }).stale) await requests.learn();
  };

  function handleUrl(url: string): Promise<Arrival | undefined> {
    handled[url] ??= handle(url);
    return handled[url];
  }
  async function handle(url: string): Promise<Arrival | undefined> {
    const read = readAddress(url, config);
    if (!read) return undefined;
    const { arrival, credentials } = read;
    page.resetToken = read.resetToken || page.resetToken;
    await look();
    if (credentials) {
      session.begin(session.mark(), credentials);
      await requests.learn();
    }
    if (arrival.kind !== "signed-in") emitter.emit(arrival.kind, arrival as never);
    else if (arrival.registered) emitter.emit("oauth-registered", session.state);
    return arrival;
  }

  const dispose = (): void => {
    parts.isDisposed = true;
    pageEvents?.close();
    emitter.clear();
  };

  const address = location?.href ?? "";
  const here = options.readAddress === false ? undefined : readAddress(address, config);
  // Out of the address before anything else: a request or a listener might carry it on.
  if (here) history?.replaceState(history.state, "", here.cleanUrl);
  if (!isSessionless) pageEvents = listenToPage(globals, key, own, look, wake);
  void (async () => {
    await look();
    if (here) await handleUrl(address);
    else if (options.validateOnLoad !== false || session.state.status === "loading") await requests.learn();
  })();

  return {
    get state() {
      return session.state;
    },
    device: session.device,
    ready: session.ready,
    storage: isSessionless ? "none" : vault.kind,
    authUrl,
    config,
    arrival: here?.arrival,
    on: emitter.on,
    async fetch(input, init) {
      const { url = api.resolve(input as string) } = input as Partial<Request>;
      // Not ours: as if this were fetch itself.
      if (!api.contains(url)) return globals.fetch(input, init);
      return requests.send((input as Request).url ? (input as Request) : url, init);
    },
    headersFor(url) {
      session.look();
      return api.contains(api.resolve(url)) ? credentialHeaders(session.mark().held, names) : {};
    },
    adopt({ headers }) {
      const received = readCredentials(headers, names);
      // When its request left is not known, so of two tokens with the same expiry it is the other.
      return !!received && session.keep({ ...session.mark(), order: 0 }, received);
    },
    ...createAccountCalls(parts, requests, page),
    async validate() {
      if (!(await requests.ask())) throw new KeyturnError("network");
      return session.state.account;
    },
    handleUrl,
    forRequest(headers) {
      const open = (more: Partial<ClientOptions>): Client =>
        createClientIn(globals, { ...options, storageKey: key, validateOnLoad: false, ...more });
      // A TypeError without the storage that it needs, as its types say.
      return (own as Required<ClientStorage>).forRequest(headers, open, options.fetch ?? globals.fetch);
    },
    wake,
    dispose,
    [Symbol.dispose ?? "dispose"]: dispose,
  } as Client;
}

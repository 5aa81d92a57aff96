import { KeyturnError } from "./errors.js";
import {
  type CodePage,
  codeIn,
  dropVerifier,
  type FinishOptions,
  keepVerifier,
  linkOf,
  newProof,
  redeem,
} from "./one-time-code.js";
import type { Client } from "./types.js";

export { type FinishOptions, finishSignIn } from "./one-time-code.js";

/** How the provider's page is shown: in a window of its own, in this one, or in a browser that a native app opens. */
export type WindowType = "newWindow" | "sameWindow" | "inAppBrowser";

export interface SignInWithOptions extends FinishOptions {
  /** Default `"newWindow"`, and `"inAppBrowser"` with `openBrowser`. */
  readonly windowType?: WindowType | undefined;
  /** Fields of a new account, and whatever else the provider is to be asked with. */
  readonly params?: Readonly<Record<string, string>> | undefined;
  /** Where the provider's sign-in comes back to. Default: this page. Has to be on the server's `redirectAllowlist`. */
  readonly returnTo?: string | undefined;
  /** Opens a browser in a native app, and resolves with the deep link that it came back with; none: it was dismissed. */
  readonly openBrowser?: ((url: string) => Promise<string | null | undefined>) | undefined;
  /** Milliseconds after which it gives up. Default ten minutes. */
  readonly patience?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What is used of a page. */
interface Opener extends CodePage {
  readonly location?: { readonly href: string; assign(url: string): void } | undefined;
  readonly document?: { hasFocus?(): boolean } | undefined;
  open?(url: string, name: string, features: string): Popup | null;
  addEventListener?(name: "message", listener: (event: PopupMessage) => void): void;
  removeEventListener?(name: "message", listener: (event: PopupMessage) => void): void;
}

interface Popup {
  readonly location: { replace(url: string): void };
  readonly closed: boolean;
  postMessage(message: string, target: string): void;
  close(): void;
}

interface PopupMessage {
  readonly origin: string;
  readonly data: unknown;
}

/** Milliseconds between two questions to the window (the wire's own rhythm). */
const rhythm = 500;
/**
 * Milliseconds for which a window may seem closed while the person is back on this page. Under Cross-Origin-Opener-Policy it does at once,
 * while the sign-in goes on there: then it has the focus, and this page has not.
 */
const grace = 5000;

/**
 * Signs in through a provider. What comes back is a one-time code; without Web Crypto (a page over plain http, some native apps), it is
 * credentials, as for old clients. Call it in the click's own turn, before any `await`, or the browser blocks the window. It always settles:
 * with `popup_blocked` (go on with `windowType: "sameWindow"`), `popup_closed`, `provider_refused` (`cause` is what was said),
 * `timeout`, the reason of `signal`, or because somebody is signed in. With `"sameWindow"` the page is left; `finishSignIn` goes on where the
 * provider leads back to, which a window that lost its opener needs too.
 */
export function signInWith(client: Client, provider: string, options: SignInWithOptions = {}): Promise<void> {
  const page = globalThis as unknown as Opener;
  const { openBrowser, signal, patience = 600_000 } = options;
  const windowType = options.windowType ?? (openBrowser ? "inAppBrowser" : "newWindow");
  const proof = newProof(page);
  // Before the window opens, which takes a copy along.
  if (proof) keepVerifier(page, client, proof.verifier);
  const address = async (type: WindowType): Promise<string> => {
    const params = proof ? { code_challenge: await proof.challenge } : {};
    return addressOf(client, provider, type, { ...options, params: { ...options.params, ...params } }, page);
  };
  if (windowType === "sameWindow" && !openBrowser) {
    return address(windowType).then((url) => {
      page.location?.assign(url);
      return new Promise(() => {});
    });
  }
  // Empty at first, because where it leads is known a moment later, and by then the browser would block it.
  const features = "popup,width=520,height=680";
  const popup = openBrowser ? undefined : page.open?.("about:blank", "_blank", features);
  return new Promise((resolve, reject) => {
    if (!openBrowser && !popup) {
      dropVerifier(page, client);
      return reject(new KeyturnError("popup_blocked"));
    }
    const ends: (() => void)[] = [() => dropVerifier(page, client)];
    const end = (settle: () => void): void => {
      for (const stop of ends.splice(0)) stop();
      popup?.close();
      settle();
    };
    const fail = (error: unknown): void => end(() => reject(error));
    const later = (milliseconds: number, error: () => unknown): void => {
      const timer = setTimeout(() => fail(error()), milliseconds);
      ends.push(() => clearTimeout(timer));
    };
    // Whichever way the session comes: by a message, by a deep link, or because the window went on as a page of this app.
    ends.push(client.on("signed-in", () => end(resolve)));
    later(patience, () => new KeyturnError("timeout"));
    if (signal?.aborted) return fail(signal.reason);
    signal?.addEventListener("abort", () => fail(signal.reason), { once: true });
    const arrive = (link: string): void => {
      const code = codeIn(link, client);
      if (!code || !proof) void client.handleUrl(link);
      else redeem(client, code, proof.verifier, options).catch(fail);
    };
    if (openBrowser) {
      // Straight to the link: a page in between would wait until somebody presses "Continue".
      const opened = address(options.windowType ?? "sameWindow").then(openBrowser);
      opened.then((link) => {
        if (link) arrive(link);
        // The sheet says "dismissed" also when the link arrives a moment later.
        else later(grace, () => new KeyturnError("popup_closed"));
      }, fail);
      return undefined;
    }
    address(windowType).then((url) => popup?.location.replace(url), fail);
    const hear = ({ origin, data }: PopupMessage): void => {
      if (origin !== new URL(client.authUrl).origin || typeof data !== "object" || data === null) return;
      const { message, error, config = client.config } = data as Readonly<Record<string, unknown>>;
      // Another client of this page has opened a window too.
      if (config !== client.config) return;
      if (message === "authFailure") fail(new KeyturnError("provider_refused", { cause: error }));
      if (message === "deliverCredentials" || message === "deliverCode") arrive(asLink(data));
    };
    page.addEventListener?.("message", hear);
    ends.push(() => page.removeEventListener?.("message", hear));
    let closedFor = 0;
    const asking = setInterval(() => {
      closedFor = popup?.closed && page.document?.hasFocus?.() !== false ? closedFor + rhythm : 0;
      if (closedFor >= grace) fail(new KeyturnError("popup_closed"));
      // No secret, and the window may be at the provider: so to whomever it shows.
      else if (!popup?.closed) popup?.postMessage("requestCredentials", "*");
    }, rhythm);
    ends.push(() => clearInterval(asking));
    return undefined;
  });
}

function addressOf(
  client: Client,
  provider: string,
  windowType: WindowType,
  { params = {}, returnTo }: SignInWithOptions,
  { location }: Opener,
): string {
  const query = new URLSearchParams({
    ...params,
    omniauth_window_type: windowType,
    auth_origin_url: returnTo ?? location?.href.replace(/[?#].*/, "") ?? "",
    // The result says by this name which of the page's clients it is for.
    config_name: client.config,
  });
  return `${client.authUrl}/${encodeURIComponent(provider)}?${query}`;
}

/** What a message brought, as the link that would have brought it. */
function asLink(data: object): string {
  const names = ["omniauth_code", "auth_token", "client_id", "uid", "expiry", "config", "oauth_registration"];
  return linkOf(Object.fromEntries(Object.entries(data).filter(([name]) => names.includes(name))));
}

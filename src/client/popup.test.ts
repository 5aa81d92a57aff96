import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { apiUrl, signedIn, type TestAccount } from "../../test/fixtures/client-world.js";
import { finishSignIn, signInWith } from "./popup.js";
import type { Client } from "./types.js";

type Listener = (event: { origin: string; data: unknown }) => void;

/** A page that can open a window, as far as signInWith looks at it. */
function page() {
  const listeners = new Set<Listener>();
  const replace = vi.fn();
  const popup = {
    closed: false,
    asked: 0,
    location: { replace },
    postMessage: () => popup.asked++,
    close: () => {},
  };
  const focus = { here: false };
  const open = vi.fn((_url: string): typeof popup | null => popup);
  const assign = vi.fn();
  vi.stubGlobal("open", open);
  vi.stubGlobal("location", { href: "http://localhost:5173/login?next=1", assign });
  const session = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => session.get(key) ?? null,
    setItem: (key: string, value: string) => session.set(key, value),
    removeItem: (key: string) => session.delete(key),
  });
  vi.stubGlobal("document", { hasFocus: () => focus.here });
  vi.stubGlobal("addEventListener", (_name: string, listener: Listener) => listeners.add(listener));
  vi.stubGlobal("removeEventListener", (_name: string, listener: Listener) => listeners.delete(listener));
  const say = (data: unknown, origin = apiUrl): void => {
    for (const listener of [...listeners]) listener({ origin, data });
  };
  return { popup, focus, open, assign, replace, say, listeners, session };
}

/** How a promise ended so far: `"open"`, `"in"`, or the code of its error. */
function watch(promise: Promise<void>): { ended: string } {
  const result = { ended: "open" };
  promise.then(
    () => Object.assign(result, { ended: "in" }),
    (error) => Object.assign(result, { ended: error.name === "AbortError" ? error.name : error.code }),
  );
  return result;
}

let made: Awaited<ReturnType<typeof signedIn>>;
let client: Client;
let credentials: Record<string, unknown>;
beforeEach(async () => {
  made = await signedIn();
  client = made.client as Client<TestAccount> as unknown as Client;
  const held = await made.server.auth.createNewAuthToken("user", 2);
  const { "access-token": auth_token, client: client_id, expiry, uid } = held;
  credentials = { auth_token, client_id, expiry, uid, config: "default", message: "deliverCredentials" };
  await client.signOut();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

describe("a provider's window", () => {
  test("whose result another of the page's clients asked for is left for that one in the same window too", async () => {
    const { session } = page();
    const key = `keyturn:verifier:${client.authUrl}:${client.config}`;
    session.set(key, "v".repeat(43));
    for (const place of ["#", "#/welcome?"]) {
      const href = `http://localhost:5173/${place}config=second&omniauth_code=theirs`;
      vi.stubGlobal("location", { href });
      const fetched = vi.spyOn(globalThis, "fetch");
      expect([await finishSignIn(client), session.has(key), fetched.mock.calls]).toEqual([
        undefined,
        true,
        [],
      ]);
    }
  });

  test("that another of the page's clients has opened settles nothing here, and its code is not used up", async () => {
    const { say } = page();
    const result = watch(signInWith(client, "github"));
    const fetched = vi.spyOn(globalThis, "fetch");
    say({ message: "authFailure", error: "access_denied", config: "second" });
    say({ message: "deliverCode", omniauth_code: "theirs", config: "second" });
    await pass(100);
    expect([result.ended, fetched.mock.calls]).toEqual(["open", []]);
    say({ message: "authFailure", error: "access_denied", config: client.config });
    await pass(100);
    expect(result.ended).toBe("provider_refused");
  });

  test("is opened in the turn of the click, is asked, and hands over the session", async () => {
    const { popup, open, say, listeners, session } = page();
    const result = watch(signInWith(client, "github"));
    expect(open).toHaveBeenCalledTimes(1);
    expect(open.mock.calls[0]?.[0]).toBe("about:blank");
    await pass(1000);
    expect(popup.asked).toBe(2);
    say(credentials, "http://evil.test");
    await pass(100);
    expect(result.ended).toBe("open");
    say(credentials);
    await pass(2000);
    expect(result.ended).toBe("in");
    expect(client.state).toMatchObject({ account: { email: "bob@example.com" } });
    expect([listeners.size, session.size]).toEqual([0, 0]);
  });

  test("is led to the provider, with a challenge and the name of the client's configuration", async () => {
    vi.useRealTimers();
    const { replace } = page();
    const own = made.browser.openTab().client({ config: "shop" }) as unknown as Client;
    const stop = new AbortController();
    const result = watch(signInWith(own, "github", { params: { name: "Bob" }, signal: stop.signal }));
    await expect.poll(() => replace.mock.calls.length).toBe(1);
    const url = new URL(replace.mock.calls[0]?.[0]);
    expect(url.pathname).toBe("/auth/github");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      name: "Bob",
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      omniauth_window_type: "newWindow",
      auth_origin_url: "http://localhost:5173/login",
      config_name: "shop",
    });
    stop.abort();
    await expect.poll(() => result.ended).toBe("AbortError");
  });

  test("signs in the client of a configuration of its own, and no other", async () => {
    const { say } = page();
    const own = made.browser.openTab().client({ config: "shop" }) as unknown as Client;
    const result = watch(signInWith(own, "github"));
    say({ ...credentials, config: "default" });
    await pass(100);
    expect(result.ended).toBe("open");
    say({ ...credentials, config: "shop" });
    await pass(100);
    expect(result.ended).toBe("in");
    expect(own.state).toMatchObject({ account: { email: "bob@example.com" } });
  });

  test("that seems closed is not given up while the person is still there (Cross-Origin-Opener-Policy)", async () => {
    const { popup, focus } = page();
    popup.closed = true;
    const result = watch(signInWith(client, "github"));
    await pass(120_000);
    expect(result.ended).toBe("open");
    // The window went on as a page of this app, which stored the session.
    vi.useRealTimers();
    const { auth_token, client_id, expiry, uid } = credentials;
    const query = new URLSearchParams({ auth_token, client_id, expiry, uid, blank: "true" } as Record<
      string,
      string
    >);
    await made.browser.openTab().client().handleUrl(`http://localhost:5173/?${query}`);
    await expect.poll(() => result.ended).toBe("in");
    expect(focus.here).toBe(false);
  });

  test("that is closed is popup_closed five seconds after the person is back", async () => {
    const { popup, focus } = page();
    const result = watch(signInWith(client, "github"));
    popup.closed = true;
    await pass(30_000);
    focus.here = true;
    await pass(4500);
    expect(result.ended).toBe("open");
    await pass(500);
    expect(result.ended).toBe("popup_closed");
  });

  test("always settles: by the time limit, by the signal, and at once where it is blocked", async () => {
    const { open } = page();
    const slow = watch(signInWith(client, "github", { patience: 1000 }));
    const stop = new AbortController();
    const stopped = watch(signInWith(client, "github", { signal: stop.signal }));
    const late = watch(signInWith(client, "github", { signal: AbortSignal.abort() }));
    await pass(1000);
    stop.abort();
    open.mockReturnValue(null);
    const blocked = watch(signInWith(client, "github"));
    await pass(0);
    expect([slow, stopped, late, blocked].map(({ ended }) => ended)).toEqual([
      "timeout",
      "AbortError",
      "AbortError",
      "popup_blocked",
    ]);
  });

  test("is not needed in the same window: the page is left, and only the verifier is stored, in this tab", async () => {
    vi.useRealTimers();
    const { assign, open, session } = page();
    const before = new Map(made.browser.stored);
    void signInWith(client, "github", { windowType: "sameWindow" });
    await expect.poll(() => assign.mock.calls.length).toBe(1);
    expect(open).not.toHaveBeenCalled();
    expect([...session.keys()]).toEqual([`keyturn:verifier:${apiUrl}/auth:default`]);
    expect(assign.mock.calls[0]?.[0]).toContain("omniauth_window_type=sameWindow&auth_origin_url=");
    expect(made.browser.stored).toEqual(before);
  });
});

describe("a browser that a native app opens", () => {
  test("a dismissal counts only if no deep link arrives in the five seconds after it", async () => {
    page();
    // As React Native has none: then the link brings credentials.
    vi.stubGlobal("crypto", {});
    const dismissed = watch(signInWith(client, "github", { openBrowser: async () => null }));
    await pass(4900);
    expect(dismissed.ended).toBe("open");
    await pass(200);
    expect(dismissed.ended).toBe("popup_closed");
    const arrived = watch(signInWith(client, "github", { openBrowser: async () => null }));
    await pass(1000);
    const { auth_token, client_id, expiry, uid } = credentials;
    const query = new URLSearchParams({ auth_token, client_id, expiry, uid } as Record<string, string>);
    void client.handleUrl(`myapp://auth?${query}`);
    await pass(2000);
    expect(arrived.ended).toBe("in");
  });
});

import { describe, expect, test, vi } from "vitest";
import {
  apiUrl,
  createBrowser,
  openServer,
  person,
  signedIn,
  storedToken,
  type TestServer,
  turns,
} from "../../test/fixtures/client-world.js";
import { createClient } from "./client.js";
import { cookieStorageIn } from "./cookie-storage.js";
import { createClientIn } from "./create-client.js";

const browserOf = async () => {
  const server = await openServer();
  return { server, browser: createBrowser(server) };
};

describe("which address is the API's", () => {
  test.each([
    "http://evil.test/members_only",
    "//evil.test/members_only",
    "http://localhost.evil.test:3000/",
    "https://localhost:3000/members_only",
    "http://localhost:3001/",
    "data:text/plain,hello",
  ])("%s is not: no header of ours, no change to the request", async (url) => {
    const { client, tab } = await signedIn({}, { headers: { "x-app": "1" } });
    tab.network = async () => new Response("there");
    await client.fetch(url, { headers: { mine: "1" } });
    expect([...(tab.requests[0]?.headers ?? [])]).toEqual([["mine", "1"]]);
    expect(tab.requests[0]?.redirect).toBe("follow");
    expect(client.headersFor(url)).toEqual({});
  });

  test("an address with a name before the host is not sent at all, and given no token", async () => {
    const { client, tab } = await signedIn();
    await expect(client.fetch("http://localhost:3000@evil.test/")).rejects.toThrow(TypeError);
    expect(client.headersFor("http://localhost:3000@evil.test/")).toEqual({});
    expect(tab.requests).toEqual([]);
  });

  test.each(["/\\evil.test/", "@evil.test/", ".evil.test/", "\\\\evil.test", "/../..//evil.test"])(
    "the path %s cannot lead away from it",
    async (path) => {
      const { client, tab } = await signedIn();
      await client.fetch(path).catch(() => {});
      expect(tab.requests.map(({ url }) => new URL(url).origin)).toEqual([apiUrl]);
    },
  );

  test("paths are compared by segments, with the base path kept and no slash doubled", async () => {
    const { browser } = await browserOf();
    const tab = browser.openTab();
    for (const url of [
      "http://localhost:3000/api",
      "http://localhost:3000/api/",
      "http://localhost:3000/api//",
    ]) {
      tab.requests.length = 0;
      const client = tab.client({ apiUrl: url, readAddress: false, storageKey: url });
      await client.fetch("/posts?page=2#top");
      await client.fetch("posts");
      await client.fetch(new URL("http://localhost:3000/apis"));
      expect(tab.requests.map((request) => request.url.replace(/#.*/, ""))).toEqual([
        "http://localhost:3000/api/posts?page=2",
        "http://localhost:3000/api/posts",
        "http://localhost:3000/apis",
      ]);
      expect(client.authUrl).toBe("http://localhost:3000/api/auth");
    }
  });

  test("apiUrl may leave out the host on a page, and not on a server", () => {
    const place = { location: { href: "https://app.test/x" }, Date, setTimeout, clearTimeout };
    expect(createClientIn(place, { apiUrl: "/api" }).authUrl).toBe("https://app.test/api/auth");
    expect(() => createClient({ apiUrl: "/api" })).toThrow('"apiUrl" must begin with http');
    expect(() => createClient({ apiUrl: "ftp://api.test" })).toThrow(TypeError);
  });
});

describe("other transports", () => {
  test("headersFor gives the token, adopt takes the next one", async () => {
    const { server, client, browser } = await signedIn();
    const first = storedToken(browser.stored);
    server.clock.forward("6s");
    const headers = client.headersFor("/members_only");
    expect(Object.keys(headers)).toEqual(["access-token", "client", "uid"]);
    const answer = await server.answer(new Request(`${apiUrl}/members_only`, { headers }));
    expect(client.adopt(answer)).toBe(true);
    expect(storedToken(browser.stored)).not.toBe(first);
    const late = storedToken(browser.stored);
    server.clock.forward("6s");
    await client.fetch("/members_only");
    const newest = storedToken(browser.stored);
    client.adopt(answer);
    expect(newest).not.toBe(late);
    expect(storedToken(browser.stored)).toBe(newest);
  });

  test.each<[string, Record<string, string | undefined>]>([
    ["one header missing", { uid: undefined }],
    ["one blank", { client: " " }],
    ["two tokens joined by a comma", { "access-token": "one, two" }],
    ["an expiry that is no number", { expiry: "soon" }],
    ["the word undefined", { "access-token": "undefined" }],
    ["another client's", { client: "someone-else" }],
    ["a response that does not say its type", { "token-type": undefined }],
  ])("a set with %s is ignored whole", async (_name, change) => {
    const { client, browser } = await signedIn();
    const first = storedToken(browser.stored);
    const { client: own = "" } = client.headersFor("/");
    const good = {
      "access-token": "t",
      "token-type": "Bearer",
      client: own,
      expiry: "99999999999",
      uid: "a",
    };
    const given: Record<string, string | undefined> = { ...good, ...change };
    expect(client.adopt({ headers: { get: (name) => given[name] } })).toBe(false);
    expect(storedToken(browser.stored)).toBe(first);
    expect(client.adopt({ headers: new Headers(good) })).toBe(true);
    expect(storedToken(browser.stored)).toBe("t");
  });
});

describe("the clock of the device", () => {
  test.each(["1d", "-1d"])("is %s wrong, and nothing comes of it", async (skew) => {
    const { server, browser } = await browserOf();
    const tab = browser.openTab({
      Date: { now: () => server.clock.now + (skew === "1d" ? 86_400_000 : -86_400_000) * 30 },
    });
    const client = tab.client();
    await client.signIn(person);
    tab.requests.length = 0;
    for (let i = 0; i < 3; i++) {
      server.clock.forward("6s");
      expect((await client.fetch("/members_only")).status).toBe(200);
    }
    expect(tab.requests).toHaveLength(3);
  });
});

describe("the life of a page", () => {
  test("nothing is touched before createClient, and dispose takes away every listener", async () => {
    const { server, browser } = await browserOf();
    const tab = browser.openTab();
    const client = tab.client({ storage: cookieStorageIn(tab.globals) });
    expect(tab.listeners()).toBe(5);
    expect([...Object.keys(tab.globals)]).not.toContain("onunload");
    client.dispose();
    expect(tab.listeners()).toBe(0);
    expect(server.calls).toEqual([]);
  });

  test("back from the bfcache: the storage is read before anything else, and what changed is told", async () => {
    const { browser, tab, client } = await signedIn();
    // Frozen: it hears nothing.
    const fire = tab.fire;
    tab.fire = () => {};
    const other = browser.openTab().client();
    await other.signOut();
    await other.signIn({ ...person, email: "bob@example.com" });
    const seen: unknown[] = [];
    client.on("account-changed", ({ former, id }) => seen.push([former, id]));
    fire("pageshow", { persisted: true });
    expect(seen).toEqual([[1, 2]]);
    expect(client.state.account?.email).toBe("bob@example.com");
  });

  test("waking asks once, in the background, and only if the token is older than the window", async () => {
    const { server, client, tab } = await signedIn();
    tab.fire("visibilitychange");
    await turns(20);
    expect(tab.requests).toHaveLength(0);
    server.clock.forward("6s");
    tab.fire("visibilitychange");
    await turns(20);
    expect(tab.requests).toHaveLength(1);
    expect(client.state.status).toBe("signed-in");
  });

  test("a rotation is no event and no new state; a new name is", async () => {
    const { server, client } = await signedIn();
    const heard: string[] = [];
    for (const name of ["state", "account-updated", "account-changed", "signed-in"] as const)
      client.on(name, () => void heard.push(name));
    const before = client.state;
    server.clock.forward("6s");
    await client.fetch("/members_only");
    await client.validate();
    expect(client.state).toBe(before);
    expect(Object.isFrozen(before)).toBe(true);
    expect(heard).toEqual([]);
    await client.updateAccount({ name: "Augusta" });
    expect(heard).toEqual(["state", "account-updated"]);
    expect(client.state).toMatchObject({ account: { name: "Augusta" } });
  });
});

describe("on a server", () => {
  const place = (server: TestServer, more = {}) => ({
    fetch: async (request: Request) => server.answer(request),
    setTimeout,
    clearTimeout,
    Date: { now: () => server.clock.now },
    ...more,
  });

  test("a client without a page holds no session, and says why", async () => {
    const { server } = await browserOf();
    const client = createClientIn(place(server), { apiUrl });
    expect([client.storage, client.state.status]).toEqual(["none", "signed-out"]);
    await expect(client.signIn(person)).rejects.toMatchObject({ code: "no_session_on_server" });
    expect((await client.fetch("/members_only")).status).toBe(401);
    const script = createClientIn(place(server), { apiUrl, storage: "memory" });
    await script.signIn(person);
    expect((await script.fetch("/members_only")).status).toBe(200);
  });

  test("it leaves a localStorage that a server may have alone, and no timer keeps a script from ending", async () => {
    const { server } = await browserOf();
    const localStorage = { getItem: vi.fn(), setItem: vi.fn(), removeItem: vi.fn() };
    expect(createClientIn(place(server, { localStorage }), { apiUrl }).storage).toBe("none");
    expect(localStorage.getItem).not.toHaveBeenCalled();
    const timers: { unref: ReturnType<typeof vi.fn> }[] = [];
    const timed = place(server, { setTimeout: () => timers[timers.push({ unref: vi.fn() }) - 1] });
    await createClientIn(timed, { apiUrl, storage: "memory" }).signIn(person);
    expect(timers.length).toBeGreaterThan(0);
    for (const { unref } of timers) expect(unref).toHaveBeenCalledTimes(1);
  });

  test("forRequest: the session of the request's cookies, one request never sees another's, the newest token goes back", async () => {
    const { server, browser } = await browserOf();
    const tab = browser.openTab();
    const storage = cookieStorageIn(tab.globals);
    const inBrowser = tab.client({ storage });
    await inBrowser.signIn(person);
    const onServer = createClientIn(place(server), { apiUrl, storage: cookieStorageIn({}) });
    server.clock.forward("6s");
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const own = onServer.forRequest(new Headers({ cookie: `theme=dark; ${cookie}` }));
    const strange = onServer.forRequest(new Headers());
    expect(own.state).toMatchObject({ status: "signed-in", account: { email: person.email } });
    expect(strange.state.status).toBe("signed-out");
    expect((await own.fetch("/members_only")).status).toBe(200);
    expect((await strange.fetch("/members_only")).status).toBe(401);
    const given: string[] = [];
    own.setCookies((text) => given.push(text));
    expect(given).toHaveLength(1);
    const [pair = ""] = (given[0] ?? "").split(";");
    const [name = "", value = ""] = pair.split("=");
    expect(value).not.toBe(browser.cookies.get(name));
    tab.globals.document && Object.assign(tab.globals.document, { cookie: `${pair};path=/` });
    server.clock.forward("6s");
    expect((await inBrowser.fetch("/members_only")).status).toBe(200);
    expect(onServer.state.status).toBe("signed-out");
  });

  test("a token that a response did not take along is told of, in development", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { server, browser } = await browserOf();
    const tab = browser.openTab();
    await tab.client({ storage: cookieStorageIn(tab.globals) }).signIn(person);
    const fast = (run: () => void) => setTimeout(run, 1);
    const development = { process: { env: { NODE_ENV: "development" } }, setTimeout: fast };
    const here = place(server, development);
    const onServer = createClientIn(here, { apiUrl, storage: cookieStorageIn(here) });
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    server.clock.forward("6s");
    const silent = onServer.forRequest(new Headers({ cookie }));
    silent.setCookies(() => {});
    await silent.fetch("/members_only");
    await turns(20);
    expect(warned).not.toHaveBeenCalled();
    await onServer.forRequest(new Headers({ cookie })).fetch("/members_only");
    await turns(20);
    expect(warned).toHaveBeenCalledTimes(1);
    expect(() => createClientIn(here, { apiUrl }).forRequest(new Headers())).toThrow(TypeError);
    warned.mockRestore();
  });
});

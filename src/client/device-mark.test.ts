import { expect, test } from "vitest";
import { createBrowser, openServer, person, signedIn, turns } from "../../test/fixtures/client-world.js";
import { createClientIn } from "./create-client.js";
import { secureStorage } from "./native.js";
import { redeem } from "./one-time-code.js";
import type { Client } from "./types.js";

const markOf = (request: Request | undefined): string | null => request?.headers.get("device-mark") ?? null;
const mark = /^[\w-]{43}$/;

test("the mark of a sign-in is kept when it signs out, and shown at the next one, also of somebody else", async () => {
  const { tab, client } = await signedIn();
  await client.signOut();
  tab.requests.length = 0;
  await client.signIn(person);
  const [first] = tab.requests;
  expect(markOf(first)).toMatch(mark);
  await client.signOut();
  await client.signIn({ ...person, email: "bob@example.com" });
  expect(markOf(tab.requests.at(-1))).toBe(markOf(first));
});

test("another tab, and the page when it is loaded again, show the same mark", async () => {
  const { browser, tab, client } = await signedIn();
  await client.signOut();
  await client.signIn(person);
  const shown = markOf(tab.requests.at(-1));
  await client.signOut();
  const second = browser.openTab();
  const other = second.client({ validateOnLoad: false });
  await turns();
  await other.signIn(person);
  expect(markOf(second.requests.find(({ url }) => url.endsWith("/sign_in")))).toBe(shown);
  expect(shown).toMatch(mark);
});

test("requests of the app, and those of a session without a form, carry no mark", async () => {
  const { tab, client } = await signedIn();
  await client.fetch("/members_only");
  await client.validate();
  await client.sessions();
  await client.signOut();
  await client.fetch("/other_401");
  expect(tab.requests.length).toBeGreaterThan(3);
  expect(tab.requests.filter((request) => markOf(request) !== null && request.method !== "POST")).toEqual([]);
});

test("a sign-in until the browser is closed keeps the mark that was there, and leaves nobody signed in on the disk", async () => {
  const { browser, tab, client } = await signedIn();
  await client.signIn(person, { remember: false });
  const shown = markOf(tab.requests.at(-1));
  expect([...browser.stored.values()].join()).not.toContain("token");
  const later = browser.openTab();
  await later.client({ validateOnLoad: false }).signIn(person);
  expect(markOf(later.requests.at(-1))).toBe(shown);
});

test("on React Native the mark lies in the storage of the app, and is there when the app starts again", async () => {
  const server = await openServer();
  const stored = new Map<string, string>();
  const storage = secureStorage({
    getItemAsync: async (key) => stored.get(key) ?? null,
    setItemAsync: async (key, value) => void stored.set(key, value),
    deleteItemAsync: async (key) => void stored.delete(key),
  });
  const requests: Request[] = [];
  const fetch = (request: Request): Promise<Response> => {
    requests.push(request.clone());
    return server.answer(request);
  };
  const launch = () => {
    const place = { ...globalThis, Date, setTimeout, clearTimeout, navigator: { product: "ReactNative" } };
    return createClientIn(place, { apiUrl: "http://localhost:3000", storage, fetch });
  };
  const first = launch();
  await first.ready;
  await first.signIn(person);
  await first.signOut();
  const second = launch();
  await second.ready;
  await second.signIn(person);
  expect(requests.filter(({ url }) => url.endsWith("/sign_in")).map(markOf)).toEqual([
    null,
    expect.stringMatching(mark),
  ]);
});

test("with a server that knows no marks everything is as before", async () => {
  const server = await openServer();
  const tab = createBrowser(server).openTab();
  tab.network = async (request, arrive) => {
    const response = await arrive(request);
    response.headers.delete("device-mark");
    return response;
  };
  const client = tab.client();
  for (let i = 0; i < 2; i++) {
    await client.signIn(person);
    await client.signOut();
  }
  expect(tab.requests.filter((request) => request.headers.has("device-mark"))).toEqual([]);
});

test("the one-time code of a provider's sign-in is exchanged with the mark, and one that it brings is kept", async () => {
  const tab = createBrowser(await openServer()).openTab();
  // The route responds as a sign-in does; what it takes is the matter of its own tests.
  tab.network = (request, arrive) => {
    const { method, headers } = request;
    if (!request.url.endsWith("/omniauth_code")) return arrive(request);
    return arrive(
      new Request(request.url.replace("omniauth_code", "sign_in"), {
        method,
        headers,
        body: JSON.stringify(person),
      }),
    );
  };
  const client = tab.client({ validateOnLoad: false });
  const exchange = () => redeem(client as unknown as Client, "code", "verifier", {});
  await exchange();
  expect(markOf(tab.requests[0])).toBeNull();
  await client.signOut();
  await client.signIn(person);
  const shown = markOf(tab.requests.at(-1));
  expect(shown).toMatch(mark);
  await client.signOut();
  tab.requests.length = 0;
  await exchange();
  expect(markOf(tab.requests[0])).toBe(shown);
  await client.signOut();
  await client.signIn(person);
  expect(markOf(tab.requests.at(-1))).toBe(shown);
});

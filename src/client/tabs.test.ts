import { describe, expect, test, vi } from "vitest";
import {
  createBrowser,
  openServer,
  person,
  signedIn,
  storedToken,
  turns,
} from "../../test/fixtures/client-world.js";

const other = { ...person, email: "bob@example.com" };

describe("several tabs", () => {
  test("a second tab is signed in at once, and both go on with the token that the other one was given", async () => {
    const { server, browser, client } = await signedIn();
    const second = browser.openTab();
    const other = second.client();
    expect(other.state).toMatchObject({ status: "signed-in", account: { email: person.email } });
    await turns();
    const first = storedToken(browser.stored);
    server.clock.forward("6s");
    expect((await other.fetch("/members_only")).status).toBe(200);
    expect(storedToken(browser.stored)).not.toBe(first);
    second.requests.length = 0;
    expect((await client.fetch("/members_only")).status).toBe(200);
  });

  test("a tab that slept through two rotations takes the newest token out of the storage before it asks", async () => {
    const { server, browser, tab, client } = await signedIn({ lostResponses: "expire" });
    // Asleep: no event reaches it.
    tab.fire = () => {};
    const other = browser.openTab().client();
    for (let i = 0; i < 2; i++) {
      server.clock.forward("6s");
      await other.fetch("/members_only");
    }
    expect((await client.fetch("/members_only")).status).toBe(200);
    expect(tab.requests).toHaveLength(1);
    expect(tab.requests[0]?.headers.get("access-token")).toBe(storedToken(browser.stored));
  });

  test("signing out in one tab signs out the other, without a request of its own", async () => {
    const { browser, client } = await signedIn();
    const second = browser.openTab();
    const other = second.client({ validateOnLoad: false });
    const heard: unknown[] = [];
    other.on("signed-out", (event) => heard.push([event.reason, event.from]));
    await client.signOut();
    await turns();
    expect(heard).toEqual([["elsewhere", "elsewhere"]]);
    expect(other.state).toMatchObject({ status: "signed-out", reason: "elsewhere" });
    expect(second.requests).toEqual([]);
  });

  test("signing in as somebody else wins in every tab, whatever the expiry says", async () => {
    const { server, browser, client } = await signedIn();
    server.clock.forward("1d");
    const second = browser.openTab().client();
    server.clock.now -= 86_400_000;
    const seen: unknown[] = [];
    client.on("account-changed", ({ former, id, from }) =>
      seen.push([former, id, from, client.state.account?.email]),
    );
    await second.signIn(other);
    await turns();
    expect(seen).toEqual([[1, 2, "elsewhere", other.email]]);
  });

  test.each([
    ["absent", undefined],
    [
      "refusing",
      class {
        constructor() {
          throw new Error("not allowed in this context");
        }
      },
    ],
  ])("works with a BroadcastChannel that is %s, and asks for no lock", async (_name, BroadcastChannel) => {
    const server = await openServer();
    const browser = createBrowser(server);
    const request = vi.fn(() => Promise.reject(new Error("SecurityError")));
    const more = { BroadcastChannel, navigator: { locks: { request } } };
    const [one, two] = [browser.openTab(more).client(), browser.openTab(more).client()];
    await one.signIn(person);
    await turns();
    expect(two.state.status).toBe("signed-in");
    await two.signOut();
    await turns();
    expect(one.state.status).toBe("signed-out");
    expect(request).not.toHaveBeenCalled();
  });

  test("a tab without any event learns of the sign-out before its next request", async () => {
    const { browser, tab, client } = await signedIn();
    tab.fire = () => {};
    const second = browser.openTab().client({ validateOnLoad: false });
    await second.signOut();
    expect(client.state.status).toBe("signed-in");
    const answer = await client.fetch("/members_only");
    expect(answer.status).toBe(401);
    expect(tab.requests[0]?.headers.has("access-token")).toBe(false);
    expect(client.state.status).toBe("signed-out");
  });
});

describe("listeners", () => {
  test("call the client, throw and reject without harm to each other or to the call", async () => {
    const complaints = vi.spyOn(console, "error").mockImplementation(() => {});
    const { client } = await signedIn();
    await client.signOut();
    const seen: string[] = [];
    client.on("signed-in", async () => {
      seen.push((await client.fetch("/members_only")).status.toString());
    });
    client.on("signed-in", () => {
      throw new Error("of the app");
    });
    client.on("signed-in", async () => {
      throw new Error("of the app, later");
    });
    client.on("signed-in", () => void seen.push(client.state.status));
    await client.signIn(person);
    await turns();
    expect(seen.toSorted()).toEqual(["200", "signed-in"]);
    expect(complaints).toHaveBeenCalledTimes(2);
    complaints.mockRestore();
  });

  test("a listener that signs out during the sign-in has the last word", async () => {
    const { client } = await signedIn();
    await client.signOut();
    client.on("signed-in", () => void client.signOut());
    await client.signIn(person);
    await turns();
    expect(client.state.status).toBe("signed-out");
  });

  test("one that was taken away is not called; the same function added twice is two", async () => {
    const { client } = await signedIn();
    const listener = vi.fn();
    const off = client.on("signed-out", listener);
    client.on("signed-out", listener);
    off();
    await client.signOut();
    expect(listener).toHaveBeenCalledTimes(1);
  });
});

describe("echo", () => {
  test("what another tab wrote is not written back, and equal values are not written at all", async () => {
    const { server, browser, client } = await signedIn();
    const tabs = [browser.openTab(), browser.openTab()].map((tab) => tab.client({ validateOnLoad: false }));
    const writes = vi.spyOn(browser.stored, "set");
    server.clock.forward("6s");
    await client.fetch("/members_only");
    await turns();
    expect(writes).toHaveBeenCalledTimes(1);
    await Promise.all([client, ...tabs].map((one) => one.fetch("/members_only")));
    expect(writes).toHaveBeenCalledTimes(1);
  });

  test("a tab that holds the newer token repairs an older one in the storage, once", async () => {
    const { server, browser, tab, client } = await signedIn();
    const old = [...browser.stored];
    server.clock.forward("6s");
    await client.fetch("/members_only");
    const newest = storedToken(browser.stored);
    // Another process wrote at the same moment, and had not heard of ours.
    const [[key, value] = ["", ""]] = old;
    browser.stored.set(key, value);
    const writes = vi.spyOn(browser.stored, "set");
    tab.fire("storage", { key });
    tab.fire("storage", { key });
    await turns();
    expect(writes).toHaveBeenCalledTimes(1);
    expect(storedToken(browser.stored)).toBe(newest);
  });

  test("a sign-out that another tab's late token overwrote is repaired too", async () => {
    const { browser, tab, client } = await signedIn();
    const [[key, value] = ["", ""]] = [...browser.stored];
    await client.signOut();
    browser.stored.set(key, value);
    tab.fire("storage", { key });
    await turns();
    expect(storedToken(browser.stored)).toBeUndefined();
    expect(client.state.status).toBe("signed-out");
  });

  test("coming back makes one check, however many events the browser fires", async () => {
    const { server, tab } = await signedIn();
    server.clock.forward("6s");
    for (const name of ["visibilitychange", "pageshow", "online"]) tab.fire(name);
    await turns(20);
    expect(tab.requests.map(({ url }) => new URL(url).pathname)).toEqual(["/auth/validate_token"]);
  });
});

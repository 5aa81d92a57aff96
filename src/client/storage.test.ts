import { describe, expect, test, vi } from "vitest";
import {
  apiUrl,
  createBrowser,
  openServer,
  person,
  signedIn,
  storedToken,
  turns,
} from "../../test/fixtures/client-world.js";
import { cookieStorageIn } from "./cookie-storage.js";
import type { ClientStorage } from "./storage.js";

const key = `keyturn:${apiUrl}/auth:default`;
const browserOf = async () => {
  const server = await openServer();
  return { server, browser: createBrowser(server) };
};
const full = () => {
  throw new DOMException("full", "QuotaExceededError");
};

describe("storage that is full", () => {
  test("the session goes on in memory, and says so once", async () => {
    const { server, browser } = await browserOf();
    const tab = browser.openTab({
      localStorage: { getItem: () => null, setItem: full, removeItem() {} },
    });
    const client = tab.client();
    const failed = vi.fn();
    client.on("storage-failed", failed);
    await client.signIn(person);
    server.clock.forward("6s");
    expect((await client.fetch("/members_only")).status).toBe(200);
    server.clock.forward("6s");
    expect((await client.fetch("/members_only")).status).toBe(200);
    expect(failed).toHaveBeenCalledTimes(1);
  });

  test("each rotation writes as many letters as the sign-in did, so it fits where that fitted", async () => {
    const { server, browser, client } = await signedIn();
    const length = browser.stored.get(key)?.length;
    for (let i = 0; i < 3; i++) {
      server.clock.forward("1d");
      await client.fetch("/members_only");
      expect(browser.stored.get(key)?.length).toBe(length);
    }
    await client.updateAccount({ name: "a much longer name than before" });
    expect(browser.stored.get(key)?.length).toBe(length);
    await client.signOut();
    expect(browser.stored.get(key)?.length).toBe(length);
  });

  test("a token that cannot be written leaves no older one behind, and the next one tries again", async () => {
    const { server, browser, tab, client } = await signedIn();
    const storage = tab.globals.localStorage;
    const put = vi.spyOn(storage ?? { setItem() {} }, "setItem").mockImplementation(full);
    server.clock.forward("6s");
    await client.fetch("/members_only");
    expect(browser.stored.has(key)).toBe(false);
    put.mockRestore();
    server.clock.forward("6s");
    await client.fetch("/members_only");
    expect(storedToken(browser.stored)).toBeDefined();
    expect(client.state.status).toBe("signed-in");
  });
});

describe("storage that is forbidden", () => {
  test("falls back to the memory and says so", async () => {
    const { browser } = await browserOf();
    const forbidden = () => {
      throw new DOMException("denied", "SecurityError");
    };
    const tab = browser.openTab();
    Object.defineProperty(tab.globals, "localStorage", { get: forbidden });
    Object.defineProperty(tab.globals, "sessionStorage", { get: forbidden });
    const client = tab.client();
    expect(client.storage).toBe("memory");
    await client.signIn(person);
    expect((await client.fetch("/members_only")).status).toBe(200);
  });

  test.each([
    ["missing", undefined],
    ["an object without methods", {}],
  ])("falls back where it is %s", async (_name, localStorage) => {
    const { browser } = await browserOf();
    expect(browser.openTab({ localStorage }).client().storage).toBe("memory");
  });
});

describe("what is stored", () => {
  test("emptied by the browser: an ordinary sign-out with its reason", async () => {
    const { browser, tab, client } = await signedIn();
    browser.stored.clear();
    tab.fire("storage", { key: null });
    expect(client.state).toMatchObject({ status: "signed-out", reason: "storage-cleared" });
    const errors = vi.fn();
    client.on("storage-failed", errors);
    await client.signIn(person);
    expect(client.state.status).toBe("signed-in");
    expect(errors).not.toHaveBeenCalled();
  });

  test("an account that is too big is asked for again after a reload", async () => {
    const { browser, tab, client } = await signedIn();
    const name = "ß".repeat(250);
    const big = { ...person, name };
    tab.network = async (request, arrive) => {
      const answer = await arrive(request);
      const body = (await answer.json()) as { data: object };
      return new Response(
        JSON.stringify({ ...body, data: { ...body.data, name, more: name, evenMore: name, last: name } }),
        answer,
      );
    };
    await client.signIn(big);
    expect(browser.stored.get(key)?.length).toBe(1000);
    const reloaded = browser.openTab();
    const again = reloaded.client();
    expect(again.state.status).toBe("loading");
    await again.ready;
    expect(again.state).toMatchObject({ status: "signed-in", account: { email: person.email } });
  });
});

describe("remember me", () => {
  test("remember: false stays in the tab's own session and survives a reload there", async () => {
    const { browser } = await browserOf();
    const tab = browser.openTab();
    await tab.client().signIn(person, { remember: false });
    expect(storedToken(browser.stored)).toBeUndefined();
    expect(tab.client().state.status).toBe("signed-in");
    expect(browser.openTab().client().state.status).toBe("signed-out");
  });

  test("it leaves nobody signed in on the disk who was there before", async () => {
    const { browser, tab, client } = await signedIn();
    await client.signIn({ ...person, email: "bob@example.com" }, { remember: false });
    expect(storedToken(browser.stored)).toBeUndefined();
    expect(tab.client().state.account?.email).toBe("bob@example.com");
    await client.signOut();
    expect(tab.client().state.status).toBe("signed-out");
  });
});

describe("other storages", () => {
  test("sessionStorage keeps to its tab, memory to its page", async () => {
    const { browser } = await browserOf();
    const tab = browser.openTab();
    await tab.client({ storage: "sessionStorage" }).signIn(person);
    expect(tab.client({ storage: "sessionStorage" }).state.status).toBe("signed-in");
    expect(browser.stored.size).toBe(0);
    const memory = tab.client({ storage: "memory", storageKey: "m" });
    await memory.signIn(person);
    expect((await memory.fetch("/members_only")).status).toBe(200);
    expect(tab.client({ storage: "memory", storageKey: "m" }).state.status).toBe("signed-out");
  });

  test("cookies: other tabs hear of it by the channel; short, and read back after writing", async () => {
    const { browser } = await browserOf();
    const [one, two] = [browser.openTab(), browser.openTab()];
    const [first, second] = [one, two].map((tab) => tab.client({ storage: cookieStorageIn(tab.globals) }));
    await first?.signIn(person);
    await turns();
    expect(second?.state.status).toBe("signed-in");
    expect([...browser.cookies.values()].join("").length).toBeLessThan(2048);
    await second?.signOut();
    await turns();
    expect(first?.state.status).toBe("signed-out");
  });

  test("a cookie that the browser drops is a storage that failed", async () => {
    const { browser } = await browserOf();
    const tab = browser.openTab({ document: { cookie: "", addEventListener() {} } });
    Object.defineProperty(tab.globals.document, "cookie", { get: () => "", set() {} });
    const client = tab.client({ storage: cookieStorageIn(tab.globals) });
    const failed = vi.fn();
    client.on("storage-failed", failed);
    await client.signIn(person);
    await turns();
    expect(failed).toHaveBeenCalledTimes(1);
    expect((await client.fetch("/members_only")).status).toBe(200);
  });
});

describe("a storage that takes its time (React Native)", () => {
  const native = (values = new Map<string, string>()) => {
    const later = <T>(run: () => T): Promise<T> =>
      new Promise((resolve, reject) =>
        setTimeout(() => {
          try {
            resolve(run());
          } catch (error) {
            reject(error);
          }
        }, 2),
      );
    const storage: ClientStorage = {
      getItem: (name) => later(() => values.get(name) ?? null),
      setItem: (name, value) => later(() => void values.set(name, value)),
      removeItem: (name) => later(() => void values.delete(name)),
    };
    return { values, storage };
  };

  test("is loading until it was read, and requests wait for it", async () => {
    const { browser } = await browserOf();
    const { values, storage } = native();
    const first = browser.openTab().client({ storage });
    expect(first.state.status).toBe("loading");
    await first.ready;
    expect(first.state.status).toBe("signed-out");
    await first.signIn(person);
    await turns(20);
    const again = browser.openTab().client({ storage: native(values).storage });
    const seen: string[] = [];
    for (const name of ["signed-in", "account-changed", "state"] as const)
      again.on(name, () => seen.push(name));
    expect(again.state.status).toBe("loading");
    expect((await again.fetch("/members_only")).status).toBe(200);
    expect(again.state.status).toBe("signed-in");
    // Nobody signed in: the session was found.
    expect(seen).toEqual(["state"]);
  });

  test("a sign-in during the first read is not undone by it, and the last write is the last", async () => {
    const { browser } = await browserOf();
    const { values, storage } = native();
    const client = browser.openTab().client({ storage });
    await client.signIn(person);
    await turns(20);
    expect(client.state.status).toBe("signed-in");
    await client.signOut();
    await turns(20);
    expect(JSON.parse(values.get(key) ?? "{}").held).toBeUndefined();
  });

  test("a read that fails says nothing: loading, nothing written, and again when the app comes back", async () => {
    const { browser } = await browserOf();
    const { values, storage } = native();
    const earlier = browser.openTab().client({ storage });
    await earlier.ready;
    await earlier.signIn(person);
    await turns(20);
    let isLocked = true;
    const locked: ClientStorage = {
      ...storage,
      getItem: (name) =>
        isLocked ? Promise.reject(new Error("User interaction is not allowed")) : storage.getItem(name),
    };
    const before = values.get(key);
    const client = browser.openTab().client({ storage: locked });
    await turns(20);
    expect(client.state.status).toBe("loading");
    await expect(client.fetch("/members_only")).rejects.toMatchObject({ code: "storage_unreadable" });
    expect(values.get(key)).toBe(before);
    isLocked = false;
    client.wake();
    await client.ready;
    expect(client.state.status).toBe("signed-in");
  });
});

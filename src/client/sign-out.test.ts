import { describe, expect, test } from "vitest";
import {
  createBrowser,
  openServer,
  person,
  signedIn,
  storedToken,
  turns,
} from "../../test/fixtures/client-world.js";

const bob = { ...person, email: "bob@example.com" };
/** Holds responses of one path back until `release`. */
const holding = (tab: Awaited<ReturnType<typeof signedIn>>["tab"], path: string) => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  tab.network = async (request, arrive) => {
    const answer = await arrive(request);
    if (new URL(request.url).pathname === path) await held;
    return answer;
  };
  return () => release();
};

describe("sign-out is final", () => {
  test.each(["this tab", "another tab"])(
    "a response that is under way does not undo it (%s)",
    async (where) => {
      const { server, browser, tab, client } = await signedIn();
      const other = browser.openTab().client({ validateOnLoad: false });
      const release = holding(tab, "/members_only");
      server.clock.forward("6s");
      const sent = client.fetch("/members_only");
      const refused = expect(sent).rejects.toMatchObject({ code: "signed_out" });
      await turns();
      await (where === "this tab" ? client : other).signOut();
      release();
      await refused;
      expect(client.state.status).toBe("signed-out");
      expect(storedToken(browser.stored)).toBeUndefined();
    },
  );

  test("a sign-in that is under way does not undo it either", async () => {
    const { browser, tab, client } = await signedIn();
    const release = holding(tab, "/auth/sign_in");
    const sent = client.signIn(bob);
    const refused = expect(sent).rejects.toMatchObject({ code: "signed_out" });
    await turns(200);
    await client.signOut();
    release();
    await refused;
    expect(storedToken(browser.stored)).toBeUndefined();
  });

  test("of two sign-ins the one that left later wins, whichever response comes first", async () => {
    const { tab, client } = await signedIn();
    const release = holding(tab, "/auth/sign_in");
    const first = client.signIn(person);
    const refused = expect(first).rejects.toMatchObject({ code: "signed_out" });
    await turns(200);
    tab.network = (request, arrive) => arrive(request);
    await client.signIn(bob);
    release();
    await refused;
    expect(client.state.account?.email).toBe(bob.email);
  });

  test("a request of the former account rejects, and does not fill the next one's cache", async () => {
    const { tab, client } = await signedIn();
    const release = holding(tab, "/members_only");
    const sent = client.fetch("/members_only");
    const refused = expect(sent).rejects.toMatchObject({ code: "signed_out" });
    await turns();
    await client.signIn(bob);
    release();
    await refused;
  });

  test("offline: here and in every tab at once, { revoked: false }, and it does not throw", async () => {
    const { browser, tab, client } = await signedIn();
    const other = browser.openTab().client({ validateOnLoad: false });
    tab.network = async () => Promise.reject(new TypeError("Failed to fetch"));
    const sent = client.signOut();
    await turns(0);
    expect(client.state).toMatchObject({ status: "signed-out", reason: "signed-out" });
    expect(other.state.status).toBe("signed-out");
    expect(await sent).toEqual({ revoked: false });
    expect(browser.stored.size === 0 || storedToken(browser.stored) === undefined).toBe(true);
  });

  test("it waits five seconds for a server that says nothing, and asks for keepalive", async () => {
    const { tab, client } = await signedIn();
    tab.network = () => new Promise(() => {});
    const before = performance.now();
    expect(await client.signOut()).toEqual({ revoked: false });
    // Timers run a hundred times as fast.
    expect(performance.now() - before).toBeGreaterThan(45);
    expect(tab.requests[0]?.keepalive).toBe(true);
  });

  test.each(["this", "all", "others"] as const)("scope: %s", async (scope) => {
    const { server, browser, client } = await signedIn();
    const elsewhere = createBrowser(server).openTab().client();
    await elsewhere.signIn(person);
    expect(await client.signOut({ scope })).toEqual({ revoked: true });
    expect(client.state.status).toBe(scope === "others" ? "signed-in" : "signed-out");
    const left = await server.auth.accounts.listSessions("user", 1);
    // The registration opened one, too.
    expect(left).toHaveLength({ this: 2, others: 1, all: 0 }[scope]);
    expect(storedToken(browser.stored) === undefined).toBe(scope !== "others");
  });
});

describe("a new password", () => {
  test("ends the other sessions and every token from before, and no late response brings one back", async () => {
    const { server, browser, tab, client } = await signedIn();
    const elsewhere = createBrowser(server).openTab().client();
    await elsewhere.signIn(person);
    const release = holding(tab, "/members_only");
    // A response that rotates in the very second of the change: its token has the same expiry.
    server.clock.forward("6s");
    const sent = client.fetch("/members_only");
    await turns();
    tab.network = (request, arrive) => arrive(request);
    await client.changePassword({ current_password: person.password, password: "another violet hour" });
    const renewed = storedToken(browser.stored);
    release();
    expect((await sent).status).toBe(200);
    expect(storedToken(browser.stored)).toBe(renewed);
    expect((await client.fetch("/members_only")).status).toBe(200);
    expect((await elsewhere.fetch("/members_only")).status).toBe(401);
    expect(elsewhere.state).toMatchObject({ status: "signed-out", reason: "revoked" });
  });

  test("of another tab is taken over by this one", async () => {
    const { browser, client } = await signedIn();
    const other = browser.openTab().client();
    await client.changePassword({ current_password: person.password, password: "another violet hour" });
    await turns();
    expect((await other.fetch("/members_only")).status).toBe(200);
  });
});

describe("several clients on one origin", () => {
  test("models, and apps with another API, do not share an entry", async () => {
    const server = await openServer();
    const tab = createBrowser(server).openTab();
    const user = tab.client();
    const admin = tab.client({ mountAt: "/admin_auth", model: "admin" });
    await user.signIn(person);
    await admin.signIn(person);
    expect(admin.state).toMatchObject({ status: "signed-in", model: "admin" });
    expect((await admin.fetch("/admins_only")).status).toBe(200);
    expect((await user.fetch("/members_only")).status).toBe(200);
    await user.signOut();
    expect((await admin.fetch("/admins_only")).status).toBe(200);
    for (const options of [{ config: "b" }, { apiUrl: "http://localhost:3000/b" }, { storageKey: "own" }])
      expect(tab.client(options).state.status).toBe("signed-out");
  });

  test("tells whose data to throw away before anybody draws", async () => {
    const { client } = await signedIn();
    const seen: unknown[] = [];
    client.on("account-changed", ({ former, id }) => seen.push(["changed", former, id]));
    client.on("state", (state) => seen.push(["state", state.account?.email ?? null]));
    await client.signIn(bob);
    await client.signOut();
    expect(seen).toEqual([
      ["changed", 1, 2],
      ["state", bob.email],
      ["changed", 2, null],
      ["state", null],
    ]);
  });
});

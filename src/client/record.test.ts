import { describe, expect, test, vi } from "vitest";
import { apiUrl, createBrowser, openServer, person } from "../../test/fixtures/client-world.js";

const key = `keyturn:${apiUrl}/auth:default`;
const browserOf = async () => {
  const server = await openServer();
  return { server, browser: createBrowser(server) };
};

describe("what is stored", () => {
  test.each([
    ["no JSON", "{"],
    ["JSON of something else", '"hello"'],
    ["null", "null"],
    ["an entry without its parts", '{"version":1,"epoch":3,"held":{"token":"secret-token"}}'],
  ])("%s: signed out, removed, and nothing of it is said", async (_name, text) => {
    const complaints = vi.spyOn(console, "error");
    const { browser } = await browserOf();
    browser.stored.set(key, text);
    const client = browser.openTab().client();
    await client.ready;
    expect(client.state.status).toBe("signed-out");
    expect(browser.stored.has(key)).toBe(false);
    expect(complaints).not.toHaveBeenCalled();
    complaints.mockRestore();
  });

  test("an entry as 0.1.0 writes it is read by every version after it", async () => {
    const { server, browser } = await browserOf();
    const held = await server.auth.createNewAuthToken("user", 1);
    const { "access-token": token, client, uid, expiry } = held;
    const account = { id: 1, provider: "email", uid, email: uid, name: "Ada" };
    // Written out, so that it stays what it is when the code that writes it changes.
    const text = `{"version":1,"epoch":1767225600000,"remember":true,"held":{"token":"${token}","client":"${client}","expiry":${expiry},"uid":"${uid}"},"account":${JSON.stringify(account)}}`;
    browser.stored.set(key, text.padEnd(1000));
    const reader = browser.openTab().client();
    expect(reader.state).toMatchObject({ status: "signed-in", account });
    expect((await reader.fetch("/members_only")).status).toBe(200);
    await reader.signOut();
    await reader.signIn(person);
    const written = JSON.parse(browser.stored.get(key) ?? "");
    expect(Object.keys(written)).toEqual(["version", "epoch", "remember", "held", "account", "device"]);
    expect(Object.keys(written.held)).toEqual(["token", "client", "expiry", "uid"]);
  });

  test("an entry of a later version is left alone: this tab is signed out, not the user", async () => {
    const { browser } = await browserOf();
    const newer = '{"version":2,"anything":true}';
    browser.stored.set(key, newer);
    const client = browser.openTab().client();
    await client.ready;
    expect(client.state.status).toBe("signed-out");
    await client.signIn(person);
    expect((await client.fetch("/members_only")).status).toBe(200);
    expect(browser.stored.get(key)).toBe(newer);
  });
});

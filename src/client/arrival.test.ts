import { describe, expect, test } from "vitest";
import {
  createBrowser,
  openServer,
  person,
  signedIn,
  type TestServer,
  turns,
} from "../../test/fixtures/client-world.js";
import { readAddress } from "./arrival.js";

describe("what an address brings", () => {
  test.each<[string, string, string]>([
    ["?a=1&account_confirmation_success=true&b=2", "confirmed", "?a=1&b=2"],
    ["?account_confirmation_success=false", "confirmed", ""],
    [
      "?x=1&account_confirmation_success=true#/ok?account_confirmation_success=true&y=2",
      "confirmed",
      "?x=1#/ok?y=2",
    ],
    ["?x=%20+&reset_password_token=abc", "password-reset-ready", "?x=%20+"],
    ["?reset_password=false#/reset?reset_password=false", "password-reset-ready", "#/reset"],
    ["?client=mine&reset_password_token=abc", "password-reset-ready", "?client=mine"],
    [
      "?access-token=t&client=c&client_id=c&config=default&expiry=9&reset_password=true&reset_password_token=a&token=t&uid=u&keep=1",
      "password-reset-ready",
      "?keep=1",
    ],
    [
      "?auth_token=t&blank=true&client_id=c&config=default&expiry=9&uid=u&my_token=2",
      "signed-in",
      "?my_token=2",
    ],
    ["#auth_token=t&blank=true&client_id=c&expiry=9&uid=u", "signed-in", ""],
    ["?error=access_denied&blank=true&config=default", "oauth-failed", ""],
  ])("%s", (query, kind, left) => {
    const read = readAddress(`http://localhost:5173/page${query}`, "default");
    expect(read?.arrival.kind).toBe(kind);
    expect(read?.cleanUrl).toBe(`http://localhost:5173/page${left}`);
  });

  test.each([
    "?client=c&token=t&uid=u&expiry=3",
    "?error=mine",
    "#access_token=another-library",
    "?auth_token=t&client_id=c",
    "?config=b&auth_token=t&blank=true&client_id=c&expiry=9&uid=u",
    "",
  ])("the app's own %s is left alone", (query) => {
    expect(readAddress(`http://localhost:5173/page${query}`, "default")).toBeUndefined();
  });

  test("a uid with letters beyond ASCII is kept as headers carry it: bytes", () => {
    const url = "http://localhost:5173/?auth_token=t&client_id=c&expiry=9&uid=j%C3%BCrgen%40example.com";
    expect(readAddress(url, "default")?.credentials?.uid).toBe(
      Buffer.from("jürgen@example.com").toString("latin1"),
    );
  });

  test("an address of another configuration is left to its client", () => {
    const url = "http://localhost:5173/?config=b&auth_token=t&client_id=c&expiry=9&uid=u";
    expect(readAddress(url, "b")?.arrival).toEqual({ kind: "signed-in", registered: false });
    expect(readAddress(url, "c")).toBeUndefined();
  });
});

describe("a session in the address", () => {
  const sessionUrl = async (server: TestServer, more = "") => {
    const held = await server.auth.createNewAuthToken("user", 2);
    const { "access-token": auth_token = "", client: client_id = "", expiry = "", uid = "" } = held;
    const query = new URLSearchParams({
      auth_token,
      blank: "true",
      client_id,
      config: "default",
      expiry,
      uid,
    });
    return `myapp://done?${query}${more}`;
  };

  test("is out of the address before the first request, with history.state kept, and signs in", async () => {
    const server = await openServer();
    const browser = createBrowser(server);
    const url = (await sessionUrl(server, "&oauth_registration=true")).replace(
      "myapp://done",
      "http://localhost:5173/",
    );
    const tab = browser.openTab({}, url);
    const seen: unknown[] = [];
    tab.network = async (request, arrive) => {
      seen.push(tab.globals.location?.href);
      return arrive(request);
    };
    const replaced: unknown[] = [];
    const { history } = tab.globals;
    const replaceState = history?.replaceState.bind(history);
    if (history)
      history.replaceState = (state, title, to) => {
        replaced.push(state);
        replaceState?.(state, title, to);
      };
    const client = tab.client();
    const registered: unknown[] = [];
    client.on("oauth-registered", ({ account }) => registered.push(account?.email));
    await client.ready;
    await turns();
    expect(client.state).toMatchObject({ status: "signed-in", account: { email: "bob@example.com" } });
    expect([seen[0], replaced]).toEqual(["http://localhost:5173/", [{ kept: true }]]);
    expect(registered).toEqual(["bob@example.com"]);
  });

  test("handleUrl takes a deep link, the same one only once, and wins over who was signed in", async () => {
    const { server, client, tab } = await signedIn();
    const url = await sessionUrl(server);
    const changes: unknown[] = [];
    client.on("account-changed", ({ former, id }) => changes.push([former, id]));
    const [one, two] = await Promise.all([client.handleUrl(url), client.handleUrl(url)]);
    expect(one).toEqual({ kind: "signed-in", registered: false });
    expect(two).toBe(one);
    expect(client.state.account?.email).toBe("bob@example.com");
    // Whoever was shown before is not shown while the new one is asked for.
    expect(changes).toEqual([
      [1, null],
      [null, 2],
    ]);
    expect(tab.requests).toHaveLength(1);
    await client.signOut();
    await client.handleUrl(url);
    expect(client.state.status).toBe("signed-out");
    expect(await client.handleUrl("myapp://done")).toBeUndefined();
    expect(person.email).not.toBe("bob@example.com");
  });
});

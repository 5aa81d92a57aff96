import { describe, expect, test } from "vitest";
import { apiUrl, type FakeTab, signedIn, storedToken, turns } from "../../test/fixtures/client-world.js";

const pathsOf = (tab: FakeTab) => tab.requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`);

describe("401", () => {
  test("five requests with an ended session make one check, and each gets its response", async () => {
    const { server, client, tab } = await signedIn();
    const reasons: unknown[] = [];
    client.on("signed-out", ({ reason }) => reasons.push(reason));
    await server.auth.accounts.endAllSessions("user");
    const answers = await Promise.all(Array.from({ length: 5 }, () => client.fetch("/members_only")));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    expect(pathsOf(tab).filter((path) => path.includes("validate"))).toHaveLength(1);
    expect(reasons).toEqual(["revoked"]);
  });

  test.each([
    ["a wrong PIN", "/wrong_pin"],
    ["another backend's", "/other_401"],
  ])("%s is the app's own: handed over, the session stays, nothing is asked", async (_name, path) => {
    const { client, tab } = await signedIn();
    expect((await client.fetch(path)).status).toBe(401);
    expect(client.state.status).toBe("signed-in");
    expect(pathsOf(tab)).toEqual([`GET ${path}`]);
  });

  test("a route of another model: one check, the response is handed over, the session stays", async () => {
    const { client, tab } = await signedIn();
    expect((await client.fetch("/admins_only")).status).toBe(401);
    expect(client.state.status).toBe("signed-in");
    expect(pathsOf(tab)).toEqual(["GET /admins_only", "GET /auth/validate_token"]);
  });

  test("a refusal while another response is still under way waits for the token that it brings", async () => {
    const { server, client, tab } = await signedIn({ lostResponses: "expire" });
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.clock.forward("6s");
    tab.network = async (request, arrive) => {
      const answer = await arrive(request);
      if (tab.requests[0] === request) await held;
      return answer;
    };
    const first = client.fetch("/members_only");
    await turns();
    // The session has rotated; its successor is on its way for longer than the window.
    server.clock.forward("6s");
    const second = client.fetch("/members_only", { method: "POST", body: "again" });
    await turns(20);
    release();
    expect((await first).status).toBe(200);
    expect(await (await second).json()).toMatchObject({ body: "again" });
    expect(client.state.status).toBe("signed-in");
  });
});

describe("redirects", () => {
  test("are followed by hand inside the API, where they can be seen, and their token is kept", async () => {
    const { server, client, tab, browser } = await signedIn();
    const first = storedToken(browser.stored);
    server.clock.forward("6s");
    expect((await client.fetch("/moved")).status).toBe(200);
    expect(pathsOf(tab)).toEqual(["GET /moved", "GET /members_only"]);
    expect(storedToken(browser.stored)).not.toBe(first);
    expect(tab.requests[1]?.headers.get("access-token")).toBe(storedToken(browser.stored));
  });

  test("never lead to another origin, and a POST is not turned into anything", async () => {
    const { client, tab } = await signedIn();
    await expect(client.fetch("/gone_away")).rejects.toMatchObject({ code: "redirected", status: 302 });
    await expect(client.fetch("/moved", { method: "POST" })).rejects.toMatchObject({ code: "redirected" });
    expect(tab.requests.every(({ url, redirect }) => url.startsWith(apiUrl) && redirect === "manual")).toBe(
      true,
    );
    expect(client.state.status).toBe("signed-in");
  });

  test("that lead round in a circle end", async () => {
    const { client, tab } = await signedIn();
    tab.network = async (request, arrive) =>
      request.url.endsWith("/circle") ? Response.redirect(request.url, 302) : arrive(request);
    await expect(client.fetch("/circle")).rejects.toMatchObject({ code: "redirected", status: 302 });
    expect(tab.requests).toHaveLength(21);
  });

  test("that a browser hides are an error, and the successor is fetched", async () => {
    const { server, client, tab, browser } = await signedIn({ lostResponses: "expire" });
    const first = storedToken(browser.stored);
    server.clock.forward("6s");
    tab.network = async (request, arrive) => {
      const answer = await arrive(request);
      return answer.status === 302 ? Response.error() : answer;
    };
    await expect(client.fetch("/moved")).rejects.toMatchObject({ code: "redirected", status: 0 });
    await turns(20);
    expect(storedToken(browser.stored)).not.toBe(first);
  });
});

describe("the token", () => {
  test("stands above what the app wrote into the same headers", async () => {
    const { client, tab, browser } = await signedIn();
    await client.fetch("/members_only", {
      headers: { "access-token": "mine", client: "mine", "x-own": "mine" },
    });
    const { headers } = tab.requests[0] ?? new Request(apiUrl);
    expect(headers.get("access-token")).toBe(storedToken(browser.stored));
    expect([headers.get("client"), headers.get("x-own")]).toEqual([client.headersFor("/")["client"], "mine"]);
  });

  test("of the request that left later is kept, of two with the same expiry, whichever arrives first", async () => {
    const { client, tab, browser } = await signedIn();
    const { client: session = "", uid = "" } = client.headersFor("/");
    const held = browser.stored.get(`keyturn:${apiUrl}/auth:default`) ?? "";
    const expiry = String(JSON.parse(held).held.expiry + 10);
    let release = (): void => {};
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    tab.network = async ({ url }) => {
      const token = new URL(url).pathname.slice(1);
      if (token === "first") await slow;
      const headers = { "access-token": token, client: session, uid, expiry, "token-type": "Bearer" };
      return new Response("{}", { headers });
    };
    const first = client.fetch("/first");
    await client.fetch("/second");
    expect(storedToken(browser.stored)).toBe("second");
    release();
    await first;
    expect(storedToken(browser.stored)).toBe("second");
    await client.fetch("/third");
    expect(storedToken(browser.stored)).toBe("third");
  });
});

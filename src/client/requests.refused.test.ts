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

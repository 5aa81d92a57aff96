import { describe, expect, test, vi } from "vitest";
import {
  apiUrl,
  type FakeTab,
  person,
  signedIn,
  storedToken,
  turns,
} from "../../test/fixtures/client-world.js";

const pathsOf = (tab: FakeTab) => tab.requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`);
const lost = () => new TypeError("Failed to fetch");
/** Loses the responses, not the requests, while `when` holds. */
const losing = (tab: FakeTab, when: (request: Request, n: number) => boolean) => {
  let n = 0;
  tab.network = async (request, arrive) => {
    const isLost = when(request, n++);
    const answer = await arrive(request);
    if (isLost) throw lost();
    return answer;
  };
};

describe("what is sent", () => {
  test("headers, method, body and signal of a Request and of init survive, and the caller's objects stay as they are", async () => {
    const { client, tab } = await signedIn({}, { headers: { "x-app": "1", accept: "text/plain" } });
    const headers = new Headers({ accept: "application/json" });
    const request = new Request(`${apiUrl}/members_only`, { method: "POST", body: "hello", headers });
    const init = { headers: [["x-more", "2"]] as [string, string][] };
    const answer = await client.fetch(request);
    expect(await answer.json()).toMatchObject({ body: "hello" });
    expect(request.headers.has("access-token")).toBe(false);
    const sent = tab.requests[0];
    expect([sent?.method, sent?.headers.get("accept"), sent?.headers.get("x-app")]).toEqual([
      "POST",
      "application/json",
      "1",
    ]);
    await client.fetch("/members_only", init);
    expect(tab.requests[1]?.headers.get("x-more")).toBe("2");
    expect(init).toEqual({ headers: [["x-more", "2"]] });
  });

  test.each<[string, () => RequestInit["body"]]>([
    ["text", () => "hello"],
    ["a Blob", () => new Blob(["hello"])],
    ["bytes", () => new TextEncoder().encode("hello")],
    ["URLSearchParams", () => new URLSearchParams("hello")],
  ])("%s is sent again, whole, after a refusal that a newer token mends", async (_name, body) => {
    const { server, client, tab, browser } = await signedIn({ lostResponses: "expire" });
    // Two windows pass on the way, and another tab is given two tokens meanwhile.
    const other = browser.openTab().client({ validateOnLoad: false });
    let isFirst = true;
    tab.network = async (request, arrive) => {
      if (isFirst) {
        isFirst = false;
        for (let i = 0; i < 2; i++) {
          server.clock.forward("6s");
          await other.fetch("/members_only");
        }
      }
      return arrive(request);
    };
    const answer = await client.fetch("/members_only", { method: "POST", body: body() ?? null });
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as { body: string }).body).toMatch(/^hello=?$/);
    expect(pathsOf(tab)).toEqual(["POST /members_only", "POST /members_only"]);
  });

  test("a stream is sent once: with a fresh token, and a refusal is not_replayable with the session intact", async () => {
    const { server, client, tab, browser } = await signedIn({ lostResponses: "expire" });
    const stream = () => new Blob(["hello"]).stream();
    const send = () =>
      client.fetch("/members_only", { method: "POST", body: stream(), duplex: "half" } as RequestInit);
    server.clock.forward("3s");
    expect(await (await send()).json()).toMatchObject({ body: "hello" });
    expect(pathsOf(tab)).toEqual(["GET /auth/validate_token", "POST /members_only"]);
    const other = browser.openTab().client({ validateOnLoad: false });
    tab.network = async (request, arrive) => {
      if (request.method === "POST")
        for (let i = 0; i < 2; i++) {
          server.clock.forward("6s");
          await other.fetch("/members_only");
        }
      return arrive(request);
    };
    await expect(send()).rejects.toMatchObject({ code: "not_replayable", status: 401 });
    expect(client.state.status).toBe("signed-in");
    tab.network = (request, arrive) => arrive(request);
    expect((await client.fetch("/members_only")).status).toBe(200);
  });
});

describe("responses that are lost", () => {
  test("a GET is sent again, inside the window with the same token", async () => {
    const { server, client, tab } = await signedIn();
    server.clock.forward("6s");
    losing(tab, (_request, n) => n < 2);
    expect((await client.fetch("/members_only")).status).toBe(200);
    expect(new Set(tab.requests.map(({ headers }) => headers.get("access-token"))).size).toBe(1);
    expect(tab.requests).toHaveLength(3);
  });

  test.each(["recover", "expire"] as const)(
    "a POST is not: the caller is told, and the client learns the successor by itself (%s)",
    async (lostResponses) => {
      const { server, client, tab, browser } = await signedIn({ lostResponses });
      const first = storedToken(browser.stored);
      server.clock.forward("6s");
      losing(tab, (request) => request.method === "POST");
      await expect(client.fetch("/members_only", { method: "POST", body: "an order" })).rejects.toMatchObject(
        {
          code: "network",
        },
      );
      await turns(20);
      expect(pathsOf(tab)).toEqual(["POST /members_only", "GET /auth/validate_token"]);
      expect(server.calls.filter((call) => call === "POST /members_only")).toHaveLength(1);
      expect(storedToken(browser.stored)).not.toBe(first);
      server.clock.forward("6s");
      expect((await client.fetch("/members_only")).status).toBe(200);
    },
  );

  test("a POST with an Idempotency-Key is sent again", async () => {
    const { client, tab } = await signedIn();
    losing(tab, (_request, n) => n === 0);
    const headers = { "idempotency-key": "1" };
    expect((await client.fetch("/members_only", { method: "POST", headers, body: "x" })).status).toBe(200);
    expect(tab.requests).toHaveLength(2);
  });

  test("an abort passes through as it came, ends nothing, and the lost successor is fetched", async () => {
    const { server, client, tab, browser } = await signedIn({ lostResponses: "expire" });
    const first = storedToken(browser.stored);
    const events = vi.fn();
    for (const name of ["signed-out", "offline"] as const) client.on(name, events);
    server.clock.forward("6s");
    const controller = new AbortController();
    tab.network = async (request, arrive) => {
      const answer = await arrive(request);
      if (request.url.endsWith("/members_only")) controller.abort();
      request.signal.throwIfAborted();
      return answer;
    };
    const sent = client.fetch("/members_only", { signal: controller.signal });
    const error: unknown = await sent.catch((thrown: unknown) => thrown);
    expect([error, (error as Error).name]).toEqual([controller.signal.reason, "AbortError"]);
    await turns(20);
    expect(events).not.toHaveBeenCalled();
    expect(storedToken(browser.stored)).not.toBe(first);
  });

  test("what was aborted before it left is not sent", async () => {
    const { client, tab } = await signedIn();
    const signal = AbortSignal.abort();
    await expect(client.fetch("/members_only", { signal })).rejects.toBe(signal.reason);
    expect(tab.requests).toEqual([]);
  });

  test("a response that takes longer than the limit is a timeout, and its token is kept all the same", async () => {
    const { server, tab, browser } = await signedIn();
    const client = tab.client({ timeout: 15_000, validateOnLoad: false });
    const first = storedToken(browser.stored);
    server.clock.forward("6s");
    tab.network = async (request, arrive) => {
      const answer = await arrive(request);
      if (request.method === "POST") await turns(900);
      return answer;
    };
    await expect(client.fetch("/members_only", { method: "POST" })).rejects.toMatchObject({
      code: "timeout",
    });
    await turns(600);
    expect(storedToken(browser.stored)).not.toBe(first);
  });
});

describe("no network is not signed out", () => {
  test.each<[string, (request: Request) => Promise<Response>]>([
    ["offline", async () => Promise.reject(lost())],
    ["a 502 of a proxy", async () => new Response("<h1>Bad gateway</h1>", { status: 502 })],
    ["a captive portal", async () => new Response("<h1>Please pay</h1>", { status: 200 })],
    ["a 401 of another server", async () => new Response("Unauthorized", { status: 401 })],
    ["a 503 of ours", async () => Response.json({ code: "unavailable" }, { status: 503 })],
  ])("%s: the account stays, stale, until the server answers again", async (_name, answer) => {
    const { browser } = await signedIn();
    const tab = browser.openTab();
    const seen: string[] = [];
    const [online] = [tab.network];
    tab.network = answer;
    const client = tab.client();
    for (const name of ["offline", "online", "signed-out"] as const)
      client.on(name, () => void seen.push(name));
    await turns(20);
    expect(client.state).toMatchObject({
      status: "signed-in",
      stale: true,
      account: { email: person.email },
    });
    tab.network = online;
    tab.fire("online");
    await turns(100);
    expect(client.state).toMatchObject({ status: "signed-in", stale: false });
    expect(seen).toEqual(["offline", "online"]);
    client.dispose();
  });

  test("it asks again by itself, less and less often", async () => {
    const { browser } = await signedIn();
    const tab = browser.openTab();
    tab.network = async () => Promise.reject(lost());
    const client = tab.client();
    await turns(60);
    const asked = tab.requests.length;
    expect(asked).toBeGreaterThan(3);
    expect(asked).toBeLessThan(12);
    client.dispose();
    await turns(80);
    expect(tab.requests.length).toBeLessThanOrEqual(asked + 1);
  });
});

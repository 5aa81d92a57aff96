import { gunzipSync } from "node:zlib";
import type { Auth, AuthConfig, AuthEvent } from "keyturn";
import { afterEach, describe, expect, test } from "vitest";
import { startSite } from "./site-fixture.js";

const opened: Auth[] = [];
const text = { type: "string", writable: true } as const;
const models: AuthConfig["models"] = {
  user: { mountAt: "/auth", confirmable: false, fields: { name: text, nickname: text } },
  admin: { mountAt: "/admin_auth", confirmable: false },
};

afterEach(async () => {
  for (const auth of opened.splice(0)) await auth.close();
});

async function demo(config: Partial<AuthConfig> = {}) {
  const site = await startSite({ models, ...config });
  opened.push(site.auth);
  const { app } = site;
  const ask = (path: string, headers: Record<string, string> = {}) => app.request(path, { headers });
  const register = async (mountAt: string, body: Record<string, string>) => {
    const answer = await app.request(mountAt, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        password: "violet kettle 47 marsh",
        confirm_success_url: "http://localhost:3000/",
        ...body,
      }),
    });
    const names = ["access-token", "client", "uid"];
    return Object.fromEntries(names.map((name) => [name, answer.headers.get(name) ?? ""]));
  };
  return { ...site, ask, register };
}

describe("the demo's protected routes", () => {
  test("each greets the accounts it is for, by the best name they have, with the next token", async () => {
    const { ask, register } = await demo();
    const ada = await register("/auth", { email: "ada@example.com", name: "Ada", nickname: "Countess" });
    const bob = await register("/auth", { email: "bob@example.com", nickname: "Bobby" });
    const root = await register("/admin_auth", { email: "root@example.com" });

    const answer = await ask("/demo/members_only", ada);
    expect(answer.headers.get("access-token")).toMatch(/\S{20}/);
    expect(await answer.json()).toMatchObject({
      data: { message: "Welcome Ada", user: { email: "ada@example.com", nickname: "Countess" } },
    });
    for (const [path, credentials, name] of [
      ["/demo/users_only", bob, "Bobby"],
      ["/demo/member_group", bob, "Bobby"],
      ["/demo/admins_only", root, "root@example.com"],
      ["/demo/member_group", root, "root@example.com"],
    ] as const) {
      expect(await (await ask(path, credentials)).json()).toMatchObject({
        data: { message: `Welcome ${name}` },
      });
    }
  });

  test("an account of another model is not let in", async () => {
    const { ask, register } = await demo();
    const ada = await register("/auth", { email: "ada@example.com" });

    expect((await ask("/demo/admins_only", ada)).status).toBe(401);
    const answer = await ask("/demo/members_only");
    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual({
      errors: ["You need to sign in or sign up before continuing."],
      code: "unauthenticated",
    });
  });

  test("a route can be told to take its time, and no longer than asked", async () => {
    const { ask, register } = await demo();
    const ada = await register("/auth", { email: "ada@example.com" });
    const began = performance.now();
    const answer = await ask("/demo/slow?ms=120", ada);

    expect(answer.status).toBe(200);
    expect(performance.now() - began).toBeGreaterThanOrEqual(110);
  });

  test("a configuration with other models has members, routes and a description of its own", async () => {
    const { ask, register } = await demo({
      models: { customer: { mountAt: "/customers", confirmable: false } },
      groups: {},
      batchRequestBufferThrottle: "2s",
    });
    const eve = await register("/customers", { email: "eve@example.com" });

    expect((await ask("/demo/members_only", eve)).status).toBe(200);
    expect((await ask("/demo/customers_only", eve)).status).toBe(200);
    expect((await ask("/demo/admins_only", eve)).status).toBe(404);
    expect(await (await ask("/demo/config.json")).json()).toMatchObject({
      models: [{ name: "customer", mountAt: "/customers", confirmable: false, path: "/demo/members_only" }],
      groups: [],
      window: 2000,
      lostResponses: "expire",
      inbox: true,
      events: true,
    });
  });
});

test("a model called member leaves the users their members_only, and has a route of its own", async () => {
  const member = { mountAt: "/members", confirmable: false };
  const { ask, register } = await demo({ models: { ...models, member }, groups: {} });
  const mia = await register("/members", { email: "mia@example.com" });

  expect((await ask("/demo/members_only", mia)).status).toBe(401);
  expect((await ask("/demo/member_only", mia)).status).toBe(200);
});

describe("the servers of the examples", () => {
  test("each signs in whoever registers, and lets in nobody else's accounts", async () => {
    const { ask, register } = await demo();
    const [ada, one, other] = await Promise.all([
      register("/auth", { email: "ada@example.com" }),
      register("/demo/recover", { email: "guest@example.com", name: "Guest" }),
      register("/demo/expire", { email: "guest@example.com", name: "Guest" }),
    ]);

    expect(await (await ask("/demo/hello/recover", one)).json()).toEqual({
      data: { message: "Welcome Guest" },
    });
    expect((await ask("/demo/hello/expire", other)).status).toBe(200);
    for (const stranger of [ada, other])
      expect((await ask("/demo/hello/recover", stranger)).status).toBe(401);
    expect((await ask("/demo/members_only", one)).status).toBe(401);
  });
});

describe("what the demo shows", () => {
  test("the page has a policy under which no foreign and no inline code runs", async () => {
    const { ask } = await demo();
    for (const path of ["/", "/app.js", "/style.css", "/nowhere"]) {
      const { headers } = await ask(path);
      expect(headers.get("content-security-policy")).toMatch(/^default-src 'self';/);
      expect(headers.get("content-security-policy")).not.toContain("unsafe");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
    }
    const page = await (await ask("/")).text();
    expect(page).not.toMatch(/<script>|<style|\sstyle=|\son[a-z]+=/);
  });

  test("files have their types, and are not sent again while they are unchanged", async () => {
    const { ask } = await demo();
    const first = await ask("/app.js");
    const again = await ask("/app.js", { "if-none-match": first.headers.get("etag") ?? "" });

    expect(first.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(again.status).toBe(304);
  });

  test("files are sent gzipped to whoever takes that, under a tag of their own", async () => {
    const { ask } = await demo();
    const plain = await ask("/app.js");
    const packed = await ask("/app.js", { "accept-encoding": "br, gzip" });

    expect(packed.headers.get("content-encoding")).toBe("gzip");
    expect(packed.headers.get("vary")).toContain("accept-encoding");
    expect(packed.headers.get("etag")).not.toBe(plain.headers.get("etag"));
    expect(gunzipSync(await packed.arrayBuffer()).toString()).toBe(await plain.text());
  });

  test("security events are listed from the one after a given id", async () => {
    const { ask, register } = await demo();
    await register("/auth", { email: "ada@example.com" });
    const list = async (after: number): Promise<(AuthEvent & { id: number })[]> =>
      JSON.parse(await (await ask(`/demo/events?after=${after}`)).text()).data;
    const events = await list(0);

    expect(events.map((event) => event.name)).toContain("account.registered");
    expect(await list(events.at(-1)?.id ?? 0)).toEqual([]);
    expect(await list(Number.NaN)).toEqual(events);
  });

  test("the events are shown under this machine's own names only", async () => {
    const { app } = await demo();
    for (const host of ["localhost:3000", "127.0.0.1:4000", "[::1]:3000"])
      expect((await app.request(`http://${host}/demo/events`)).status).toBe(200);
    expect((await app.request("http://rebind.evil.example/demo/events")).status).toBe(404);
  });

  test("production has neither inbox nor events", async () => {
    const { ask } = await demo({ environment: "production" });

    expect((await ask("/inbox/messages")).status).toBe(404);
    expect((await ask("/inbox")).status).toBe(404);
    expect((await ask("/demo/events")).status).toBe(404);
    expect((await ask("/demo/recover/validate_token")).status).toBe(404);
    expect(await (await ask("/demo/config.json")).json()).toMatchObject({
      inbox: false,
      events: false,
      examples: [],
    });
  });

  test("a wrong address is JSON for programs and a page for people", async () => {
    const { ask, app } = await demo();

    for (const path of ["/demo/nothing", "/inbox/messages/1/2", "/auth/nothing"]) {
      expect(await (await ask(path)).json()).toMatchObject({ success: false, errors: ["Nothing is here."] });
    }
    expect(await (await ask("/nothing")).text()).toContain("<h1>No key fits here</h1>");
    expect((await app.request("/nothing", { method: "POST" })).headers.get("content-type")).toContain("json");
  });
});

import { createServer, request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { models, mounts, type OurAuth } from "../../test/fixtures/adapter-apps.js";
import { credentialsOf, testAuth } from "../testing/testing.js";

const logger = { info() {}, warn() {}, error() {} };
const frontEnd = "http://localhost:5173";

describe.each(Object.entries(mounts))("mounted in %s", (_name, mount) => {
  let fixture: Awaited<ReturnType<typeof start>>;
  let held: Record<string, string> = {};
  const [email, password] = ["ada@example.com", "correct horse battery staple"];

  async function start() {
    const tested = await testAuth({ models, groups: { member: ["user", "admin"] }, logger });
    const server = createServer(mount(tested.auth as unknown as OurAuth));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const origin = `http://127.0.0.1:${port}`;
    const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
      fetch(`${origin}${path}`, { redirect: "manual", ...init });
    const post = (path: string, body: object): Promise<Response> =>
      ask(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    return { ...tested, server, origin, ask, post };
  }
  /** Asks with the credentials in hand and keeps the new ones; past the window, so that each answer has its own token. */
  async function askNext(path: string, init: RequestInit = {}): Promise<Response> {
    fixture.clock.forward("6s");
    const answer = await fixture.ask(path, { ...init, headers: { ...held, ...init.headers } });
    held = credentialsOf(answer, held);
    return answer;
  }

  beforeAll(async () => {
    fixture = await start();
  });
  afterAll(async () => {
    fixture.server.closeAllConnections();
    fixture.server.close();
    await fixture.auth.close();
  });

  test("registration takes JSON and hands out credentials", async () => {
    const answer = await fixture.post("/auth", { email, password, name: "Ada" });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ status: "success", data: { email, name: "Ada" } });
    held = credentialsOf(answer);
    expect(held).toHaveProperty("access-token");
  });

  test("sign-in takes a form too, nested names and all", async () => {
    const body = new URLSearchParams({ email, password, "extra[nested]": "dropped" });
    const answer = await fixture.ask("/auth/sign_in", { method: "POST", body });
    expect(answer.status).toBe(200);
    held = credentialsOf(answer);
  });

  test("a malformed body is a 400 or handed to the framework's own error, never a hang or a pass", async () => {
    const headers = { "content-type": "application/json" };
    const answer = await fixture.ask("/auth/sign_in", { method: "POST", headers, body: '{"email":' });
    expect(answer.headers.has("access-token")).toBe(false);
    expect([400, 500]).toContain(answer.status);
  });

  test("a body that is too large is a 413 that the client can read, and its connection goes on", async () => {
    const body = new URLSearchParams({ email, password: "x".repeat(90_000) });
    for (const path of ["/auth/sign_in", "/auth/nowhere"]) {
      const answer = await fixture.ask(path, { method: "POST", body });
      // Behind a parser its own limit counts.
      expect([413, 404, 401]).toContain(answer.status);
      expect(answer.headers.get("content-type")).toContain("application/json");
      expect((await fixture.ask("/members")).status).toBe(401);
    }
  });

  test("a method that no route has is answered in JSON, also one that fetch does not know", async () => {
    const answer = await fixture.ask("/auth/sign_in", { method: "PROPFIND" });
    expect(answer.status).toBe(405);
    expect(await answer.json()).toMatchObject({ success: false });
    const traced = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(`${fixture.origin}/auth/sign_in`, { method: "TRACE" }, (got) => {
        got.resume();
        resolve(got.statusCode);
      });
      sent.on("error", reject).end();
    });
    expect(traced).toBe(405);
  });

  test("a route of the app's own knows who asks, and rotates the token", async () => {
    const before = held["access-token"];
    const answer = await askNext("/members");
    expect(await answer.text()).toBe(`user ${email}`);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(held["access-token"]).not.toBe(before);
  });

  test("without credentials, and with those of another model, it is a 401 in JSON", async () => {
    const admin = credentialsOf(await fixture.post("/admin_auth", { email, password }));
    for (const headers of [{}, admin, { ...held, "access-token": "undefined" }]) {
      const answer = await fixture.ask("/members", { headers });
      expect(answer.status).toBe(401);
      expect(answer.headers.has("access-token")).toBe(false);
      expect(await answer.json()).toEqual({
        errors: ["You need to sign in or sign up before continuing."],
        code: "unauthenticated",
      });
    }
    const either = await fixture.ask("/either", { headers: admin });
    expect(await either.text()).toBe(`admin ${email}`);
    expect(credentialsOf(either)).toHaveProperty("access-token");
  });

  test("twenty requests at once agree on the next token (security 7)", async () => {
    fixture.clock.forward("6s");
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => fixture.ask("/members", { headers: held })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map((answer) => answer.headers.get("access-token"))).size).toBe(1);
    held = credentialsOf(answers[0] ?? new Response(), held);
  });

  test("a handler that throws answers 500 with the next token", async () => {
    const before = held["access-token"];
    const answer = await askNext("/throws");
    expect(answer.status).toBe(500);
    expect(answer.headers.get("access-token")).toBe(held["access-token"]);
    expect(held["access-token"]).not.toBe(before);
  });

  test("a handler's own status, cookie and Vary stand beside the next token, which nobody may cache (security 19)", async () => {
    const before = held["access-token"];
    const answer = await askNext("/raw", { headers: { origin: frontEnd } });
    expect(answer.status).toBe(201);
    expect(await answer.text()).toBe("raw");
    expect(answer.headers.getSetCookie()).toEqual(["own=1"]);
    expect(answer.headers.get("vary")).toContain("Accept");
    expect(answer.headers.get("access-control-allow-origin")).toBe(frontEnd);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(held["access-token"]).not.toBe(before);
  });

  test("304, redirects and HEAD carry the next token as well", async () => {
    for (const [path, method, status] of [
      ["/unchanged", "GET", 304],
      ["/moved", "GET", 302],
      ["/members", "HEAD", 200],
    ] as const) {
      const before = held["access-token"];
      const answer = await askNext(path, { method });
      expect(answer.status).toBe(status);
      expect(held["access-token"]).not.toBe(before);
    }
  });

  test("front ends are let in by preflights, and may read the headers (security 23)", async () => {
    for (const path of ["/auth/sign_in", "/members"]) {
      const headers = { origin: frontEnd, "access-control-request-method": "POST" };
      const preflight = await fixture.ask(path, { method: "OPTIONS", headers });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get("access-control-allow-origin")).toBe(frontEnd);
      expect(preflight.headers.get("access-control-allow-headers")).toContain("access-token");
      const stranger = await fixture.ask(path, {
        method: "OPTIONS",
        headers: { ...headers, origin: "https://evil.example" },
      });
      expect(stranger.headers.has("access-control-allow-origin")).toBe(false);
      const answer = await fixture.ask(path, { headers: { origin: frontEnd } });
      expect(answer.headers.get("access-control-expose-headers")).toMatch(/access-token/);
      expect(answer.headers.get("vary")).toContain("Origin");
    }
  });

  test("a route for everybody knows its members and serves strangers, forged tokens or none", async () => {
    expect(await (await askNext("/maybe")).text()).toBe("Ada");
    for (const headers of [{}, { ...held, client: "someone-else" }]) {
      const answer = await fixture.ask("/maybe", { headers });
      expect(await answer.text()).toBe("stranger");
      expect(answer.headers.has("access-token")).toBe(false);
    }
  });

  test("signing out ends it", async () => {
    const answer = await fixture.ask("/auth/sign_out", { method: "DELETE", headers: held });
    expect(answer.status).toBe(200);
    expect(answer.headers.has("access-token")).toBe(false);
    expect((await fixture.ask("/members", { headers: held })).status).toBe(401);
  });
});

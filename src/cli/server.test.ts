import { Hono } from "hono";
import { afterEach, expect, test } from "vitest";
import { testAuth } from "../testing/testing.js";
import { createServer } from "./server.js";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const auth of opened.splice(0)) await auth.close();
});

const models = { user: { mountAt: "/auth" } } as const;

async function start(routes?: Hono) {
  const t = await testAuth({ models });
  opened.push(t.auth);
  return { ...t, withInbox: createServer({ ...t, routes }), without: createServer({ auth: t.auth, routes }) };
}

const register = {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({
    email: "ada@example.com",
    password: "a quiet violet hour",
    confirm_success_url: "http://localhost:5173/",
  }),
};

test("the auth routes are there, and the inbox has the mails that they send", async () => {
  const { withInbox } = await start();
  expect((await withInbox.request("/auth", register)).status).toBe(200);
  expect(await (await withInbox.request("/inbox/messages?to=ada@example.com")).json()).toMatchObject([
    { to: "ada@example.com", subject: "Confirmation instructions" },
  ]);
  expect(await (await withInbox.request("/inbox")).text()).toContain("Confirmation instructions");
});

test.each(["/", "/nowhere", "/demo/members_only", "/demo/config.json", "/inbox/nothing", "/auth/nothing"])(
  "%s is a 404 in JSON, for GET as for POST",
  async (path) => {
    const { withInbox } = await start();
    for (const method of ["GET", "POST"]) {
      const response = await withInbox.request(path, { method });
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({
        success: false,
        errors: ["Nothing is here."],
        code: "not_found",
      });
    }
  },
);

test.each(["/inbox", "/inbox/messages", "/inbox/messages?to=ada@example.com"])(
  "without an outbox %s is a 404",
  async (path) => {
    const { without } = await start();
    expect((await without.request(path)).status).toBe(404);
  },
);

test("routes of the caller's own are served beside the auth routes, and cannot replace them", async () => {
  const own = new Hono()
    .get("/health", (context) => context.text("ok"))
    .all("*", (context) => context.text("mine"));
  const { withInbox } = await start(own);
  expect(await (await withInbox.request("/health")).text()).toBe("ok");
  expect((await withInbox.request("/auth", register)).status).toBe(200);
});

test.each(["/inbox", "/inbox/messages"])(
  "%s is shown under this machine's own names only, not under a name that somebody made point here",
  async (path) => {
    const { withInbox } = await start();
    for (const host of ["localhost:3000", "127.0.0.1:4000", "[::1]:3000"])
      expect((await withInbox.request(`http://${host}${path}`)).status).toBe(200);
    for (const host of ["rebind.evil.example", "localhost.evil.example:3000", "127.0.0.1.evil.example"])
      expect((await withInbox.request(`http://${host}${path}`)).status).toBe(404);
  },
);

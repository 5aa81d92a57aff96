import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { credentialsOf, testAuth } from "../testing/testing.js";
import * as onHono from "./hono.js";

const models = { user: { mountAt: "/auth", confirmable: false } } as const;
const logger = { info() {}, warn() {}, error() {} };
const frontEnd = "http://localhost:5173";

describe("an answer that a Hono handler did not build with Hono", () => {
  test("gets the token, the cookie and the CORS headers, though its own cannot be changed", async () => {
    const { auth, request: ask } = await testAuth({ models, logger, cookieEnabled: true });
    const app = new Hono();
    app.use(onHono.keyturn(auth));
    app.get("/proxied", onHono.authenticate(auth, "user"), () => fetch("data:text/plain,far"));
    const signedUp = await ask("POST /auth", {
      body: { email: "ada@example.com", password: "correct horse battery staple" },
    });
    const cookie = signedUp.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    for (const headers of [credentialsOf(signedUp), { cookie }]) {
      const answer = await app.request("/proxied", { headers: { ...headers, origin: frontEnd } });
      expect(await answer.text()).toBe("far");
      expect(answer.headers.getSetCookie()[0]).toMatch(/^__Host-keyturn=/);
      expect(answer.headers.get("access-control-allow-origin")).toBe(frontEnd);
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(answer.headers.has("access-token")).toBe(!("cookie" in headers));
    }
    await auth.close();
  });
});

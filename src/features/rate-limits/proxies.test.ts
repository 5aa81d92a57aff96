import { expect, onTestFinished, test } from "vitest";
import { callersOf } from "../../../test/fixtures/callers.js";
import { silent } from "../../../test/fixtures/http.js";
import { testAuth } from "../../testing/testing.js";

const proxy = "10.0.0.1";

test.each(["unknown", "198.51.100.7, unknown", "'{%{print(1)}}'", "", "10.0.0.1"])(
  "limits hold where a listed proxy says nothing that can be read: %j (security 48)",
  async (forwarded) => {
    const warnings: unknown[] = [];
    const t = await testAuth({
      rateLimits: true,
      trustedProxies: ["10.0.0.0/8"],
      logger: { ...silent, warn: (_: object, text?: string) => warnings.push(text) },
    });
    onTestFinished(() => t.auth.close());
    const from = callersOf(t.auth);
    const codes: number[] = [];
    for (let i = 0; i < 12; i++) {
      const body = { email: `p${i}@example.com`, password: "wrong violet hour" };
      const headers = { "x-forwarded-for": forwarded };
      codes.push((await from(proxy, "POST /admin_auth/sign_in", body, headers)).status);
    }
    expect(codes).toEqual([...Array(10).fill(401), 429, 429]);
    expect(warnings).toEqual([]);
    expect(t.events.filter(({ name }) => name === "proxy.unlisted")).toEqual([]);
    const body = { email: "elsewhere@example.com", password: "wrong violet hour" };
    const readable = { "x-forwarded-for": "198.51.100.7" };
    expect((await from(proxy, "POST /admin_auth/sign_in", body, readable)).status).toBe(401);
  },
);

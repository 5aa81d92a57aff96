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

/** Twelve wrong passwords of as many people: one more than two of them is past the limit of an address. */
async function twelve(peer: string | undefined, headers: Record<string, string>, settings = {}) {
  const warnings: string[] = [];
  const t = await testAuth({
    rateLimits: true,
    logger: { ...silent, warn: (_: object, text?: string) => void warnings.push(text ?? "") },
    ...settings,
  });
  onTestFinished(() => t.auth.close());
  const codes: number[] = [];
  for (let i = 0; i < 12; i++) {
    const request = new Request("http://localhost:3000/admin_auth/sign_in", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ email: `p${i}@example.com`, password: "wrong violet hour" }),
    });
    codes.push((await t.auth.handle(request, peer === undefined ? {} : { peer })).status);
  }
  const events = t.events.filter(({ name }) => name === "proxy.unlisted");
  return { refused: codes.filter((code) => code === 429).length, events, warnings };
}

test.each<[string, string | undefined, Record<string, string>, string]>([
  ["a platform's proxy (RFC 6598)", "100.64.0.3", { "x-forwarded-for": "203.0.113.9" }, "100.64.0.3"],
  ["one that writes X-Real-IP alone", "10.0.0.1", { "x-real-ip": "203.0.113.9" }, "10.0.0.1"],
  ["one that writes Forwarded alone (RFC 7239)", "127.0.0.1", { forwarded: "for=203.0.113.9" }, "127.0.0.1"],
  ["one that says Via and no more", "127.0.0.1", { via: "1.1 proxy" }, "127.0.0.1"],
  ["a tunnel that writes a header of its own", "::1", { "cf-connecting-ip": "203.0.113.9" }, "::1"],
  ["one at a unix socket", undefined, { "x-forwarded-for": "203.0.113.9" }, '"unix"'],
])(
  "behind %s that is not listed nobody shuts out the others, and one warning says what to set",
  async (_what, peer, headers, named) => {
    const { refused, events, warnings } = await twelve(peer, headers);
    expect(refused).toBe(0);
    expect(events).toEqual([expect.objectContaining({ reason: "unlisted" })]);
    expect(warnings).toEqual([expect.stringContaining(named)]);
    expect(warnings[0]).toContain("trustedProxies");
  },
);

test("a listed proxy that names its clients in another header is told of, and nobody shuts out the others", async () => {
  const headers = { "x-real-ip": "203.0.113.9" };
  const { refused, events, warnings } = await twelve("10.0.0.1", headers, { trustedProxies: ["10.0.0.0/8"] });
  expect(refused).toBe(0);
  expect(events).toEqual([expect.objectContaining({ reason: "silent", address: "10.0.0.1" })]);
  expect(warnings).toEqual([expect.stringContaining("X-Forwarded-For")]);
});

test("what a client on the internet writes of proxies is no way around the limit of its address", async () => {
  for (const name of ["x-forwarded-for", "x-real-ip", "forwarded", "via", "cf-connecting-ip"])
    expect(await twelve("198.51.100.7", { [name]: "203.0.113.9" })).toEqual({
      refused: 2,
      events: [],
      warnings: [],
    });
});

test("through a unix socket that is listed each client has its own limit", async () => {
  const settings = { trustedProxies: ["unix"] };
  const { refused, warnings } = await twelve(undefined, { "x-forwarded-for": "203.0.113.9" }, settings);
  expect([refused, warnings]).toEqual([2, []]);
});

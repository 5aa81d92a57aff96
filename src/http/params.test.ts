import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bodyOf, password } from "../../test/fixtures/http.js";
import { type TestAuth, testAuth } from "../testing/testing.js";

const models = { user: { mountAt: "/auth", fields: { name: { type: "string", writable: true } } } } as const;
const confirm_success_url = "http://localhost:5173/done";

let t: TestAuth<typeof models, Record<never, never>>;
beforeAll(async () => {
  t = await testAuth({ models });
});
afterAll(() => t.auth.close());

const raw = (type: string | undefined, body: NonNullable<RequestInit["body"]>, path = "/auth") =>
  t.auth.handle(
    new Request(`http://localhost:3000${path}`, {
      method: "POST",
      body,
      ...(type ? { headers: { "content-type": type } } : {}),
    }),
  );

describe("parameters of a registration", () => {
  const fields = (email: string) => ({ email, password, confirm_success_url, name: "Form" });

  test("as a form", async () => {
    const answer = await raw(undefined, new URLSearchParams(fields("form@example.com")));
    expect([answer.status, (await bodyOf(answer)).data.name]).toEqual([200, "Form"]);
  });

  test("as multipart", async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields("multipart@example.com"))) form.append(name, value);
    form.append("image", new Blob(["bytes"]), "image.png");
    const answer = await raw(undefined, form);
    expect([answer.status, (await bodyOf(answer)).data.name]).toEqual([200, "Form"]);
  });

  test("in the query, for old clients; the body wins", async () => {
    const query = new URLSearchParams(fields("query@example.com"));
    const answer = await raw("application/json", JSON.stringify({ name: "Body" }), `/auth?${query}`);
    expect((await bodyOf(answer)).data).toMatchObject({ email: "query@example.com", name: "Body" });
  });

  test("as JSON with a charset, or of a +json type", async () => {
    for (const [type, email] of [
      ["application/json; charset=utf-8", "charset@example.com"],
      ["application/vnd.api+json", "api@example.com"],
    ] as const)
      expect((await raw(type, JSON.stringify(fields(email)))).status).toBe(200);
  });

  // HarperFast/harper#1438, baealex/ocean-brain#262; and clients that say utf-8 there.
  test.each([
    ["gzip", 415],
    ["br", 415],
    ["utf-8", 200],
    ["identity", 200],
  ])("a body in the encoding %s: %i", async (encoding, status) => {
    const text = JSON.stringify(fields(`${encoding}@example.com`));
    const body = encoding === "gzip" ? gzipSync(text) : encoding === "br" ? brotliCompressSync(text) : text;
    const response = await t.auth.handle(
      new Request("http://localhost:3000/auth", {
        method: "POST",
        headers: { "content-type": "application/json", "content-encoding": encoding },
        body,
      }),
    );
    expect(response.status).toBe(status);
  });

  test.each<[string, string, NonNullable<RequestInit["body"]>, number, string]>([
    ["malformed JSON", "application/json", '{"email":', 400, "malformed_body"],
    ["a JSON list", "application/json", "[1]", 400, "malformed_body"],
    ["a JSON text", "application/json", '"email"', 400, "malformed_body"],
    [
      "bytes that are not UTF-8",
      "application/json",
      new Uint8Array([0x7b, 0xff, 0xfe]),
      400,
      "malformed_body",
    ],
    ["multipart without a boundary", "multipart/form-data", "x", 400, "malformed_body"],
    [
      "more than 64 KiB",
      "application/json",
      JSON.stringify({ email: "a".repeat(65_536) }),
      413,
      "body_too_large",
    ],
    ["an unknown media type", "text/plain", "email=a", 415, "unsupported_media_type"],
    ["XML", "application/xml", "<a/>", 415, "unsupported_media_type"],
  ])("%s", async (_name, type, body, status, code) => {
    const answer = await raw(type, body);
    expect([answer.status, await answer.json()]).toEqual([
      status,
      { success: false, errors: [expect.stringMatching(/body/)], code },
    ]);
    expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
  });
});

import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { type BotCheckRequest, hCaptcha, turnstile } from "keyturn/checks";
import { describe, expect, test } from "vitest";
import { listen } from "../../test/fixtures/listening.js";

type Answer = (fields: URLSearchParams, res: ServerResponse, asked: number) => void;
const says =
  (answer: object): Answer =>
  (_fields, res) =>
    res.end(JSON.stringify(answer));
const good = says({ success: true, "error-codes": [], hostname: "app.example.com", action: "sign-up" });

/** Stands for the service: each question's fields, and what it says to each. */
async function service(answer: Answer = good, timeout = 3000) {
  const asked: Record<string, string>[] = [];
  const { origin } = await listen((async (req, res) => {
    const fields = new URLSearchParams(await textOf(req));
    asked.push(Object.fromEntries(fields));
    answer(fields, res, asked.length);
  }) satisfies RequestListener);
  return { asked, options: { endpoint: `${origin}/siteverify`, secretKey: "s3cret", timeout } };
}

async function textOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const request = (more: Partial<BotCheckRequest> = {}): BotCheckRequest => ({
  action: "register",
  model: "user",
  address: "192.0.2.7",
  parameter: (name) => (name === "cf-turnstile-response" ? "a-token" : undefined),
  header: () => undefined,
  ...more,
});

describe("a question", () => {
  test("carries secret, token, the caller's address and a key of its own; what is good passes", async () => {
    const { asked, options } = await service();
    expect(await turnstile(options)(request())).toBe("passed");
    expect(await turnstile(options)(request())).toBe("passed");
    expect(asked[0]).toEqual({
      secret: "s3cret",
      response: "a-token",
      remoteip: "192.0.2.7",
      idempotency_key: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(asked[1]?.["idempotency_key"]).not.toBe(asked[0]?.["idempotency_key"]);
  });

  test("names no address that a proxy hides", async () => {
    const { asked, options } = await service();
    await turnstile(options)(request({ address: null }));
    expect(Object.keys(asked[0] ?? {})).not.toContain("remoteip");
  });

  test("is not asked without a token, or with what can be none", async () => {
    const { asked, options } = await service();
    for (const given of [undefined, "", "x".repeat(2049)])
      expect(await turnstile(options)(request({ parameter: () => given }))).toBe("missing");
    expect(asked).toEqual([]);
  });

  test("takes the token of a header where there is one", async () => {
    const { asked, options } = await service();
    const header = (name: string) => (name === "x-turnstile" ? "of-the-header" : undefined);
    const check = turnstile({ ...options, header: "x-turnstile" });
    expect(await check(request({ parameter: () => undefined, header }))).toBe("passed");
    expect(asked[0]?.["response"]).toBe("of-the-header");
  });

  test("without an answer in time is asked once more, with the same key, so that the token is not spent", async () => {
    const seen = new Set<string>();
    const { asked, options } = await service((fields, res, times) => {
      // As the service: the same question is no second use.
      seen.add(`${fields.get("response")} ${fields.get("idempotency_key")}`);
      if (times > 1) says({ success: seen.size === 1, "error-codes": [] })(fields, res, times);
    }, 500);
    expect(await turnstile(options)(request())).toBe("passed");
    expect(asked).toHaveLength(2);
  });
});

describe("a token that is refused", () => {
  test.each([
    [{ success: false, "error-codes": ["timeout-or-duplicate"] }, "timeout-or-duplicate"],
    [{ success: false, "error-codes": ["invalid-input-response"] }, "invalid-input-response"],
    [{ success: false, "error-codes": ["bad-request"] }, "bad-request"],
    [{ success: false }, "failed"],
  ])("%j fails, and says why", async (answer, failed) => {
    const { asked, options } = await service(says(answer));
    expect(await turnstile(options)(request())).toEqual({ failed });
    expect(asked).toHaveLength(1);
  });

  test("is one of another host, or of a widget with another action", async () => {
    const { options } = await service();
    const verdict = (more: object, asked = request()) => turnstile({ ...options, ...more })(asked);
    expect(await verdict({ hostnames: ["example.com"] })).toEqual({ failed: "hostname-mismatch" });
    expect(await verdict({ hostnames: ["app.example.com"] })).toBe("passed");
    expect(await verdict({ action: "sign-in" })).toEqual({ failed: "action-mismatch" });
    expect(await verdict({ action: { register: "sign-up", signIn: "login" } })).toBe("passed");
    const asked = request({ action: "signIn" });
    expect(await verdict({ action: { register: "sign-up", signIn: "login" } }, asked)).toEqual({
      failed: "action-mismatch",
    });
  });
});

describe("a service that cannot be asked rejects", () => {
  test.each<[string, Answer]>([
    ["does not respond in time", () => undefined],
    ["sends the head and then nothing", (_fields, res) => void res.write('{"success":')],
    ["cuts the connection", (_fields, res) => void res.destroy()],
    ["cuts in the middle of its answer", (_fields, res) => void res.write("{", () => res.destroy())],
    ["leads elsewhere", (_fields, res) => void res.writeHead(302, { location: "/elsewhere" }).end()],
    ["responds with an error", (_fields, res) => void res.writeHead(503).end()],
    ["sends what is not JSON", (_fields, res) => void res.end("<html>")],
    ["sends JSON that says nothing", says({ ok: true })],
    ["sends a truth that is a text", says({ success: "true" })],
    ["never ends its answer", (_fields, res) => void res.end(`{"success":true,"x":"${"y".repeat(99_999)}"}`)],
  ])("one that %s", async (_what, answer) => {
    const { asked, options } = await service(answer, 500);
    await expect(turnstile(options)(request())).rejects.toThrow("Turnstile could not be asked");
    expect(asked).toHaveLength(2);
  });

  test.each(["invalid-input-secret", "missing-input-secret"])(
    "one that refuses the secret with %s: the log is told where it stands, and never the secret itself",
    async (code) => {
      const { options } = await service(says({ success: false, "error-codes": [code] }));
      const error = await Promise.resolve(turnstile(options)(request())).catch((thrown: Error) => thrown);
      expect(String(error)).toMatch(new RegExp(`${code}.*TURNSTILE_SECRET_KEY`));
      expect(JSON.stringify(error) + String(error)).not.toContain("s3cret");
    },
  );
});

describe("hCaptcha", () => {
  const asked = request({ parameter: (name) => (name === "h-captcha-response" ? "P1_token" : undefined) });

  test("is asked once, because a second question would spend the token", async () => {
    const { asked: questions, options } = await service(() => undefined, 500);
    await expect(hCaptcha(options)(asked)).rejects.toThrow("hCaptcha could not be asked");
    expect(questions).toEqual([{ secret: "s3cret", response: "P1_token", remoteip: "192.0.2.7" }]);
  });

  test("a token of another site's key is the caller's fault, and no reason to open the door", async () => {
    const answer = { success: false, "error-codes": ["sitekey-secret-mismatch"] };
    const { options } = await service(says(answer));
    expect(await hCaptcha(options)(asked)).toEqual({ failed: "sitekey-secret-mismatch" });
  });
});

test("a mistake in the options is told when the check is made", () => {
  expect(() => turnstile({ endpoint: "siteverify" })).toThrow('"endpoint" must be an absolute URL');
  expect(() => turnstile({ timeout: 0 })).toThrow('"timeout" must be from 1 to 3500 milliseconds');
  expect(() => hCaptcha({ timeout: 9000 })).toThrow('"timeout" must be from 1 to 3500 milliseconds');
});

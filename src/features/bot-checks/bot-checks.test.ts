import { afterEach, describe, expect, test } from "vitest";
import { callersOf } from "../../../test/fixtures/callers.js";
import { bodyOf, password, silent } from "../../../test/fixtures/http.js";
import type { BotCheckRequest, BotVerdict } from "../../checks/bot-check.js";
import type { Settings } from "../../config/config.js";
import { credentialsOf, testAuth } from "../../testing/testing.js";
import type { BotCheckSettings } from "./settings.js";

const email = "ada@example.com";
const redirect_url = "http://localhost:5173/";
const models = {
  user: { mountAt: "/auth", lockable: true },
  admin: { mountAt: "/admin_auth", confirmable: false },
} as const;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A check whose tokens are good once, as those of the services are. */
function onceEach() {
  const spent = new Set<string>();
  const asked: BotCheckRequest[] = [];
  const check = (request: BotCheckRequest): BotVerdict => {
    asked.push(request);
    const token = request.parameter("token");
    if (token === undefined) return "missing";
    if (spent.has(token)) return { failed: "timeout-or-duplicate" };
    spent.add(token);
    return token.startsWith("good") ? "passed" : "failed";
  };
  return { asked, check };
}

let tokens = 0;
const good = () => ({ token: `good ${++tokens}` });

async function start(botCheck: BotCheckSettings, settings: Partial<Settings> = {}) {
  const t = await testAuth({ logger: silent, models, botCheck, ...settings });
  closing.push(() => t.auth.close());
  const from = callersOf(t.auth);
  const as = (route: string, body: object, peer = "192.0.2.1") => from(peer, route, body);
  const codeOf = async (response: Response | Promise<Response>) =>
    `${(await response).status} ${(await bodyOf(await response)).code ?? ""}`.trim();
  return { ...t, from, as, codeOf };
}

const register = { email, password, confirm_success_url: redirect_url };

describe("an action with a bot check", () => {
  test.each([
    ["register", "POST /auth", register],
    ["signIn", "POST /auth/sign_in", { email, password }],
    ["requestPasswordReset", "POST /auth/password", { email, redirect_url }],
    ["resendConfirmation", "POST /auth/confirmation", { email, redirect_url }],
    ["requestUnlock", "POST /auth/unlock", { email, redirect_url }],
  ] as const)(
    "%s: no token, a bad one, and one that is spent have codes of their own",
    async (action, route, body) => {
      const { check, asked } = onceEach();
      const { as, codeOf, events } = await start({ check, for: [action] });
      expect(await codeOf(as(route, body))).toBe("403 bot_check_required");
      expect(await codeOf(as(route, { ...body, token: "bad" }))).toBe("403 bot_check_failed");
      const token = good();
      expect(await codeOf(as(route, { ...body, ...token }))).not.toMatch(/bot_check/);
      expect(await codeOf(as(route, { ...body, ...token }))).toBe("403 bot_check_failed");
      expect(asked[0]).toMatchObject({ action, model: "user", address: "192.0.2.1" });
      const failed = events.filter(({ name }) => name === "bot_check.failed");
      expect(failed.map(({ reason }) => reason)).toEqual(["missing", "failed", "timeout-or-duplicate"]);
      expect(failed[0]).toMatchObject({ model: "user", address: "192.0.2.1" });
    },
  );

  test("actions that are not listed ask for nothing, and neither does the app's own code", async () => {
    const { check, asked } = onceEach();
    const { as, auth } = await start({ check, for: ["register"] });
    expect((await as("POST /auth/sign_in", { email, password })).status).toBe(401);
    await auth.accounts.create("user", { email, password }, { confirmed: true });
    expect(asked).toEqual([]);
  });

  test("is looked at once for a request, also if an override calls the original twice", async () => {
    const { check, asked } = onceEach();
    const { as } = await start({ check, for: ["signIn"] }, {
      overrides: {
        admin: {
          signIn: async (_call: unknown, original: (params?: object) => Promise<object>) => {
            await original().catch(() => undefined);
            return original({ password });
          },
        },
      },
    } as Partial<Settings>);
    await as("POST /admin_auth", { email, password });
    const response = await as("POST /admin_auth/sign_in", { email, password: "wrong", ...good() });
    expect(response.status).toBe(200);
    expect(asked).toHaveLength(1);
  });

  test("a request that a limit refuses spends no token", async () => {
    const { check, asked } = onceEach();
    const rules = { mailRequestsByAddress: { limit: 1, per: "1m" } } as const;
    const { as, codeOf } = await start(
      { check, for: ["requestPasswordReset"] },
      { rateLimits: true, rateLimitRules: rules },
    );
    await as("POST /auth/password", { email, redirect_url, ...good() });
    const again = as("POST /auth/password", { email, redirect_url, ...good() });
    expect(await codeOf(again)).toBe("429 too_many_requests");
    expect(asked).toHaveLength(1);
  });

  test("who does not pass it uses up nothing that the owner of the address may ask for or try", async () => {
    const { check } = onceEach();
    const { as, codeOf, outbox } = await start(
      { check, for: ["requestPasswordReset", "signIn"] },
      { rateLimits: true },
    );
    await as("POST /auth", register);
    await as("POST /admin_auth", { email, password });
    for (let i = 0; i < 6; i++) {
      await as("POST /auth/password", { email, redirect_url });
      await as("POST /admin_auth/sign_in", { email, password: "wrong violet hour" });
    }
    expect((await as("POST /auth/password", { email, redirect_url, ...good() })).status).toBe(200);
    expect(outbox.messages({ to: email })).toHaveLength(2);
    expect(await codeOf(as("POST /admin_auth/sign_in", { email, password, ...good() }))).toBe("200");
  });
});

describe("what a refusal says", () => {
  test.each([false, true])(
    "is the same whether or not there is an account; paranoid: %s",
    async (paranoid) => {
      const { check } = onceEach();
      const doors = [
        "register",
        "signIn",
        "requestPasswordReset",
        "resendConfirmation",
        "requestUnlock",
      ] as const;
      const { as, auth } = await start({ check, for: doors }, { paranoid });
      await auth.accounts.create("user", { email, password }, { confirmed: true });
      for (const route of ["", "/sign_in", "/password", "/confirmation", "/unlock"]) {
        const said = async (address: string) => {
          const response = await as(`POST /auth${route}`, { ...register, redirect_url, email: address });
          const text = (await response.text()).replaceAll(address, "…");
          return [response.status, text, [...response.headers]];
        };
        expect(await said(email)).toEqual(await said("nobody@example.com"));
      }
    },
  );

  test("a mistake in a registration is told without spending the token, and without a word about the address", async () => {
    const { check, asked } = onceEach();
    const { as, auth } = await start({ check, for: ["register"] });
    await auth.accounts.create("user", { email, password }, { confirmed: true });
    const token = good();
    const short = await bodyOf(await as("POST /auth", { ...register, password: "short", ...token }));
    expect(short.codes).toEqual({ password: ["too_short"] });
    expect(asked).toEqual([]);
    expect((await bodyOf(await as("POST /auth", { ...register, ...token }))).codes).toEqual({
      email: ["taken"],
    });
  });

  test("can be read by pages of other origins, and carries no token headers, so that a client keeps its own (cases 15, 16)", async () => {
    const unable = async () => {
      throw new Error("away");
    };
    for (const check of [onceEach().check, unable]) {
      const { request } = await start(
        { check, for: ["register"] },
        { cors: { origins: ["https://app.example.com"] } },
      );
      const { status, headers } = await request("POST /auth", {
        body: register,
        headers: { origin: "https://app.example.com" },
      });
      expect(status).toBe(check === unable ? 503 : 403);
      expect(headers.get("access-control-allow-origin")).toBe("https://app.example.com");
      expect(headers.get("access-control-expose-headers")).toContain("retry-after");
      expect(headers.get("retry-after") ?? "none").toMatch(check === unable ? /^[2-5]$/ : /^none$/);
      expect(["access-token", "client", "uid"].filter((name) => headers.has(name))).toEqual([]);
    }
  });
});

describe("the current password", () => {
  test("is guarded by the same list, where it is sent, and the session goes on", async () => {
    const { check, asked } = onceEach();
    const { request, auth, codeOf } = await start(
      { check, for: ["updateAccount", "setPassword"] },
      { checkCurrentPasswordBeforeUpdate: "password" },
    );
    const account = await auth.accounts.create("admin", { email, password });
    const headers = { ...(await auth.createNewAuthToken("admin", account)) };
    const put = (path: string, body: object) => request(`PUT /admin_auth${path}`, { body, headers });
    const next = { password: "a loud orange noon", password_confirmation: "a loud orange noon" };
    expect(await codeOf(put("", next))).toBe("422 invalid");
    expect(asked).toEqual([]);
    expect(await codeOf(put("", { ...next, current_password: password }))).toBe("403 bot_check_required");
    expect(await codeOf(put("/password", { ...next, current_password: password }))).toBe(
      "403 bot_check_required",
    );
    const response = await put("", { ...next, current_password: password, ...good() });
    expect(await codeOf(response)).toBe("200");
    expect(credentialsOf(response)["client"]).toBe(headers["client"]);
  });
});

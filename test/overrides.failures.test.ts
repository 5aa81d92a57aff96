import { describe, expect, test } from "vitest";
import type { Override } from "../src/accounts/overrides.js";
import { AuthError } from "../src/errors.js";
import { ada, email, internal, start } from "./fixtures/hooks.js";
import { password } from "./fixtures/http.js";

const boom = () => {
  throw new Error("hunter2");
};

describe("an override that fails", () => {
  test.each<[string, () => unknown]>([
    ["throws", boom],
    ["rejects", async () => boom()],
    ["returns nothing", () => undefined],
    ["returns a Response", () => Response.json({ mine: true })],
    ["returns headers of its own", () => ({ body: {}, headers: { "access-token": "hunter2" } })],
    ["returns no content", () => ({ status: 200 })],
    ["returns two contents", () => ({ body: {}, html: "" })],
    ["returns a content with 204", () => ({ status: 204, body: {} })],
    ["returns a status that is none", () => ({ status: 99, body: {} })],
    ["returns a redirect without an address", () => ({ status: 302, body: {} })],
    ["returns a body that is no object", () => ({ body: "hunter2" })],
    ["returns a body that is no JSON", () => ({ body: { size: 1n } })],
    ["returns a type that a browser would show as a page", () => ({ body: {}, type: "text/html" })],
    ["redirects to an address that is not allowed", () => ({ redirect: "https://evil.example/" })],
  ])("that %s: 500, logged, and the token is kept", async (_how, validateToken) => {
    const t = await start({}, { overrides: { user: { validateToken: validateToken as () => never } } });
    const { held } = await t.signUp();
    t.clock.forward("6s");
    const failed = await t.ask("GET /auth/validate_token", undefined, held);
    expect([failed.status, failed.body]).toEqual([500, internal]);
    expect(JSON.stringify([...failed.headers])).not.toContain("hunter2");
    expect(t.logged).toHaveLength(1);
    expect(failed.held["access-token"]).toBeTruthy();
    expect(failed.held["access-token"]).not.toBe(held["access-token"]);
    t.clock.forward("6s");
    expect((await t.ask("PUT /auth", { name: "Still Ada" }, failed.held)).status).toBe(200);
  });

  test("is named in the log, and what the original throws is not its fault", async () => {
    const t = await start({ user: { answer: boom } }, { overrides: { admin: { register: boom } } });
    await t.ask("POST /admin_auth", { email, password });
    expect(t.logged).toEqual(["Error: overrides.admin.register failed"]);
    const through = await start(
      { admin: { answer: boom } },
      { overrides: { admin: { register: (_call, original) => original() } } },
    );
    await through.ask("POST /admin_auth", { email, password });
    expect(through.logged).toEqual(["Error: hooks.admin.answer failed"]);
  });
});

describe("a refusal", () => {
  test("of the original is the usual response, or what the override makes of it", async () => {
    const signIn: Override = async (_call, original) => {
      try {
        return await original();
      } catch (error) {
        if (!(error instanceof AuthError) || error.code !== "invalid_credentials") throw error;
        return { status: 401, body: { hint: "Try your staff number" } };
      }
    };
    const t = await start({}, { overrides: { user: { signIn } } });
    await t.ask("POST /auth", ada);
    const wrong = await t.ask("POST /auth/sign_in", { email, password: "wrong" });
    expect([wrong.status, wrong.body]).toEqual([401, { hint: "Try your staff number" }]);
    const early = await t.ask("POST /auth/sign_in", { email, password });
    expect([early.status, early.body.code]).toEqual([401, "unconfirmed"]);
  });

  test.each<[string, Override]>([
    [
      "throws an AuthError",
      async (_call, original) => {
        await original();
        throw new AuthError("disabled");
      },
    ],
    [
      "responds with 403",
      async (_call, original) => {
        await original();
        return { status: 403, body: {} };
      },
    ],
  ])("that %s after the original has signed in hands out no session, and ends it", async (_how, signIn) => {
    const t = await start({}, { cookieEnabled: true, overrides: { user: { signIn } } });
    const refused = await t.signUp();
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect([refused.held, refused.headers.getSetCookie()]).toEqual([{}, []]);
    expect(await t.auth.accounts.listSessions("user", (await t.stored())?.id ?? 0)).toEqual([]);
    expect(t.events.map(({ name }) => name)).toContain("session.ended");
  });

  test("that refuses after the original has signed in leaves no new device known, and none forgotten that was", async () => {
    let refuses = false;
    const signIn: Override = async (_call, original) => {
      const response = await original();
      return refuses ? { status: 403, body: {} } : response;
    };
    const t = await start({}, { overrides: { user: { signIn } } });
    const mark = (await t.signUp()).headers.get("device-mark") ?? "";
    const [account, devices] = [await t.stored(), t.auth.accounts];
    const known = async () => (await devices.listKnownDevices("user", account?.id ?? 0)).map(({ id }) => id);
    const before = await known();
    expect(before).toHaveLength(1);
    refuses = true;
    const shown = [{}, { "device-mark": "A".repeat(43) }, { "device-mark": mark }];
    for (const headers of shown) {
      expect((await t.ask("POST /auth/sign_in", { email, password }, headers)).status).toBe(403);
      expect(await known()).toEqual(before);
    }
  });

  test.each<[string, Override]>([
    [
      "throws an error of its own",
      async (_call, original) => {
        await original();
        throw new Error("The second factor is away");
      },
    ],
    [
      "returns what is no response",
      async (_call, original) => {
        await original();
        return { nonsense: 1 } as unknown as { body: object };
      },
    ],
  ])("that %s after the original has signed in lets nobody in: 500, and no session", async (_how, signIn) => {
    const t = await start({}, { cookieEnabled: true, overrides: { user: { signIn } } });
    const failed = await t.signUp();
    expect([failed.status, failed.held, failed.headers.getSetCookie()]).toEqual([500, {}, []]);
    expect(await t.auth.accounts.listSessions("user", (await t.stored())?.id ?? 0)).toEqual([]);
  });

  test("keeps the session of a reset link, and that of another account beside it, from signing in", async () => {
    const refuse: Override = async (_call, original) => {
      await original();
      return { status: 403, body: {} };
    };
    const t = await start({}, { overrides: { user: { setPassword: refuse } } });
    const { held: own } = await t.signUp();
    const other = { ...ada, email: "eve@example.com", confirm_success_url: "http://localhost:3000/" };
    await t.ask("POST /auth", other);
    const found = await t.auth.accounts.findByEmail("user", other.email);
    await t.auth.accounts.confirm("user", found?.id ?? 0);
    const next = { password: "another long secret", password_confirmation: "another long secret" };
    // With the link's secret in the body, and the session of somebody else in the headers.
    await t.ask("POST /auth/password", { email: other.email, redirect_url: "http://localhost:3000/" });
    const token = new URL(t.linkTo(other.email)).searchParams.get("reset_password_token");
    const refused = await t.ask("PUT /auth/password", { ...next, reset_password_token: token }, own);
    expect([refused.status, refused.held["uid"]]).toEqual([403, email]);
    expect(await t.auth.accounts.listSessions("user", found?.id ?? 0)).toEqual([]);
  });

  test("does not end the session that asked", async () => {
    const refuse: Override = () => ({ status: 403, body: {} });
    const t = await start({}, { overrides: { user: { updateAccount: refuse } } });
    const { held } = await t.signUp();
    const refused = await t.ask("PUT /auth", { name: "Eve" }, held);
    expect([refused.status, refused.held["client"]]).toEqual([403, held["client"]]);
    expect((await t.ask("GET /auth/validate_token", undefined, refused.held)).status).toBe(200);
  });
});

test("an original that is not awaited still hands its session over", async () => {
  const signIn: Override = (_call, original) => {
    void original();
    return { body: { soon: true } };
  };
  const t = await start({}, { overrides: { user: { signIn } } });
  const { body, held } = await t.signUp();
  expect(body).toEqual({ soon: true });
  expect((await t.ask("GET /auth/validate_token", undefined, held)).status).toBe(200);
  // Nor does one that fails meanwhile bring the server down.
  expect((await t.ask("POST /auth/sign_in", { email, password: "wrong" })).body).toEqual({ soon: true });
});

test("an original that is called after the override has returned does nothing", async () => {
  const late: Promise<unknown>[] = [];
  let isSent = (): void => undefined;
  const sent = new Promise<void>((resolve) => {
    isSent = resolve;
  });
  const signIn: Override = (_call, original) => {
    late.push(sent.then(() => original()).catch((error: unknown) => error));
    return { body: {} };
  };
  const t = await start({}, { overrides: { user: { signIn } } });
  expect((await t.signUp()).held).toEqual({});
  isSent();
  expect(String((await Promise.all(late))[0])).toContain(
    "overrides.user.signIn called original after it had returned",
  );
  expect(await t.auth.accounts.listSessions("user", (await t.stored())?.id ?? 0)).toEqual([]);
});

test.each<[string, Override]>([
  [
    "one after the other",
    async (_call, original) => {
      await original();
      return original();
    },
  ],
  ["at once", async (_call, original) => (await Promise.all([original(), original()]))[0]],
])("an original that is called twice, %s, is a mistake that signs nobody in", async (_how, signIn) => {
  const t = await start({}, { overrides: { user: { signIn } } });
  const { status, body, held } = await t.signUp();
  expect([status, body, held]).toEqual([500, internal, {}]);
  expect(t.logged).toEqual(["Error: overrides.user.signIn failed"]);
  expect(await t.auth.accounts.listSessions("user", (await t.stored())?.id ?? 0)).toEqual([]);
});

test("an original that is called twice at once does its work once", async () => {
  const told: string[] = [];
  const register: Override = async (_call, original) => {
    const [one, other] = await Promise.allSettled([original(), original()]);
    told.push(one.status, other.status === "rejected" ? String(other.reason) : other.status);
    return one.status === "fulfilled" ? one.value : { body: {} };
  };
  const t = await start({}, { overrides: { user: { register } } });
  expect((await t.ask("POST /auth", ada)).status).toBe(200);
  expect(told).toEqual(["fulfilled", "TypeError: overrides.user.register called original a second time"]);
  expect(t.outbox.messages()).toHaveLength(1);
});

test("an original that has thrown may be called again, with other parameters", async () => {
  const register: Override = (_call, original) =>
    original().catch(() => original({ name: "A", email: "ada@example.com" }));
  const t = await start({}, { overrides: { user: { register } } });
  expect((await t.ask("POST /auth", { ...ada, email: "none" })).status).toBe(200);
});

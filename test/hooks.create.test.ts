import { describe, expect, onTestFinished, test } from "vitest";
import type { AccountOrigin, Asked } from "../src/accounts/hooks.js";
import { type HooksConfig, skipConfirmation } from "../src/accounts/hooks.js";
import { testAuth } from "../src/testing/testing.js";
import { ada, email, start } from "./fixtures/hooks.js";
import { password, silent } from "./fixtures/http.js";
import { credentialsIn, example, newBrowser, resultOf } from "./fixtures/oauth.js";
import { startProvider } from "./fixtures/provider-server.js";

const models = {
  user: {
    mountAt: "/auth",
    omniauthable: true,
    fields: { plan: { type: "string" } },
    permittedParameters: {
      register: ["invitation"],
      signInWithProvider: ["invitation"],
      updateAccount: ["reason"],
    },
  },
} as const;

/** An app whose users confirm their address, unless they were invited. */
async function withInvitations(hooks: HooksConfig<typeof models>["user"] = {}) {
  const provider = await startProvider();
  const t = await testAuth({
    models,
    logger: silent,
    providers: { example: example(provider) },
    hooks: {
      user: {
        beforeCreate({ params, skipConfirmation: skip }) {
          if (params["invitation"] !== "from-grace") return undefined;
          skip();
          return { plan: "team" };
        },
        ...hooks,
      },
    },
  });
  onTestFinished(() => t.auth.close());
  const register = (body: object) =>
    t.request("POST /auth", {
      body: { email, password, confirm_success_url: "http://localhost:5173/", ...body },
    });
  return { ...t, provider, register };
}

describe("skipConfirmation", () => {
  test("registers and signs in in one step, without a mail, whoever was invited", async () => {
    const t = await withInvitations();
    const invited = await t.register({ invitation: "from-grace" });
    expect(invited.status).toBe(200);
    expect(t.outbox.messages()).toEqual([]);
    const names = ["access-token", "client", "uid"];
    const held = Object.fromEntries(names.map((name) => [name, invited.headers.get(name) ?? ""]));
    expect((await t.request("GET /auth/validate_token", { headers: held })).status).toBe(200);
    expect((await t.request("POST /auth/sign_in", { body: { email, password } })).status).toBe(200);
    expect(await t.auth.accounts.findByEmail("user", email)).toMatchObject({ plan: "team" });
  });

  test("leaves everybody else to confirm their address", async () => {
    const t = await withInvitations();
    const stranger = await t.register({ invitation: "from-eve" });
    expect([stranger.status, stranger.headers.get("access-token")]).toEqual([200, null]);
    expect(t.outbox.messages()).toHaveLength(1);
    expect((await t.request("POST /auth/sign_in", { body: { email, password } })).status).toBe(401);
  });

  test("as the hook itself skips it for the whole model", async () => {
    const t = await start({ user: { beforeCreate: skipConfirmation } });
    const { status, held } = await t.ask("POST /auth", ada);
    expect([status, held["uid"], t.outbox.messages()]).toEqual([200, email, []]);
    expect((await t.ask("GET /auth/validate_token", undefined, held)).status).toBe(200);
  });

  test("is not asked for by a client: a parameter or a field of that name does nothing", async () => {
    const t = await withInvitations();
    const eve = await t.register({
      skipConfirmation: true,
      skip_confirmation: true,
      confirmed_at: "2026-01-01",
    });
    expect([eve.status, eve.headers.get("access-token")]).toEqual([200, null]);
  });

  test("counts for an address that a provider has not verified, with the invitation from the start of the sign-in", async () => {
    const t = await withInvitations();
    t.provider.person = { ...t.provider.person, email_verified: false };
    const browser = newBrowser((request) => t.auth.handle(request));
    const held = credentialsIn(resultOf(await browser.signIn("/auth/example", { invitation: "from-grace" })));
    expect((await t.request("GET /auth/validate_token", { headers: held })).status).toBe(200);
    expect(t.outbox.messages()).toEqual([]);
  });
});

test("both create hooks are told how an account arises, and the one after it finds it committed", async () => {
  const told: unknown[] = [];
  const t = await withInvitations({
    beforeCreate: ({ via, provider }) => void told.push(["before", via, provider]),
    afterCreate: async ({ id }, { via, provider }: AccountOrigin) => {
      told.push(["after", via, provider, (await t.auth.accounts.find("user", id))?.id === id]);
    },
  });
  await t.register({ email: "grace@example.com" });
  await newBrowser((request) => t.auth.handle(request)).signIn("/auth/example");
  expect(told).toEqual([
    ["before", "form", null],
    ["after", "form", null, true],
    ["before", "provider", "example"],
    ["after", "provider", "example", true],
  ]);
});

test("answer is told which action asks", async () => {
  const asked: unknown[] = [];
  const answer = (account: object, { action, model }: Asked) => {
    asked.push([model, action]);
    return { ...account };
  };
  const t = await start({ user: { answer }, admin: { answer } });
  await t.ask("POST /auth", { ...ada, password: "short" });
  const { held } = await t.signUp();
  await t.ask("GET /auth/validate_token", undefined, held);
  await t.ask("PUT /auth", { name: "Countess" }, held);
  await t.ask("PUT /auth/password", { password, password_confirmation: password }, held);
  await t.ask("POST /admin_auth", { email, password });
  expect(asked).toEqual([
    ["user", "register"],
    ["user", "register"],
    ["user", "signIn"],
    ["user", "validateToken"],
    ["user", "updateAccount"],
    ["user", "setPassword"],
    ["admin", "register"],
  ]);
});

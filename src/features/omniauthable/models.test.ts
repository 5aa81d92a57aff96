import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { root } from "../../../scripts/entries.mjs";
import { bodyOf, silent } from "../../../test/fixtures/http.js";
import {
  credentialsIn,
  example,
  newBrowser,
  pageData,
  resultOf,
  startOAuth,
} from "../../../test/fixtures/oauth.js";
import { startProvider } from "../../../test/fixtures/provider-server.js";
import type { HooksConfig } from "../../accounts/hooks.js";
import { AuthError } from "../../errors.js";
import { testAuth } from "../../testing/testing.js";

const email = "ada@example.com";

/** One model as the test wants it. */
async function withModel(user: object, hooks: HooksConfig<{ user: { mountAt: "/auth" } }> = {}) {
  const provider = await startProvider();
  const models = { user: { mountAt: "/auth", omniauthable: true, ...user } } as const;
  const t = await testAuth({ models, hooks, logger: silent, providers: { example: example(provider) } });
  onTestFinished(() => t.auth.close());
  return { ...t, provider, browser: () => newBrowser((request) => t.auth.handle(request)) };
}

describe("a model", () => {
  test("with providers only has no password routes", async () => {
    const t = await withModel({ databaseAuthenticatable: false });
    for (const route of ["POST /auth", "POST /auth/sign_in", "POST /auth/password", "PUT /auth/password"]) {
      const response = await t.request(route, { body: { email, password: "a quiet violet hour" } });
      expect([route, [404, 405].includes(response.status)]).toEqual([route, true]);
    }
    const held = credentialsIn(resultOf(await t.browser().signIn("/auth/example")));
    expect((await t.request("GET /auth/validate_token", { headers: held })).status).toBe(200);
    const [identity] = JSON.parse(
      await (await t.request("GET /auth/identities", { headers: held })).text(),
    ).data;
    const last = await t.request(`DELETE /auth/identities/${identity.id}`, { headers: held });
    expect((await bodyOf(last)).code).toBe("last_sign_in_method");
  });

  test("with passwords only has no provider routes", async () => {
    const t = await startOAuth();
    const plain = await testAuth();
    onTestFinished(() => plain.auth.close());
    const statuses = [];
    for (const route of ["GET /auth/example", "GET /auth/identities", "POST /auth/omniauth_code"])
      statuses.push((await plain.request(route)).status);
    expect(statuses).toEqual([404, 404, 404]);
    expect((await plain.request("GET /omniauth/example/callback?state=x")).status).toBe(404);
    expect((await t.request("GET /omniauth/nobody/callback")).status).toBe(404);
  });

  test("may have accounts without an address, which nothing invents (case 25)", async () => {
    const t = await withModel({ emailRequired: false });
    for (const sub of ["one", "two"]) {
      t.provider.person = { sub };
      const result = resultOf(await t.browser().signIn("/auth/example"));
      const valid = await t.request("GET /auth/validate_token", { headers: credentialsIn(result) });
      expect((await bodyOf(valid)).data).toMatchObject({ uid: sub, email: null });
    }
  });

  test("that is trackable counts sign-ins with providers", async () => {
    const t = await withModel({ trackable: true, confirmable: false });
    await t.browser().signIn("/auth/example");
    await t.browser().signIn("/auth/example");
    expect(t.events.filter(({ name }) => name === "sign_in.succeeded")).toHaveLength(2);
  });
});

describe("hooks", () => {
  test("show, set and follow a sign-up with a provider as every other one", async () => {
    const told: string[] = [];
    const t = await withModel(
      { fields: { plan: { type: "string" } } },
      {
        user: {
          answer: (account) => ({ ...account, initials: "AL" }),
          beforeCreate: ({ email: address }) => {
            told.push(`before ${address}`);
            return { plan: "free" } as object;
          },
          afterCreate: ({ uid }) => told.push(`registered ${uid}`),
          afterSignIn: ({ account }) => told.push(`signed in ${account.uid}`),
        },
      },
    );
    const response = await t.browser().signIn("/auth/example", { omniauth_window_type: "newWindow" });
    expect((await pageData(response)).message).toMatchObject({
      initials: "AL",
      plan: "free",
      uid: "ada-1815",
    });
    await t.browser().signIn("/auth/example");
    expect(told).toEqual([
      "before ada@example.com",
      "registered ada-1815",
      "signed in ada-1815",
      "signed in ada-1815",
    ]);
  });

  test("refuse one, with nothing half-made; one that throws is a mistake of the server and no 500", async () => {
    let thrown: Error = new AuthError("invalid", { problems: { email: "is not one of ours" } });
    const t = await withModel(
      {},
      {
        user: {
          beforeCreate: () => {
            throw thrown;
          },
        },
      },
    );
    expect(resultOf(await t.browser().signIn("/auth/example"))).toEqual({ blank: "true", error: "invalid" });
    thrown = new Error("a mistake");
    expect(resultOf(await t.browser().signIn("/auth/example"))).toEqual({ blank: "true", error: "internal" });
    expect(await t.auth.accounts.findByEmail("user", email)).toBeUndefined();
  });
});

test("the OpenAPI description spells the routes of each provider out, and passes a public linter", async () => {
  const t = await startOAuth();
  const text = await (await t.request("GET /auth/openapi.json")).text();
  const { paths } = JSON.parse(text);
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining([
      "/auth/example",
      "/auth/example/token",
      "/auth/example/failure",
      "/auth/identities/{id}",
    ]),
  );
  expect(text).not.toContain("{provider}");
  const file = join(await mkdtemp(join(tmpdir(), "keyturn-openapi-")), "openapi.json");
  await writeFile(file, text);
  const rules = ["info-license", "no-server-example.com", "operation-2xx-response"];
  const args = [
    join(root, "node_modules/@redocly/cli/bin/cli.js"),
    ...["lint", file, "--extends", "recommended", "--format", "json"],
    ...rules.flatMap((rule) => ["--skip-rule", rule]),
  ];
  const options = { env: { ...process.env, REDOCLY_TELEMETRY: "off", CI: "true" } };
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  expect(JSON.parse(stdout.slice(stdout.indexOf("{"))).problems).toEqual([]);
}, 60_000);

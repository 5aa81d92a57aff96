import { generateKeyPairSync } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT } from "jose";
import { afterEach, describe, expect, test, vi } from "vitest";
import { app, startOAuth } from "../../../test/fixtures/oauth.js";
import { resolveConfig } from "../../config/resolve.js";
import { sqlite } from "../../database/sqlite/sqlite.js";
import { ConfigError } from "../../errors.js";
import {
  apple,
  developer,
  facebook,
  github,
  gitlab,
  microsoft,
  oidc,
  spotify,
} from "./providers/providers.js";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const p8 = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const keys = { clientId: "id", clientSecret: "secret" };

const base = {
  baseUrl: "https://api.example.com",
  environment: "test",
  database: sqlite(":memory:"),
  models: { user: { mountAt: "/auth", omniauthable: true } },
} as const;

function problemsOf(config: object): readonly string[] {
  try {
    resolveConfig(
      { ...base, ...config },
      ["/", "/sign_in", "/password", "/:provider"].map((path) => ({ name: "signIn", path })),
    );
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

afterEach(() => vi.unstubAllEnvs());

describe("the start", () => {
  test("keys come from the options, or from variables by the provider's name", () => {
    vi.stubEnv("GITHUB_KEY", "key-of-the-environment");
    vi.stubEnv("GITHUB_SECRET", "secret-of-the-environment");
    const { providers } = resolveConfig({
      ...base,
      providers: { github: github(), other: github({ ...keys }) },
    });
    expect([providers["github"]?.clientId, providers["github"]?.clientSecret]).toEqual([
      "key-of-the-environment",
      "secret-of-the-environment",
    ]);
    expect(providers["other"]?.clientId).toBe("id");
  });

  test("missing keys are told at once, together with every other mistake", () => {
    expect(problemsOf({ providers: { github: github() }, tokenLifespan: "soon" })).toEqual([
      'tokenLifespan: must be a duration, such as "5s", "10m", "2h", "14d", "2w" or a number of milliseconds',
      "providers.github.clientId: is missing; write it there, or set the variable GITHUB_KEY",
      "providers.github.clientSecret: is missing; write it there, or set the variable GITHUB_SECRET",
    ]);
  });

  test.each<[string, object, string]>([
    [
      "no provider at all",
      { providers: { github: {} } },
      "providers.github: must be a provider, such as github() from keyturn/providers",
    ],
    [
      "a name that is no path",
      { providers: { "Git Hub": github(keys) } },
      "providers.Git Hub: must be a name such as github",
    ],
    [
      "the name of a route",
      { providers: { sign_in: github(keys) } },
      "providers.sign_in: is the name of a route",
    ],
    [
      "the name of accounts with a password",
      { providers: { email: github(keys) } },
      "providers.email: stands for accounts with a password",
    ],
    [
      "an issuer that is no address",
      { providers: { id: oidc({ issuer: "id", ...keys }) } },
      "providers.id: issuer must be an absolute URL",
    ],
    [
      "a tenant that is none",
      { providers: { m: microsoft({ tenant: "Contoso", ...keys }) } },
      'providers.m: tenant must be "common"',
    ],
    [
      "an unencrypted GitLab",
      { providers: { g: gitlab({ baseUrl: "http://git", ...keys }) } },
      'providers.g: baseUrl must begin with "https://"',
    ],
    [
      "a version that is none",
      { providers: { f: facebook({ version: "latest", ...keys }) } },
      "providers.f: version must look like",
    ],
    [
      "no model that uses them",
      { providers: { github: github(keys) }, models: { user: { mountAt: "/auth" } } },
      "providers: no model uses them",
    ],
    ["a model without providers", { providers: {} }, "models.user.omniauthable: needs providers"],
    [
      "an unknown name",
      {
        providers: { github: github(keys) },
        models: { user: { mountAt: "/auth", omniauthable: ["gitlab"] } },
      },
      'models.user.omniauthable: there is no provider "gitlab"',
    ],
    [
      "no way to sign in",
      { models: { user: { mountAt: "/auth", databaseAuthenticatable: false } } },
      "models.user.databaseAuthenticatable: without passwords nobody could sign in",
    ],
    [
      "a model on a provider's place",
      {
        providers: { github: github(keys) },
        models: { user: { mountAt: "/auth", omniauthable: true }, admin: { mountAt: "/auth/github" } },
      },
      'models.admin.mountAt: "/auth/github" is a provider of user',
    ],
    [
      "a prefix that is no path",
      { providers: { github: github(keys) }, omniauthPrefix: "omniauth" },
      "omniauthPrefix: must be a path",
    ],
    [
      "a host that is none",
      { providers: { github: github(keys) }, fullHost: "api.example.com" },
      "fullHost: must be an absolute URL",
    ],
    [
      "tokens to keep without a key",
      { providers: { github: github({ ...keys, keepTokens: true }) } },
      "providers.github.keepTokens: needs serverKeys",
    ],
    [
      "Apple over plain http (case 5)",
      {
        baseUrl: "http://localhost:3000",
        providers: { apple: apple({ clientId: "id", clientSecret: "x" }) },
      },
      "SameSite=None and Secure: baseUrl or fullHost must begin with https:",
    ],
    [
      "Apple without its key (case 28)",
      { providers: { apple: apple({ clientId: "id", teamId: "ABCDE12345", keyId: "ABCDE12345" }) } },
      "providers.apple: privateKey is missing",
    ],
    [
      "Apple with a wrong key (case 28)",
      {
        providers: {
          apple: apple({
            clientId: "id",
            teamId: "ABCDE12345",
            keyId: "ABCDE12345",
            privateKey: "-----BEGIN",
          }),
        },
      },
      "providers.apple: privateKey cannot be read",
    ],
    [
      "Apple with wrong ids (case 28)",
      { providers: { apple: apple({ clientId: "id", teamId: "x", keyId: "y", privateKey: p8 }) } },
      "providers.apple: teamId must be the 10 characters",
    ],
  ])("refuses %s", (_name, config, problem) => {
    expect(problemsOf(config).join("\n")).toContain(problem);
  });

  test("the developer provider is refused in production, and plain http too", () => {
    const production = {
      environment: "production",
      mail: { from: "a@example.com", send: async () => undefined },
    };
    expect(problemsOf({ ...production, providers: { developer: developer() } }).join()).toContain(
      "providers.developer: believes whoever asks",
    );
    const plain = oidc({ issuer: "http://id.example.com", ...keys });
    expect(problemsOf({ ...production, providers: { plain } }).join()).toContain(
      "must begin with https: in production",
    );
    expect(problemsOf({ ...production, providers: { spotify: spotify(keys) } })).toEqual([]);
    expect(problemsOf({ providers: { developer: developer() } })).toEqual([]);
  });
});

describe("Apple's secret (case 28)", () => {
  const options = { clientId: "com.example.web", teamId: "ABCDE12345", keyId: "KEY1234567" };

  test.each([
    ["as it is in the file", p8],
    ["with its line breaks as text", p8.replaceAll("\n", "\\n")],
  ])("is signed for each request by the key %s", async (_name, privateKeyText) => {
    const provider = apple({ ...options, privateKey: privateKeyText });
    expect(provider.problems).toEqual([]);
    const now = Date.now();
    const secret = (await provider.signSecret?.("com.example.web", now)) ?? "";
    expect(decodeProtectedHeader(secret)).toEqual({ alg: "ES256", kid: "KEY1234567" });
    const { exp = 0, iat = 0, ...claims } = decodeJwt(secret);
    expect(claims).toEqual({ iss: "ABCDE12345", sub: "com.example.web", aud: "https://appleid.apple.com" });
    expect(exp - iat).toBe(300);
    expect((await jwtVerify(secret, publicKey)).payload.sub).toBe("com.example.web");
  });

  test("that was signed before is warned of a month before its end", async () => {
    const now = Date.UTC(2026, 0, 1);
    const signed = (days: number) =>
      new SignJWT({})
        .setProtectedHeader({ alg: "ES256" })
        .setExpirationTime(now / 1000 + days * 86_400)
        .sign(privateKey);
    const warningsAt = async (days: number) =>
      apple({ ...options, clientSecret: await signed(days) }).warnings?.(now) ?? [];
    expect(await warningsAt(100)).toEqual([]);
    expect((await warningsAt(10)).join()).toContain("clientSecret expires on 2026-01-11");
    expect((await warningsAt(-1)).join()).toContain("expired on 2025-12-31");
    expect(apple({ ...options, clientSecret: "nonsense" }).warnings?.(now)).toHaveLength(1);
  });

  test("its end is told in the log when the app starts", async () => {
    const lines: string[] = [];
    const warn = (_details: object, message: string): void => void lines.push(message);
    const clientSecret = await new SignJWT({})
      .setProtectedHeader({ alg: "ES256" })
      .setExpirationTime(Date.UTC(2026, 0, 5) / 1000)
      .sign(privateKey);
    await startOAuth({
      baseUrl: "https://api.example.com",
      providers: { example: apple({ clientId: "id", clientSecret }) },
      logger: { info() {}, warn, error() {} },
    });
    expect(lines.join()).toContain("providers.example: clientSecret expires on 2026-01-05");
  });
});

test("a form that is posted across sites comes with a cookie that does (case 5)", async () => {
  const providers = {
    example: apple({ clientId: "id", clientSecret: "x" }),
    github: github(keys),
  };
  const t = await startOAuth({ baseUrl: "https://api.example.com", providers });
  const cookieOf = async (name: string) => {
    const response = await t.request(`GET /auth/${name}?auth_origin_url=${encodeURIComponent(app)}`);
    return response.headers.getSetCookie()[0] ?? "";
  };
  expect(await cookieOf("example")).toMatch(/^__Host-keyturn-flow-.*; SameSite=None; Secure$/);
  expect(await cookieOf("github")).toMatch(/^__Host-keyturn-flow-.*; SameSite=Lax; Secure$/);
});

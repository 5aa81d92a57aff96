import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { app, example, resultOf, startOAuth } from "../../../test/fixtures/oauth.js";
import { facebook } from "./providers/facebook.js";
import { linkedin } from "./providers/linkedin.js";
import { oidc } from "./providers/oidc.js";
import type { Provider } from "./providers/provider.js";

/** A provider's server that does as the test wants; its metadata are pinned. */
async function badServer(listener: RequestListener): Promise<{ provider: Provider; url: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = oidc({ issuer: url, clientId: "app", clientSecret: "secret" });
  const endpoints = { authorization: `${url}/authorize`, token: `${url}/token`, keys: `${url}/jwks` };
  return { provider: { ...provider, endpoints }, url };
}

/** The callback of a flow as this provider would make it, without asking it for a code. */
async function comeBack(t: Awaited<ReturnType<typeof startOAuth>>, query: Record<string, string>) {
  const browser = t.browser();
  const state = new URL(await browser.begin("/auth/example")).searchParams.get("state") ?? "";
  return browser.visit(`/omniauth/example/callback?${new URLSearchParams({ state, ...query })}`);
}

describe("saying no (case 10)", () => {
  test.each<[Record<string, string>, string]>([
    [{ error: "access_denied" }, "access_denied"],
    [{ error: "user_cancelled_login" }, "access_denied"],
    [{ error: "user_cancelled_authorize" }, "access_denied"],
    [{ error: "access_denied", error_reason: "user_denied" }, "access_denied"],
    [{ error_reason: "user_denied" }, "access_denied"],
    [{ denied: "some-token" }, "access_denied"],
    [{ error: "temporarily_unavailable" }, "provider_unavailable"],
    [{ error: "server_error" }, "provider_unavailable"],
    [{ error: "login_required" }, "interaction_required"],
    [{ error: "interaction_required" }, "interaction_required"],
    [{ error: "invalid_scope" }, "provider_error"],
    [{ error: "<script>alert(1)</script>" }, "provider_error"],
    [{ error: "constructor" }, "provider_error"],
    [{}, "provider_error"],
  ])("%j is %s", async (query, error) => {
    const t = await startOAuth();
    const response = await comeBack(t, query);
    expect([response.status, resultOf(response)]).toEqual([302, { blank: "true", error }]);
    expect(t.provider.counts.tokens).toBe(0);
  });

  test("is an event and no line in the error log", async () => {
    const lines: unknown[] = [];
    const t = await startOAuth({
      logger: { info() {}, warn() {}, error: (line: unknown) => lines.push(line) },
    });
    await comeBack(t, { error: "access_denied" });
    expect(lines).toEqual([]);
    expect(t.events.at(-1)).toMatchObject({ name: "sign_in.failed", reason: "access_denied" });
  });

  test("without a state it ends on a page, with the same code", async () => {
    const t = await startOAuth();
    const response = await t
      .browser()
      .visit(`/omniauth/example/callback?error=access_denied&auth_origin_url=${app}`);
    expect([response.status, response.headers.get("location")]).toEqual([403, null]);
    expect(await response.text()).toContain("access_denied");
  });

  test("GET /:provider/failure tells the client, where it may be told", async () => {
    const t = await startOAuth();
    const query = new URLSearchParams({ message: "access_denied", auth_origin_url: app });
    const told = await t.browser().visit(`/auth/example/failure?${query}`);
    expect(resultOf(told)).toEqual({ blank: "true", error: "access_denied" });
    query.set("omniauth_window_type", "newWindow");
    const page = await t.browser().visit(`/auth/example/failure?${query}`);
    expect(await page.text()).toContain('{"message":"authFailure","error":"access_denied"}');
    query.set("auth_origin_url", "https://evil.example/");
    query.set("message", "<b>anything");
    const plain = await t.browser().visit(`/auth/example/failure?${query}`);
    const html = await plain.text();
    expect([plain.headers.get("location"), html.includes("provider_error"), html.includes("<b>")]).toEqual([
      null,
      true,
      false,
    ]);
    expect((await t.browser().visit("/auth/nobody/failure")).status).toBe(404);
  });
});

describe("a provider that is away, slow or broken (case 16)", () => {
  const limits = { providerRequestTimeout: "150ms", providerTimeout: "250ms" } as const;

  test.each<[string, RequestListener]>([
    ["502 with HTML", (_req, res) => void res.writeHead(502).end("<h1>Bad gateway</h1>")],
    [
      "200 with HTML",
      (_req, res) => void res.writeHead(200, { "content-type": "text/html" }).end("<h1>Hello</h1>"),
    ],
    ["a reset connection", (req) => void req.socket.destroy()],
    ["no response at all", () => undefined],
    ["a body that never ends", (_req, res) => void res.writeHead(200).write("{")],
    [
      "a redirect (security 45)",
      (_req, res) => void res.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
    ],
    [
      "more than anybody needs (security 45)",
      (_req, res) => void res.writeHead(200).end(JSON.stringify({ access_token: "x".repeat(600_000) })),
    ],
  ])("%s is provider_unavailable, and the code is not sent again", async (_name, listener) => {
    let asked = 0;
    const { provider } = await badServer((req, res) => {
      if (req.url === "/token") asked++;
      listener(req, res);
    });
    const lines: string[] = [];
    const log = (entry: object): void =>
      void lines.push(
        JSON.stringify(entry, (_key, value) =>
          value instanceof Error ? { message: value.message, cause: value.cause } : value,
        ),
      );
    const t = await startOAuth({
      ...limits,
      providers: { example: provider },
      logger: { info() {}, warn() {}, error: log },
    });
    const began = performance.now();
    const response = await comeBack(t, { code: "the-code" });
    expect(resultOf(response)).toEqual({ blank: "true", error: "provider_unavailable" });
    expect(performance.now() - began).toBeLessThan(3000);
    expect(asked).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines.join()).not.toMatch(/Bad gateway|Hello|the-code|xxxx/);
  });

  test("slow requests that are each in time end together with the limit of all", async () => {
    const slow = await startOAuth();
    const { provider } = await badServer((req, res) => {
      const body = req.url === "/token" ? { access_token: "a", token_type: "bearer" } : { id: 1 };
      setTimeout(
        () => res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body)),
        100,
      );
    });
    const { url } = slow.provider;
    const authorization = {
      ...provider.endpoints,
      authorization: `${url}/authorize`,
      token: provider.endpoints?.token ?? "",
    };
    const t = await startOAuth({
      ...limits,
      providers: {
        example: {
          ...provider,
          endpoints: authorization,
          idToken: "none",
          profileRequests: ["a", "b", "c"].map((as) => ({ as, url: `${provider.issuer}/${as}` })),
        },
      },
    });
    expect(resultOf(await comeBack(t, { code: "x" }))).toEqual({
      blank: "true",
      error: "provider_unavailable",
    });
  });

  test("a refused code is provider_error, and the provider's words go nowhere", async () => {
    const { provider } = await badServer(
      (_req, res) =>
        void res
          .writeHead(400, { "content-type": "application/json" })
          .end(JSON.stringify({ error: "invalid_grant", error_description: "secret words" })),
    );
    const lines: string[] = [];
    const error = ({ err }: { err?: Error }): void =>
      void lines.push(err?.cause instanceof Error ? err.cause.message : "");
    const t = await startOAuth({ providers: { example: provider }, logger: { info() {}, warn() {}, error } });
    expect(resultOf(await comeBack(t, { code: "x" }))).toEqual({ blank: "true", error: "provider_error" });
    expect(lines).toEqual(["The token endpoint did not give tokens: invalid_grant"]);
  });

  test("errors with status 200 are errors (GitHub, Slack)", async () => {
    const { provider } = await badServer(
      (_req, res) =>
        void res
          .writeHead(200, { "content-type": "application/json" })
          .end('{"error":"bad_verification_code"}'),
    );
    const t = await startOAuth({ providers: { example: provider } });
    expect(resultOf(await comeBack(t, { code: "x" }))).toEqual({ blank: "true", error: "provider_error" });
  });
});

describe("metadata (case 17)", () => {
  test("a provider that is down at the start holds up nobody, and works once it is back", async () => {
    const first = await startOAuth();
    const { port } = new URL(first.provider.url);
    await first.provider.stop();
    const t = await startOAuth({ providers: { example: example(first.provider) } });
    const failed = await t.browser().visit(`/auth/example?auth_origin_url=${app}`);
    expect(resultOf(failed)).toEqual({ blank: "true", error: "provider_unavailable" });
    const password = await t.request("POST /auth/sign_in", {
      body: { email: "a@example.com", password: "x" },
    });
    expect(password.status).toBe(401);
    const { startProvider } = await import("../../../test/fixtures/provider-server.js");
    const back = await startProvider(Number(port));
    await new Promise((resolve) => setTimeout(resolve, 2100));
    expect(await t.browser().begin("/auth/example")).toContain(back.url);
  });

  test("they are asked for once by many sign-ins", async () => {
    let asked = 0;
    const { url } = await badServer((req, res) => {
      asked++;
      const issuer = `http://${req.headers.host}`;
      const metadata = {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
      };
      setTimeout(
        () => res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(metadata)),
        50,
      );
    });
    const t = await startOAuth({
      providers: { example: oidc({ issuer: url, clientId: "app", clientSecret: "s" }) },
    });
    const places = await Promise.all(Array.from({ length: 10 }, () => t.browser().begin("/auth/example")));
    expect(places.every((place) => place.startsWith(`${url}/authorize?`))).toBe(true);
    expect(asked).toBe(1);
  });

  test("metadata of another issuer are refused", async () => {
    const { url } = await badServer(
      (_req, res) =>
        void res.writeHead(200, { "content-type": "application/json" }).end(
          JSON.stringify({
            issuer: "https://evil.example",
            authorization_endpoint: "https://evil.example/a",
          }),
        ),
    );
    const t = await startOAuth({
      providers: { example: oidc({ issuer: url, clientId: "app", clientSecret: "s" }) },
    });
    const response = await t.browser().visit(`/auth/example?auth_origin_url=${app}`);
    expect(resultOf(response)).toEqual({ blank: "true", error: "provider_unavailable" });
  });
});

test("Facebook's scopes have commas, and its request no nonce", async () => {
  const t = await startOAuth({ providers: { example: facebook({ clientId: "1", clientSecret: "2" }) } });
  const { searchParams } = new URL(await t.browser().begin("/auth/example"));
  expect(searchParams.get("scope")).toBe("email,public_profile");
  expect(searchParams.get("nonce")).toBeNull();
});

test("LinkedIn's request has neither PKCE nor nonce (case 18)", async () => {
  const t = await startOAuth({ providers: { example: linkedin({ clientId: "1", clientSecret: "2" }) } });
  const { searchParams } = new URL(await t.browser().begin("/auth/example"));
  expect([...searchParams.keys()].toSorted()).toEqual([
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
  ]);
});

import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { bodyOf } from "../../../test/fixtures/http.js";
import { challenge, example, startOAuth, verifier } from "../../../test/fixtures/oauth.js";
import { startProvider } from "../../../test/fixtures/provider-server.js";
import { createAuth } from "../../auth.js";
import { sqlite } from "../../database/sqlite/sqlite.js";
import { credentialsOf } from "../../testing/testing.js";
import { github } from "./providers/github.js";
import { google } from "./providers/google.js";
import { linkedin } from "./providers/linkedin.js";
import type { OidcOptions } from "./providers/oidc.js";
import type { Provider } from "./providers/provider.js";
import { spotify } from "./providers/spotify.js";
import { twitch } from "./providers/twitch.js";
import { x } from "./providers/x.js";

const redirect_uri = "com.example.app:/signed-in";
const callback = "http://localhost:3000/omniauth/example/callback";

/** An app on a phone, which asks the provider itself. */
async function start(options: Partial<OidcOptions> = {}) {
  const server = await startProvider();
  const given = { audiences: ["ios-app"], nativeRedirectUris: [redirect_uri, ""], ...options };
  const provider = example(server, given);
  const t = await startOAuth({ providers: { example: provider }, serverKeys: ["k".repeat(43)] });
  /** What the token endpoint was asked with. */
  const asked: URLSearchParams[] = [];
  server.server.service.on("beforeResponse", (_response, request) => {
    const { body } = request as unknown as { body: Record<string, string> };
    asked.push(new URLSearchParams(body));
  });
  const code = async (params: Record<string, string> = {}) => {
    const query = new URLSearchParams({
      response_type: "code",
      client_id: "ios-app",
      redirect_uri,
      scope: "openid email",
      state: "the-apps-own",
      code_challenge: challenge,
      code_challenge_method: "S256",
      ...params,
    });
    for (const [name, value] of Object.entries(params)) if (value === "") query.delete(name);
    const response = await fetch(`${server.url}/authorize?${query}`, { redirect: "manual" });
    const location = new URL(response.headers.get("location") ?? "");
    return String(location.searchParams.get("code"));
  };
  /** What the app's own request to the provider said, and the ID token repeats. */
  const app: { nonce?: string } = {};
  server.lies.idToken = ({ payload }) => {
    Object.assign(payload, { aud: asked.at(-1)?.get("client_id") ?? "ios-app", nonce: app.nonce });
  };
  const nonce = async () => String((await bodyOf(await t.request("POST /auth/example/nonce"))).data["nonce"]);
  /** A sign-in of the app, as it would be posted here. */
  const whole = async () => {
    app.nonce = await nonce();
    return {
      code: await code(),
      code_verifier: verifier,
      nonce: app.nonce,
      redirect_uri,
      client_id: "ios-app",
    };
  };
  const exchange = (body: object) => t.request("POST /auth/example/token", { body });
  return { ...t, server, asked, code, exchange, nonce, whole };
}

describe("a code of a native app", () => {
  test("signs in with a nonce of ours that its ID token repeats, without the web's secret", async () => {
    const t = await start();
    const body = await t.whole();
    const response = await t.exchange({ ...body, nickname: "ada" });
    expect([response.status, (await bodyOf(response.clone())).data["uid"]]).toEqual([200, "ada-1815"]);
    const valid = await t.request("GET /auth/validate_token", { headers: credentialsOf(response) });
    expect(valid.status).toBe(200);
    expect(Object.fromEntries(t.asked[0] ?? [])).toEqual({
      grant_type: "authorization_code",
      code: body.code,
      code_verifier: verifier,
      redirect_uri,
      client_id: "ios-app",
    });
  });

  test("of an SDK without a redirect URI is bound by a nonce of ours, and the web's tokens are kept", async () => {
    const t = await start({ keepTokens: true });
    const nonce = await t.nonce();
    t.server.lies.idToken = ({ payload }) => Object.assign(payload, { aud: "app", nonce });
    const body = { code: await t.code({ client_id: "app" }), nonce };
    const response = await t.exchange(body);
    expect(response.status).toBe(200);
    expect(t.asked[0]?.has("redirect_uri")).toBe(false);
    const { id } = (await bodyOf(response)).data;
    expect(await t.auth.providerToken("user", Number(id), "example")).toEqual(expect.any(String));
    const again = await t.exchange({ ...body, code: await t.code() });
    expect([again.status, (await bodyOf(again)).code]).toEqual([401, "identity_unproven"]);
  });

  test.each<[string, object]>([
    ["to the callback of the web's flow, which a browser's cookie has to finish", { redirect_uri: callback }],
    ["to a redirect URI that is not listed", { redirect_uri: "com.evil.app:/signed-in" }],
    ["of another app", { client_id: "somebody-elses-app" }],
    ["with a verifier alone, which a provider that ignores PKCE takes whatever it is", { nonce: undefined }],
    ["that nothing binds to the app's request", { nonce: undefined, code_verifier: undefined }],
    ["with a nonce that is not ours", { nonce: "my-own" }],
  ])("%s is refused before the provider is asked", async (_name, other) => {
    const t = await start({ nativeRedirectUris: [redirect_uri, callback] });
    const response = await t.exchange({ ...(await t.whole()), ...other });
    expect([response.status, (await bodyOf(response)).code]).toEqual([401, "identity_unproven"]);
    expect(t.server.counts.tokens).toBe(0);
    expect(t.events.at(-1)).toMatchObject({ name: "sign_in.failed", reason: "identity_unproven" });
  });

  test("is refused where the app lists no redirect URIs", async () => {
    const t = await start({ nativeRedirectUris: [] });
    expect((await t.exchange({ ...(await t.whole()), redirect_uri: undefined })).status).toBe(401);
    expect((await t.exchange(await t.whole())).status).toBe(401);
  });

  test("whose ID token is another app's, or has another nonce, is refused", async () => {
    const t = await start();
    for (const claims of [{ aud: "app" }, { nonce: "another" }, { nonce: undefined }]) {
      const given = await t.whole();
      t.server.lies.idToken = ({ payload }) =>
        Object.assign(payload, { aud: "ios-app", nonce: given.nonce, ...claims });
      const response = await t.exchange(given);
      expect([response.status, (await bodyOf(response)).code]).toEqual([401, "identity_unproven"]);
    }
  });

  test("with a hashed nonce is fine only where the provider hashes it, as Apple does", async () => {
    const t = await start();
    const body = await t.whole();
    const hashed = createHash("sha256").update(body.nonce).digest("hex");
    t.server.lies.idToken = ({ payload }) => Object.assign(payload, { aud: "ios-app", nonce: hashed });
    expect((await t.exchange(body)).status).toBe(401);
  });

  test("that the provider refuses is told as that", async () => {
    const t = await start();
    t.server.lies.tokens = (response) => {
      response.statusCode = 400;
      response.body = { error: "invalid_grant" };
    };
    const response = await t.exchange(await t.whole());
    expect((await bodyOf(response)).code).toBe("provider_error");
  });

  test("that somebody else got hold of is worth nothing with a verifier that they made up, and with a nonce of their own", async () => {
    const t = await start();
    const code = await t.code({ code_challenge: "", code_challenge_method: "" });
    const stolen = { ...(await t.whole()), code, code_verifier: "x".repeat(43) };
    expect((await t.exchange({ ...stolen, nonce: undefined })).status).toBe(401);
    expect(t.server.counts.tokens).toBe(0);
    const own = { ...stolen, nonce: await t.nonce(), code_verifier: undefined };
    const response = await t.exchange(own);
    expect(t.server.counts.tokens).toBe(1);
    expect([response.status, (await bodyOf(response)).code]).toEqual([401, "identity_unproven"]);
  });

  test('is bound by its verifier alone with nativeCodeProof: "pkce", and by a nonce of ours where there is one', async () => {
    const t = await start({ nativeCodeProof: "pkce" });
    const signedIn = await t.exchange({ ...(await t.whole()), nonce: undefined });
    expect([signedIn.status, t.asked[0]?.get("code_verifier")]).toEqual([200, verifier]);
    expect((await t.exchange({ ...(await t.whole()), nonce: await t.nonce() })).status).toBe(401);
    const unbound = await t.exchange({ ...(await t.whole()), nonce: undefined, code_verifier: undefined });
    expect(unbound.status).toBe(401);
  });
});

describe("the start of an app", () => {
  const keys = { clientId: "app", clientSecret: "secret" };
  const begin = (provider: Provider) =>
    createAuth({
      baseUrl: "http://localhost:3000",
      database: sqlite(":memory:"),
      providers: { one: provider },
      models: { user: { mountAt: "/auth", omniauthable: true } },
    });
  const nativeRedirectUris = [redirect_uri];
  const unbound = /providers\.one\.nativeRedirectUris: \S+ has no ID token that repeats a nonce/;

  test.each([
    ["GitHub", github({ ...keys, nativeRedirectUris })],
    ["Spotify", spotify({ ...keys, nativeRedirectUris })],
    ["LinkedIn, whose ID token repeats none,", linkedin({ ...keys, nativeRedirectUris })],
  ])("tells that every native code of %s would be refused", (_name, provider) => {
    expect(() => begin(provider)).toThrow(unbound);
  });

  test("is fine where the configuration says so, or the provider is known to insist on PKCE", async () => {
    for (const provider of [
      github({ ...keys, nativeRedirectUris, nativeCodeProof: "pkce" }),
      x({ ...keys, nativeRedirectUris }),
      google({ ...keys, nativeRedirectUris }),
    ])
      await begin(provider).close();
  });

  test("tells that a provider without PKCE cannot be bound by it", () => {
    expect(() => begin(twitch({ ...keys, nativeCodeProof: "pkce" }))).toThrow(
      /providers\.one\.nativeCodeProof: is "pkce", but PKCE is left out for Twitch/,
    );
  });
});

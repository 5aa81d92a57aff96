import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { bodyOf } from "../../../test/fixtures/http.js";
import { challenge, example, startOAuth, verifier } from "../../../test/fixtures/oauth.js";
import { startProvider } from "../../../test/fixtures/provider-server.js";
import { credentialsOf } from "../../testing/testing.js";
import type { OidcOptions } from "./providers/oidc.js";

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
    const response = await fetch(`${server.url}/authorize?${query}`, { redirect: "manual" });
    const location = new URL(response.headers.get("location") ?? "");
    return String(location.searchParams.get("code"));
  };
  server.lies.idToken = ({ payload }) => {
    payload["aud"] = asked.at(-1)?.get("client_id") ?? "ios-app";
  };
  const exchange = (body: object) => t.request("POST /auth/example/token", { body });
  return { ...t, server, asked, code, exchange };
}

describe("a code of a native app", () => {
  test("signs in with the verifier of the app's own challenge, without the web's secret", async () => {
    const t = await start();
    const body = { code: await t.code(), code_verifier: verifier, redirect_uri, client_id: "ios-app" };
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
    const nonce = String((await bodyOf(await t.request("POST /auth/example/nonce"))).data["nonce"]);
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
    ["that nothing binds to the app's request", { code_verifier: undefined }],
    ["with a nonce that is not ours", { nonce: "my-own" }],
  ])("%s is refused before the provider is asked", async (_name, other) => {
    const t = await start({ nativeRedirectUris: [redirect_uri, callback] });
    const body = { code: await t.code(), code_verifier: verifier, redirect_uri, client_id: "ios-app" };
    const response = await t.exchange({ ...body, ...other });
    expect([response.status, (await bodyOf(response)).code]).toEqual([401, "identity_unproven"]);
    expect(t.server.counts.tokens).toBe(0);
    expect(t.events.at(-1)).toMatchObject({ name: "sign_in.failed", reason: "identity_unproven" });
  });

  test("is refused where the app lists no redirect URIs", async () => {
    const t = await start({ nativeRedirectUris: [] });
    const body = { code: await t.code(), code_verifier: verifier, client_id: "ios-app" };
    expect((await t.exchange(body)).status).toBe(401);
    expect((await t.exchange({ ...body, redirect_uri })).status).toBe(401);
  });

  test("whose ID token is another app's, or has another nonce, is refused", async () => {
    const t = await start();
    const body = async () => {
      const nonce = String((await bodyOf(await t.request("POST /auth/example/nonce"))).data["nonce"]);
      return { code: await t.code(), code_verifier: verifier, redirect_uri, client_id: "ios-app", nonce };
    };
    for (const claims of [{ aud: "app" }, { nonce: "another" }, { nonce: undefined }]) {
      const given = await body();
      t.server.lies.idToken = ({ payload }) =>
        Object.assign(payload, { aud: "ios-app", nonce: given.nonce, ...claims });
      const response = await t.exchange(given);
      expect([response.status, (await bodyOf(response)).code]).toEqual([401, "identity_unproven"]);
    }
  });

  test("with a hashed nonce is fine only where the provider hashes it, as Apple does", async () => {
    const t = await start();
    const nonce = String((await bodyOf(await t.request("POST /auth/example/nonce"))).data["nonce"]);
    const hashed = createHash("sha256").update(nonce).digest("hex");
    t.server.lies.idToken = ({ payload }) => Object.assign(payload, { aud: "ios-app", nonce: hashed });
    const body = { code: await t.code(), code_verifier: verifier, redirect_uri, client_id: "ios-app", nonce };
    expect((await t.exchange(body)).status).toBe(401);
  });

  test("that the provider refuses is told as that", async () => {
    const t = await start();
    t.server.lies.tokens = (response) => {
      response.statusCode = 400;
      response.body = { error: "invalid_grant" };
    };
    const body = { code: await t.code(), code_verifier: verifier, redirect_uri, client_id: "ios-app" };
    const response = await t.exchange(body);
    expect((await bodyOf(response)).code).toBe("provider_error");
  });
});

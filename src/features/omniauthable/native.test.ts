import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { bodyOf } from "../../../test/fixtures/http.js";
import { example, type OAuth, startOAuth } from "../../../test/fixtures/oauth.js";
import { type Person, startProvider } from "../../../test/fixtures/provider-server.js";
import { credentialsOf } from "../../testing/testing.js";
import { apple } from "./providers/apple.js";
import { github } from "./providers/github.js";

/** A token as a native SDK would get it. */
async function idToken({ provider }: OAuth, claims: Person): Promise<string> {
  return provider.server.issuer.buildToken({
    scopesOrTransform: (_header, payload) =>
      Object.assign(payload, provider.person, { aud: "ios-app" }, claims),
  });
}

async function nonceOf({ request }: OAuth, route = "/auth/example"): Promise<string> {
  return String((await bodyOf(await request(`POST ${route}/nonce`))).data["nonce"]);
}

async function native(server?: Parameters<typeof example>[0]) {
  const provider = server ?? (await startProvider());
  const t = await startOAuth({
    providers: { example: example(provider, { audiences: ["ios-app", "android-app"] }) },
  });
  return { ...t, provider };
}

const exchange = ({ request }: OAuth, body: object, route = "/auth/example") =>
  request(`POST ${route}/token`, { body });

describe("an ID token of a native app (case 27)", () => {
  test("with a nonce of the server signs in, once", async () => {
    const t = await native();
    const nonce = await nonceOf(t);
    const id_token = await idToken(t, { nonce });
    const response = await exchange(t, { id_token, nonce, nickname: "ada" });
    expect(response.status).toBe(200);
    expect(await response.clone().json()).toMatchObject({
      data: { uid: "ada-1815", nickname: "ada" },
      oauth_registration: true,
    });
    const valid = await t.request("GET /auth/validate_token", { headers: credentialsOf(response) });
    expect(valid.status).toBe(200);
    expect(response.headers.get("device-mark")).toMatch(/^[\w-]{43}$/);
    const again = await exchange(t, { id_token, nonce });
    expect([again.status, (await bodyOf(again)).code]).toEqual([401, "identity_unproven"]);
  });

  test.each<[string, Person]>([
    ["of another app", { aud: "somebody-elses-app" }],
    ["with another app as azp", { azp: "somebody-elses-app" }],
    ["with another nonce", { nonce: "another" }],
    ["with a hashed nonce where the provider hashes none", { nonce: "hashed" }],
    ["without a nonce", { nonce: undefined }],
    ["that has expired", { exp: 1_000_000_000 }],
    ["of another issuer", { iss: "https://evil.example" }],
  ])("%s is refused", async (_name, claims) => {
    const t = await native();
    const nonce = await nonceOf(t);
    const hashed =
      claims["nonce"] === "hashed" ? { nonce: createHash("sha256").update(nonce).digest("hex") } : {};
    const response = await exchange(t, {
      id_token: await idToken(t, { nonce, ...claims, ...hashed }),
      nonce,
    });
    expect([response.status, (await bodyOf(response)).code]).toEqual([401, "identity_unproven"]);
    expect(t.events.at(-1)).toMatchObject({ name: "sign_in.failed", reason: "identity_unproven" });
  });

  test("with a nonce that the client chose, or none, is refused", async () => {
    const t = await native();
    for (const nonce of ["my-own", undefined]) {
      const response = await exchange(t, { id_token: await idToken(t, { nonce }), nonce });
      expect(response.status).toBe(401);
    }
  });

  test("with a nonce of another model, or a late one, is refused", async () => {
    const t = await native();
    const ofAdmin = await nonceOf(t, "/admin_auth/example");
    expect(
      (await exchange(t, { id_token: await idToken(t, { nonce: ofAdmin }), nonce: ofAdmin })).status,
    ).toBe(401);
    const late = await nonceOf(t);
    t.clock.forward("10m");
    expect((await exchange(t, { id_token: await idToken(t, { nonce: late }), nonce: late })).status).toBe(
      401,
    );
  });

  test("of the web app itself is fine, and every audience of the list", async () => {
    const t = await native();
    for (const aud of ["app", "ios-app", "android-app"]) {
      const nonce = await nonceOf(t);
      expect((await exchange(t, { id_token: await idToken(t, { nonce, aud }), nonce })).status).toBe(200);
    }
  });

  test("an access token is nobody's proof", async () => {
    const t = await native();
    const nonce = await nonceOf(t);
    expect((await exchange(t, { access_token: "x", nonce })).status).toBe(401);
    expect((await exchange(t, { id_token: "x", nonce: await nonceOf(t) })).status).toBe(401);
  });

  test("a provider without ID tokens has none, and an unknown one nothing", async () => {
    const t = await startOAuth({ providers: { example: github({ clientId: "1", clientSecret: "2" }) } });
    const nonce = await nonceOf(t);
    expect((await exchange(t, { id_token: "x", nonce })).status).toBe(401);
    expect((await t.request("POST /auth/nobody/nonce")).status).toBe(404);
  });

  test("of Apple holds the hash of the nonce, and the name comes once beside it (case 26)", async () => {
    const provider = await startProvider();
    const { url } = provider;
    const endpoints = { authorization: `${url}/authorize`, token: `${url}/token`, keys: `${url}/jwks` };
    const own = { ...apple({ clientId: "app", clientSecret: "x" }), endpoints, formPost: false };
    const t = { ...(await startOAuth({ providers: { example: own } })), provider };
    const nonce = await nonceOf(t);
    const claims = {
      iss: "https://appleid.apple.com",
      aud: "app",
      nonce: createHash("sha256").update(nonce).digest("hex"),
      email_verified: "true",
      name: undefined,
    };
    const user = JSON.stringify({ name: { firstName: "Ada", lastName: "King" }, email: "eve@example.com" });
    const response = await exchange(t, { id_token: await idToken(t, claims), nonce, user });
    expect(await response.json()).toMatchObject({ data: { name: "Ada King", email: "ada@example.com" } });
  });
});

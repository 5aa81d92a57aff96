import { createHash } from "node:crypto";
import { generateKeyPair, SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { example, resultOf, startOAuth } from "../../../test/fixtures/oauth.js";
import type { Person, ProviderServer } from "../../../test/fixtures/provider-server.js";
import { apple } from "./providers/apple.js";
import { line } from "./providers/line.js";
import { microsoft } from "./providers/microsoft.js";
import type { Provider } from "./providers/provider.js";

const unproven = { blank: "true", error: "identity_unproven" };

/** A built-in provider whose server is the one of the test. */
function at(server: ProviderServer, provider: Provider): Provider {
  const { url } = server;
  const endpoints = { authorization: `${url}/authorize`, token: `${url}/token`, keys: `${url}/jwks` };
  return { ...provider, endpoints, clientId: "app", clientSecret: "app-secret" };
}

describe("a provider that lies signs nobody in", () => {
  test.each<[string, Person]>([
    ["another issuer (security 40)", { iss: "https://evil.example" }],
    ["another app's audience", { aud: "another-app" }],
    ["another nonce (security 39)", { nonce: "another" }],
    ["no nonce", { nonce: undefined }],
    ["an expired token", { exp: Math.floor(Date.now() / 1000) - 3600 }],
    ["another app as azp", { azp: "another-app" }],
    ["several audiences and no azp", { aud: ["app", "another-app"] }],
    ["no subject (case 24)", { sub: undefined }],
    ["an empty subject (case 24)", { sub: "" }],
    ["the text of a missing subject (case 24)", { sub: "undefined" }],
    ["a subject that no column holds (case 24)", { sub: "x".repeat(300) }],
  ])("%s", async (_name, claims) => {
    const t = await startOAuth();
    t.provider.lies.idToken = ({ payload }) => Object.assign(payload, claims);
    expect(resultOf(await t.browser().signIn("/auth/example"))).toEqual(unproven);
    expect(await t.auth.accounts.findByEmail("user", "ada@example.com")).toBeUndefined();
    const reasons = t.events.filter(({ name }) => name === "sign_in.failed").map(({ reason }) => reason);
    expect(reasons).toEqual(["identity_unproven"]);
  });

  test("several audiences with this app as azp are fine", async () => {
    const t = await startOAuth();
    t.provider.lies.idToken = ({ payload }) => Object.assign(payload, { aud: ["app", "other"], azp: "app" });
    expect(resultOf(await t.browser().signIn("/auth/example"))["uid"]).toBe("ada-1815");
  });

  test("a token of somebody else's key, with a shared secret, or without a signature (case 21)", async () => {
    const t = await startOAuth();
    const now = Math.floor(Date.now() / 1000);
    const { privateKey } = await generateKeyPair("RS256");
    const b64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    let nonce = "";
    // The person of the provider's userinfo, so that nothing but the token is wrong.
    const claims = () => ({
      iss: t.provider.url,
      sub: "ada-1815",
      aud: "app",
      iat: now,
      exp: now + 60,
      nonce,
    });
    const forged: Record<string, () => Promise<string>> = {
      "another key": () => new SignJWT(claims()).setProtectedHeader({ alg: "RS256" }).sign(privateKey),
      "the client secret": () =>
        new SignJWT(claims())
          .setProtectedHeader({ alg: "HS256" })
          .sign(new TextEncoder().encode("app-secret")),
      none: async () => `${b64({ alg: "none" })}.${b64(claims())}.`,
      nonsense: async () => "nonsense",
    };
    for (const make of Object.values(forged)) {
      const browser = t.browser();
      const authorization = await browser.begin("/auth/example");
      nonce = new URL(authorization).searchParams.get("nonce") ?? "";
      const token = await make();
      t.provider.lies.tokens = ({ body }) => {
        body["id_token"] = token;
      };
      expect(resultOf(await browser.visit(await browser.consent(authorization)))).toEqual(unproven);
    }
  });

  test("userinfo about somebody else", async () => {
    const t = await startOAuth();
    t.provider.lies.userinfo = ({ body }) => Object.assign(body, { sub: "eve" });
    expect(resultOf(await t.browser().signIn("/auth/example"))).toEqual(unproven);
  });

  test("a code of another flow: the verifier does not fit", async () => {
    const t = await startOAuth();
    const [attacker, victim] = [t.browser(), t.browser()];
    const stolen = new URL(await attacker.consent(await attacker.begin("/auth/example"))).searchParams;
    const callback = new URL(await victim.consent(await victim.begin("/auth/example")));
    callback.searchParams.set("code", stolen.get("code") ?? "");
    expect(resultOf(await victim.visit(callback.href))).toEqual({ blank: "true", error: "provider_error" });
  });

  test("claims that userinfo adds do not overrule the verified ones", async () => {
    const t = await startOAuth();
    t.provider.lies.userinfo = ({ body }) =>
      Object.assign(body, { email: "eve@example.com", nickname: "ada" });
    await t.browser().signIn("/auth/example");
    const account = await t.auth.accounts.findByEmail("user", "ada@example.com");
    expect(account?.nickname).toBe("ada");
  });
});

describe("issuers and algorithms of their own kinds", () => {
  test("Microsoft: the issuer has to be the token's own tenant, and the tenant one that may (case 20)", async () => {
    const t = await startOAuth();
    const tid = "11111111-2222-3333-4444-555555555555";
    const issuer = `https://login.microsoftonline.com/${tid}/v2.0`;
    const signInWith = async (tenants: readonly string[] | undefined, claims: Person) => {
      const provider = at(t.provider, microsoft(tenants ? { tenants } : {}));
      const own = await startOAuth({ providers: { example: provider } });
      t.provider.person = { sub: "pairwise", oid: "object-1", tid, email: "ada@example.com" };
      t.provider.lies.idToken = ({ payload }) => Object.assign(payload, { iss: issuer, ...claims });
      return resultOf(await own.browser().signIn("/auth/example"));
    };
    // The address is not proven, so that no account is linked by it: the identity is tenant and object, not sub.
    expect((await signInWith(undefined, {}))["uid"]).toBe(`${tid}.object-1`);
    expect((await signInWith([tid], { sub: "another app's" }))["uid"]).toBe(`${tid}.object-1`);
    const other = "99999999-2222-3333-4444-555555555555";
    expect(await signInWith(undefined, { tid: other })).toEqual(unproven);
    expect(await signInWith(undefined, { iss: "https://login.microsoftonline.com/{tenantid}/v2.0" })).toEqual(
      unproven,
    );
    expect(await signInWith([other], {})).toEqual(unproven);
    expect(await signInWith(undefined, { oid: undefined })).toEqual(unproven);
  });

  test("Apple: a new spelling of the issuer is the same person (case 19)", async () => {
    const t = await startOAuth();
    const provider = { ...at(t.provider, apple({ clientSecret: "x" })), formPost: false };
    const own = await startOAuth({ providers: { example: provider } });
    const uids: (string | undefined)[] = [];
    for (const iss of ["https://appleid.apple.com", "https://account.apple.com"]) {
      t.provider.lies.idToken = ({ payload }) => Object.assign(payload, { iss });
      const result = resultOf(await own.browser().signIn("/auth/example"));
      uids.push(result["client_id"] && result["oauth_registration"]);
    }
    expect(uids).toEqual(["true", undefined]);
  });

  test("LINE: HS256 with the channel secret is good there, and with another secret it is not (case 21)", async () => {
    const t = await startOAuth();
    const own = await startOAuth({ providers: { example: at(t.provider, line()) } });
    const signInWith = async (secret: string) => {
      const browser = own.browser();
      const authorization = await browser.begin("/auth/example");
      const nonce = new URL(authorization).searchParams.get("nonce");
      const token = await new SignJWT({ nonce, email: "ada@example.com", name: "Ada" })
        .setProtectedHeader({ alg: "HS256" })
        .setIssuer("https://access.line.me")
        .setAudience("app")
        .setSubject("U123")
        .setIssuedAt()
        .setExpirationTime("5m")
        .sign(new TextEncoder().encode(secret));
      t.provider.lies.tokens = ({ body }) => {
        body["id_token"] = token;
      };
      return resultOf(await browser.visit(await browser.consent(authorization)));
    };
    expect((await signInWith("app-secret"))["uid"]).toBe("U123");
    expect(await signInWith("another secret of the same length")).toEqual(unproven);
  });

  test("what a provider's data leave out is not sent, and the rest still binds the flow (case 18)", async () => {
    const t = await startOAuth();
    const plain = await startOAuth({
      providers: { example: example(t.provider, { pkce: "left out", nonce: false }) },
    });
    const browser = plain.browser();
    const authorization = await browser.begin("/auth/example");
    const { searchParams } = new URL(authorization);
    expect(["code_challenge", "nonce"].map((name) => searchParams.get(name))).toEqual([null, null]);
    expect((await plain.browser().visit(await browser.consent(authorization))).status).toBe(401);
    expect(resultOf(await browser.visit(await browser.consent(authorization)))["uid"]).toBe("ada-1815");
  });

  test("Apple's hashed nonce is for native apps: a browser's flow wants the nonce itself (case 27)", async () => {
    const t = await startOAuth();
    const provider = { ...at(t.provider, apple({ clientSecret: "x" })), formPost: false };
    const own = await startOAuth({ providers: { example: provider } });
    t.provider.lies.idToken = ({ payload }) => {
      const nonce = createHash("sha256").update(String(payload["nonce"])).digest("hex");
      Object.assign(payload, { iss: "https://appleid.apple.com", nonce });
    };
    expect(resultOf(await own.browser().signIn("/auth/example"))).toEqual(unproven);
  });
});

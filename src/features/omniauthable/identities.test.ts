import { describe, expect, test } from "vitest";
import { bodyOf } from "../../../test/fixtures/http.js";
import {
  challenge,
  credentialsIn,
  example,
  type OAuth,
  resultOf,
  startOAuth,
  verifier,
} from "../../../test/fixtures/oauth.js";
import { startProvider } from "../../../test/fixtures/provider-server.js";
import { credentialsOf } from "../../testing/testing.js";

const password = "a quiet violet hour";
const email = "ada@example.com";

/** Two providers, and somebody who is signed in with a password. */
async function signedIn() {
  const [first, second] = [await startProvider(), await startProvider()];
  second.person = { sub: "second-1", email: "ada@second.example", email_verified: true };
  const t = await startOAuth({ providers: { example: example(first), second: example(second) } });
  await t.request("POST /auth", { body: { email, password, confirm_success_url: "http://localhost:5173/" } });
  await t.auth.handle(new Request(t.linkTo(email)));
  const held = credentialsOf(await t.request("POST /auth/sign_in", { body: { email, password } }));
  return { ...t, provider: first, second, held };
}

type Held = Record<string, string>;

/** The code of a flow that a session began to add an identity. */
async function linkCode(t: OAuth, held: Held, provider = "example"): Promise<string> {
  const params = { code_challenge: challenge, omniauth_link: held["client"] ?? "" };
  return resultOf(await t.browser().signIn(`/auth/${provider}`, params))["omniauth_code"] ?? "";
}

const add = ({ request }: OAuth, headers: Held, omniauth_code: string, more: object = {}) =>
  request("POST /auth/identities", { headers, body: { omniauth_code, code_verifier: verifier, ...more } });

async function list({ request }: OAuth, headers: Held): Promise<readonly Record<string, unknown>[]> {
  const body: { data: readonly Record<string, unknown>[] } = JSON.parse(
    await (await request("GET /auth/identities", { headers })).text(),
  );
  return body.data;
}

describe("adding an identity", () => {
  test("a session adds one, signs in with it from then on, and sees it in the list", async () => {
    const t = await signedIn();
    const added = await add(t, t.held, await linkCode(t, t.held, "second"));
    expect([added.status, (await bodyOf(added)).data["provider"]]).toEqual([200, "second"]);
    const held = credentialsOf(added);
    const [identity] = await list(t, held);
    expect(identity).toMatchObject({ provider: "second", uid: "second-1", email: "ada@second.example" });
    expect(resultOf(await t.browser().signIn("/auth/second"))["uid"]).toBe(email);
    expect(t.events.some(({ name, reason }) => name === "identity.linked" && reason === "second")).toBe(true);
  });

  test("the flow is of one session: another session, and another account, cannot finish it (case 8)", async () => {
    const t = await signedIn();
    const other = credentialsOf(await t.request("POST /auth/sign_in", { body: { email, password } }));
    const refused = await add(t, other, await linkCode(t, t.held));
    expect([refused.status, (await bodyOf(refused)).code]).toEqual([401, "omniauth_code_invalid"]);
    const stranger = credentialsIn(resultOf(await t.browser().signIn("/auth/second")));
    expect((await add(t, stranger, await linkCode(t, t.held))).status).toBe(401);
    expect(await list(t, t.held)).toEqual([]);
  });

  test("a code that somebody else hands over is worth nothing without the verifier (case 8)", async () => {
    const t = await signedIn();
    const body = { omniauth_code: await linkCode(t, t.held), code_verifier: "x".repeat(43) };
    expect((await t.request("POST /auth/identities", { headers: t.held, body })).status).toBe(401);
    const nobody = await t.request("POST /auth/identities", { body });
    expect(nobody.status).toBe(401);
  });

  test("a session that has ended meanwhile adds nothing (case 8)", async () => {
    const t = await signedIn();
    const code = await linkCode(t, t.held);
    await t.request("DELETE /auth/sign_out", { headers: t.held });
    expect((await add(t, t.held, code)).status).toBe(401);
    expect(resultOf(await t.browser().signIn("/auth/example"))["error"]).toBeUndefined();
  });

  test("a code for adding signs nobody in, and one for signing in adds nothing", async () => {
    const t = await signedIn();
    const redeem = { omniauth_code: await linkCode(t, t.held), code_verifier: verifier };
    expect((await t.request("POST /auth/omniauth_code", { body: redeem })).status).toBe(401);
    const { omniauth_code = "" } = resultOf(
      await t.browser().signIn("/auth/second", { code_challenge: challenge }),
    );
    expect((await add(t, t.held, omniauth_code)).status).toBe(401);
  });

  test("an identity of another account stays there", async () => {
    const t = await signedIn();
    await t.browser().signIn("/auth/second");
    const refused = await add(t, t.held, await linkCode(t, t.held, "second"));
    expect([refused.status, (await bodyOf(refused)).code]).toEqual([422, "identity_taken"]);
  });

  test("one's own identity a second time is no mistake", async () => {
    const t = await signedIn();
    const first = await add(t, t.held, await linkCode(t, t.held, "second"));
    const held = credentialsOf(first);
    expect((await add(t, held, await linkCode(t, held, "second"))).status).toBe(200);
    expect(await list(t, held)).toHaveLength(1);
  });

  test("without a challenge no link flow begins", async () => {
    const t = await signedIn();
    const place = await t.browser().begin("/auth/example", { omniauth_link: t.held["client"] ?? "" });
    expect(place).toContain("code_challenge_missing");
  });
});

describe("a change of how an account is signed in to", () => {
  test("needs the current password, or a sign-in of a moment ago", async () => {
    const t = await signedIn();
    t.clock.forward("11m");
    const refused = await add(t, t.held, await linkCode(t, t.held));
    expect([refused.status, (await bodyOf(refused)).code]).toEqual([403, "reauthentication_required"]);
    const held = credentialsOf(refused);
    const code = await linkCode(t, held);
    const wrong = await add(t, held, code, { current_password: "wrong" });
    expect([wrong.status, (await bodyOf(wrong)).codes]).toEqual([422, { current_password: ["invalid"] }]);
    const right = await add(t, credentialsOf(wrong, held), code, { current_password: password });
    expect(right.status).toBe(200);
  });
});

describe("removing an identity", () => {
  test("the last way in stays", async () => {
    const t = await startOAuth();
    const held = credentialsIn(resultOf(await t.browser().signIn("/auth/example")));
    const [identity] = await list(t, held);
    const refused = await t.request(`DELETE /auth/identities/${identity?.["id"]}`, { headers: held });
    expect([refused.status, (await bodyOf(refused)).code]).toEqual([422, "last_sign_in_method"]);
    expect(await list(t, held)).toHaveLength(1);
  });

  test("with a password it goes, and the person at the provider is somebody new", async () => {
    const t = await signedIn();
    const added = await add(t, t.held, await linkCode(t, t.held, "second"));
    const held = credentialsOf(added);
    const { id } = (await bodyOf(added)).data;
    const strange = await t.request("DELETE /auth/identities/nobody", { headers: held });
    expect([strange.status, (await bodyOf(strange)).code]).toEqual([404, "identity_not_found"]);
    expect((await t.request(`DELETE /auth/identities/${id}`, { headers: held })).status).toBe(200);
    expect(await list(t, held)).toEqual([]);
    const result = resultOf(await t.browser().signIn("/auth/second"));
    expect([result["uid"], result["oauth_registration"]]).toEqual(["second-1", "true"]);
  });

  test("somebody else's is not there", async () => {
    const t = await signedIn();
    const stranger = credentialsIn(resultOf(await t.browser().signIn("/auth/second")));
    const [theirs] = await list(t, stranger);
    const refused = await t.request(`DELETE /auth/identities/${theirs?.["id"]}`, { headers: t.held });
    expect(refused.status).toBe(404);
    expect(await list(t, stranger)).toHaveLength(1);
  });
});

describe("a session that an identity opened", () => {
  test("ends when the identity is removed, and so does every other but the one that asks", async () => {
    const t = await signedIn();
    const added = await add(t, t.held, await linkCode(t, t.held));
    const held = credentialsOf(added, t.held);
    const thief = credentialsIn(resultOf(await t.browser().signIn("/auth/example")));
    const phone = credentialsOf(await t.request("POST /auth/sign_in", { body: { email, password } }));
    const [identity] = await list(t, held);
    const removed = await t.request(`DELETE /auth/identities/${identity?.["id"]}`, { headers: held });
    expect(removed.status).toBe(200);
    const status = async (headers: Held) => (await t.request("GET /auth/validate_token", { headers })).status;
    expect([await status(thief), await status(phone)]).toEqual([401, 401]);
    expect(await status(credentialsOf(removed, held))).toBe(200);
    expect(t.events.filter(({ name }) => name === "session.ended")).toHaveLength(1);
  });
});

describe("the provider's tokens", () => {
  const serverKeys = ["0123456789abcdef0123456789abcdef"];

  test("are kept only if asked for, encrypted, and renewed before they end", async () => {
    const provider = await startProvider();
    const t = await startOAuth({
      serverKeys,
      providers: { example: example(provider, { keepTokens: true }) },
    });
    let issued = 0;
    let expires_in = 3600;
    provider.lies.tokens = ({ body }) => {
      Object.assign(body, {
        access_token: `access-${++issued}`,
        refresh_token: `refresh-${issued}`,
        expires_in,
      });
    };
    await t.browser().signIn("/auth/example");
    const account = await t.auth.accounts.findByEmail("user", email);
    const token = () => t.auth.providerToken("user", account?.id ?? 0, "example");
    expect([await token(), await token()]).toEqual(["access-1", "access-1"]);
    expires_in = 30;
    await t.browser().signIn("/auth/example");
    expires_in = 3600;
    // Many at once renew it once: some refresh tokens are good for one use.
    expect(await Promise.all([token(), token(), token()])).toEqual(["access-3", "access-3", "access-3"]);
    expect(await token()).toBe("access-3");
  });

  test("are not there where nobody asked for them, nor for a name that is no provider's", async () => {
    const t = await startOAuth();
    await t.browser().signIn("/auth/example");
    const account = await t.auth.accounts.findByEmail("user", email);
    expect(await t.auth.providerToken("user", account?.id ?? 0, "example")).toBeUndefined();
    await expect(t.auth.providerToken("user", account?.id ?? 0, "nobody")).rejects.toThrow(TypeError);
    expect(await t.auth.providerToken("user", 12345, "example")).toBeUndefined();
  });

  test("a provider that does not renew them any more is an error with a code", async () => {
    const provider = await startProvider();
    const t = await startOAuth({
      serverKeys,
      providers: { example: example(provider, { keepTokens: true }) },
    });
    provider.lies.tokens = ({ body }) => Object.assign(body, { expires_in: 1 });
    await t.browser().signIn("/auth/example");
    provider.lies.tokens = (response) =>
      Object.assign(response, { statusCode: 400, body: { error: "invalid_grant" } });
    const account = await t.auth.accounts.findByEmail("user", email);
    const token = t.auth.providerToken("user", account?.id ?? 0, "example");
    await expect(token).rejects.toMatchObject({ code: "provider_error" });
  });
});

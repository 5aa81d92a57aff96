import { describe, expect, test } from "vitest";
import { bodyOf } from "../../../test/fixtures/http.js";
import {
  app,
  challenge,
  credentialsIn,
  type OAuth,
  resultOf,
  startOAuth,
  verifier,
} from "../../../test/fixtures/oauth.js";
import { credentialsOf } from "../../testing/testing.js";

const password = "a quiet violet hour";
const next = { password: "another violet hour", password_confirmation: "another violet hour" };
const email = "ada@example.com";
const confirm_success_url = "http://localhost:5173/";
const redirect_url = "http://localhost:5173/reset";

async function registered(t: OAuth, mount = "/auth") {
  await t.request(`POST ${mount}`, { body: { email, password, confirm_success_url } });
  if (mount === "/auth") await t.auth.handle(new Request(t.linkTo(email)));
  return credentialsOf(await t.request(`POST ${mount}/sign_in`, { body: { email, password } }));
}

/** Adds the identity of whoever is signed in at the provider to the account of these credentials. */
async function link(t: OAuth, held: Record<string, string>, mount = "/auth") {
  const params = { code_challenge: challenge, omniauth_link: held["client"] ?? "" };
  const { omniauth_code } = resultOf(await t.browser().signIn(`${mount}/example`, params));
  const body = { omniauth_code, code_verifier: verifier };
  const response = await t.request(`POST ${mount}/identities`, { body, headers: held });
  return { response, id: String((await bodyOf(response.clone())).data["id"]) };
}

const subjects = (t: OAuth) => t.outbox.messages({ to: email }).map(({ subject }) => subject);

async function resetLink(t: OAuth, mount = "/auth") {
  await t.request(`POST ${mount}/password`, { body: { email, redirect_url } });
  return t.linkTo(email);
}

const secretOf = (link: string) => new URL(link).searchParams.get("reset_password_token");

/** The session of a reset link, as old clients get it. */
async function followed(t: OAuth, mount = "/auth") {
  const response = await t.auth.handle(new Request(await resetLink(t, mount)));
  const { token = "", client_id = "", uid = "" } = resultOf(response);
  return { "access-token": token, client: client_id, uid };
}

describe("the owner of an account (security 37)", () => {
  test("is told by mail when an identity is added and when it is removed", async () => {
    const t = await startOAuth();
    const held = await registered(t);
    t.provider.person = { sub: "attacker", email: "eve@example.com", email_verified: true };
    const { response, id } = await link(t, held);
    await t.settled();
    expect([response.status, subjects(t)[0]]).toEqual([200, "Example was added to your account"]);
    const [mail] = t.outbox.messages({ to: email });
    expect(mail?.html).toContain("can now also be signed in to with Example");
    const removed = await t.request(`DELETE /auth/identities/${id}`, { headers: credentialsOf(response) });
    await t.settled();
    expect([removed.status, subjects(t)[0]]).toEqual([200, "Example was removed from your account"]);
  });

  test("is told when a sign-in links itself by the address, and a stranger with an unproven one is not", async () => {
    const t = await startOAuth();
    await registered(t);
    await t.browser().signIn("/auth/example");
    await t.settled();
    expect(subjects(t)[0]).toBe("Example was added to your account");
    t.provider.person = { sub: "squatter", email: "bob@example.com", email_verified: false };
    const squatter = credentialsIn(resultOf(await t.browser().signIn("/auth/example")));
    t.provider.person = { sub: "squatter-2", email: "eve@example.com", email_verified: true };
    expect((await link(t, squatter)).response.status).toBe(200);
    await t.settled();
    expect(t.outbox.messages({ to: "bob@example.com" }).map(({ subject }) => subject)).toEqual([
      "Confirmation instructions",
    ]);
  });
});

describe("a password reset (security 41)", () => {
  test("ends what somebody with a stolen session has linked, also the codes that are out, and tells of it", async () => {
    const t = await startOAuth();
    const held = await registered(t);
    t.provider.person = { sub: "attacker", email: "eve@example.com", email_verified: true };
    await link(t, held);
    // A moment before the reset, the attacker signs in and keeps the code.
    const late = resultOf(await t.browser().signIn("/auth/example", { code_challenge: challenge }));
    const own = credentialsIn(resultOf(await t.browser().signIn("/auth/example")));
    const body = { ...next, reset_password_token: secretOf(await resetLink(t)) };
    expect((await t.request("PUT /auth/password", { body })).status).toBe(200);
    await t.settled();
    expect(subjects(t).slice(0, 2).sort()).toEqual([
      "Example was removed from your account",
      "Password changed",
    ]);
    expect((await t.request("GET /auth/validate_token", { headers: own })).status).toBe(401);
    const code = { omniauth_code: late["omniauth_code"], code_verifier: verifier };
    expect((await t.request("POST /auth/omniauth_code", { body: code })).status).toBe(401);
    const again = resultOf(await t.browser().signIn("/auth/example"));
    expect([again["error"], again["uid"]]).toEqual([undefined, "attacker"]);
  });

  test("costs the owner nothing whose provider vouches for the same address", async () => {
    const t = await startOAuth();
    await registered(t);
    await t.browser().signIn("/auth/example");
    const body = { ...next, reset_password_token: secretOf(await resetLink(t)) };
    await t.request("PUT /auth/password", { body });
    expect(resultOf(await t.browser().signIn("/auth/example"))["uid"]).toBe(email);
  });

  test("leaves identities with removeIdentitiesAfterPasswordReset: false", async () => {
    const t = await startOAuth({ removeIdentitiesAfterPasswordReset: false });
    await registered(t);
    await t.browser().signIn("/auth/example");
    const headers = await followed(t);
    const response = await t.request("PUT /auth/password", { body: next, headers });
    const list = await t.request("GET /auth/identities", { headers: credentialsOf(response) });
    expect((await bodyOf(list)).data).toHaveLength(1);
  });
});

describe("an address that an unverified provider account holds (security 41)", () => {
  const squat = async (t: OAuth, mount = "/auth") => {
    t.provider.person = { sub: "squatter", email, email_verified: false };
    return credentialsIn(resultOf(await t.browser().signIn(`${mount}/example`)));
  };

  test("gets a mail that says that somebody signed in with the provider", async () => {
    const t = await startOAuth();
    await squat(t);
    const [mail] = t.outbox.messages({ to: email });
    expect(mail?.text.replace(/\s+/g, " ")).toContain("Somebody signed in to localhost with Example");
    await t.request("POST /auth/confirmation", { body: { email, redirect_url: app } });
    expect(t.outbox.messages({ to: email })[0]?.text).toContain("with Example");
  });

  test.each(["the link's secret", "the link's session"])("is its owner's again by %s", async (way) => {
    const t = await startOAuth();
    const squatter = await squat(t);
    const bySecret = way === "the link's secret";
    const secret = bySecret ? { reset_password_token: secretOf(await resetLink(t)) } : {};
    const headers = bySecret ? {} : await followed(t);
    const response = await t.request("PUT /auth/password", { body: { ...next, ...secret }, headers });
    const body = await bodyOf(response.clone());
    expect([response.status, body.data["uid"], body.data["provider"]]).toEqual([200, email, "email"]);
    const mine = await t.request("GET /auth/validate_token", { headers: credentialsOf(response) });
    expect(mine.status).toBe(200);
    expect((await t.request("GET /auth/validate_token", { headers: squatter })).status).toBe(401);
    const signedIn = await t.request("POST /auth/sign_in", { body: { email, password: next.password } });
    expect(signedIn.status).toBe(200);
    // The squatter is nobody now: the address is taken, by somebody who has proved it.
    expect(resultOf(await t.browser().signIn("/auth/example"))["error"]).toBe("email_taken");
    t.provider.person = { sub: "owner", email, email_verified: true };
    expect(resultOf(await t.browser().signIn("/auth/example"))["uid"]).toBe(email);
  });

  test("is its owner's also where nobody has to confirm anything", async () => {
    const t = await startOAuth();
    const squatter = await squat(t, "/admin_auth");
    expect((await t.request("GET /admin_auth/validate_token", { headers: squatter })).status).toBe(200);
    const secret = { reset_password_token: secretOf(await resetLink(t, "/admin_auth")) };
    const response = await t.request("PUT /admin_auth/password", { body: { ...next, ...secret } });
    expect(response.status).toBe(200);
    expect((await t.request("GET /admin_auth/validate_token", { headers: squatter })).status).toBe(401);
  });
});

describe("a subject that looks like an address", () => {
  test.each(["grace@example.com", "grace＠example.com", "GRACE﹫EXAMPLE.COM"])(
    "is never the uid: %s",
    async (sub) => {
      const t = await startOAuth();
      t.provider.person = { sub, email: "eve@example.com", email_verified: true };
      const first = credentialsIn(resultOf(await t.browser().signIn("/auth/example")));
      expect(first["uid"]).toMatch(/^[\w-]{43}$/);
      const again = resultOf(await t.browser().signIn("/auth/example"));
      expect(again["uid"]).toBe(first["uid"]);
      const body = { email: "grace@example.com", password, confirm_success_url };
      expect((await t.request("POST /auth", { body })).status).toBe(200);
      const list = await t.request("GET /auth/identities", { headers: first });
      expect((await bodyOf(list)).data).toMatchObject([{ uid: sub }]);
    },
  );
});

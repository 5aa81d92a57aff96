import { afterAll, describe, expect, test } from "vitest";
import { credentialsOf, testAuth } from "../src/testing/testing.js";

/** What attackers tried on the running server, each as a test. */

const password = "a quiet violet hour";
const next = "another quiet hour";
const redirect_url = "http://localhost:5173/";
const { auth, request, outbox, clock, linkTo } = await testAuth({ lostResponses: "recover" });
afterAll(() => auth.close());

let people = 0;
async function person(): Promise<{
  email: string;
  signIn: (with_?: string) => Promise<Record<string, string>>;
}> {
  const email = `person${++people}@example.com`;
  await request("POST /auth", { body: { email, password, confirm_success_url: redirect_url } });
  await follow(linkTo(email));
  const signIn = async (given = password): Promise<Record<string, string>> =>
    credentialsOf(await request("POST /auth/sign_in", { body: { email, password: given } }));
  return { email, signIn };
}

const follow = (link: string): Promise<Response> => auth.handle(new Request(link));
const secretIn = (link: string): string => new URL(link).searchParams.get("reset_password_token") ?? "";
const setTo = (value: string) => ({ password: value, password_confirmation: value });

describe("a link that a thief asked for", () => {
  test.each(["a reset", "a new password", "signing out everywhere", "stating the present address"])(
    "to change the e-mail address is worth nothing after %s",
    async (rescue) => {
      const { email, signIn } = await person();
      const thief = await signIn();
      const owner = await signIn();
      const evil = `evil${people}@example.net`;
      expect((await request("PUT /auth", { headers: thief, body: { email: evil } })).status).toBe(200);
      if (rescue === "a reset") {
        await request("POST /auth/password", { body: { email, redirect_url } });
        const body = { ...setTo(next), reset_password_token: secretIn(linkTo(email)) };
        expect((await request("PUT /auth/password", { body })).status).toBe(200);
      } else if (rescue === "a new password") {
        await request("PUT /auth/password", { headers: owner, body: setTo(next) });
      } else if (rescue === "signing out everywhere") {
        await request("DELETE /auth/sessions", { headers: owner });
      } else {
        await request("PUT /auth", { headers: owner, body: { email } });
      }
      const answer = await follow(linkTo(evil));
      expect(answer.status).toBe(404);
      expect((await auth.accounts.findByEmail("user", email))?.email).toBe(email);
    },
  );

  test("to the old address is worth nothing once the address is another one", async () => {
    const { email, signIn } = await person();
    const owner = await signIn();
    await request("POST /auth/password", { body: { email, redirect_url } });
    const old = linkTo(email);
    const moved = `moved${people}@example.com`;
    await request("PUT /auth", { headers: owner, body: { email: moved } });
    await follow(linkTo(moved));
    expect((await auth.accounts.findByEmail("user", moved))?.uid).toBe(moved);
    const body = { ...setTo(next), reset_password_token: secretIn(old) };
    expect((await request("PUT /auth/password", { body })).status).toBe(401);
  });
});

describe("a request that is under way", () => {
  test("changes no password when its session ends before it is done (security 12)", async () => {
    const { email, signIn } = await person();
    const thief = await signIn();
    const owner = await signIn();
    const pending = Array.from({ length: 4 }, () =>
      request("PUT /auth/password", { headers: thief, body: setTo("the thief was here") }),
    );
    await request(`DELETE /auth/sessions/${thief["client"]}`, { headers: owner });
    for (const answer of await Promise.all(pending)) expect(answer.status).toBe(401);
    expect((await request("POST /auth/sign_in", { body: { email, password } })).status).toBe(200);
  });

  test("does not overtake the owner's reset (security 14)", async () => {
    const { email, signIn } = await person();
    const thief = await signIn();
    await request("POST /auth/password", { body: { email, redirect_url } });
    const body = { ...setTo(next), reset_password_token: secretIn(linkTo(email)) };
    const [reset, late] = await Promise.all([
      request("PUT /auth/password", { body }),
      request("PUT /auth/password", { headers: thief, body: setTo("the thief was here") }),
    ]);
    // Whoever is first wins, and the other has no effect: never both.
    expect([reset.status, late.status].filter((status) => status === 200)).toHaveLength(1);
    const winner = reset.status === 200 ? next : "the thief was here";
    expect((await request("POST /auth/sign_in", { body: { email, password: winner } })).status).toBe(200);
  });
});

test("the token that stood in a reset link's URL is good for nothing once the password is set (security 18)", async () => {
  const { email } = await person();
  await request("POST /auth/password", { body: { email, redirect_url } });
  const target = new URL((await follow(linkTo(email))).headers.get("location") ?? "").searchParams;
  const limited = {
    "access-token": target.get("token") ?? "",
    client: target.get("client_id") ?? "",
    uid: email,
  };
  const answer = await request("PUT /auth/password", { headers: limited, body: setTo(next) });
  expect(answer.status).toBe(200);
  const owner = credentialsOf(answer);
  expect(owner["access-token"]).not.toBe(limited["access-token"]);
  clock.forward("10s");
  expect((await request("GET /auth/validate_token", { headers: limited })).status).toBe(401);
  expect((await request("GET /auth/validate_token", { headers: owner })).status).toBe(200);
});

test("an update whose mail cannot be sent changes nothing at all (security 47)", async () => {
  const {
    auth: broken,
    request: ask,
    linkTo: link,
    outbox: box,
  } = await testAuth({
    mail: {
      from: "Test <test@example.com>",
      send: async (message) => {
        if (message.to.startsWith("unreachable")) throw new Error("no route to host");
        await box.sendMail(message);
      },
    },
  });
  const email = "solid@example.com";
  await ask("POST /auth", { body: { email, password, confirm_success_url: redirect_url } });
  await broken.handle(new Request(link(email)));
  const headers = credentialsOf(await ask("POST /auth/sign_in", { body: { email, password } }));
  const body = { email: "unreachable@example.com", name: "New", ...setTo(next) };
  expect((await ask("PUT /auth", { headers, body })).status).toBe(503);
  expect((await broken.accounts.findByEmail("user", email))?.name).toBeNull();
  expect((await ask("POST /auth/sign_in", { body: { email, password } })).status).toBe(200);
  await broken.close();
});

test("a name of a configuration that would make a link too long is left out", async () => {
  const { email } = await person();
  await request("POST /auth/password", { body: { email, redirect_url, config_name: "€".repeat(20_000) } });
  expect(outbox.messages({ to: email })[0]?.html.length).toBeLessThan(20_000);
  expect(new URL(linkTo(email)).searchParams.get("config")).toBe("default");
});

describe("with cookies", async () => {
  const { auth: cookies, request: ask } = await testAuth({ cookieEnabled: true });
  afterAll(() => cookies.close());
  const signedUp = await ask("POST /admin_auth", { body: { email: "boss@example.com", password } });
  const held = credentialsOf(signedUp);
  const cookie = signedUp.headers.get("set-cookie")?.split(";")[0] ?? "";

  test("a link with somebody's credentials in it signs no browser in (security 22)", async () => {
    const answer = await ask(`GET /admin_auth/validate_token?${new URLSearchParams(held)}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("set-cookie")).toBeNull();
  });

  test("what the cookie holds is never shown to scripts (security 21)", async () => {
    const answer = await ask("GET /admin_auth/validate_token", { headers: { cookie } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("set-cookie")).toContain("HttpOnly");
    for (const name of ["access-token", "authorization"]) expect(answer.headers.get(name)).toBeNull();
  });

  test("another site cannot sign a browser in, whether or not it says its origin (security 22)", async () => {
    const body = { email: "boss@example.com", password };
    for (const headers of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
      const answer = await ask("POST /admin_auth/sign_in", { body, headers });
      expect(answer.status).toBe(403);
      expect(answer.headers.get("set-cookie")).toBeNull();
    }
  });
});

import { afterEach, describe, expect, test } from "vitest";
import { presentEngines } from "../../../test/fixtures/databases.js";
import { bodyOf, failure, password, silent } from "../../../test/fixtures/http.js";
import type { Settings } from "../../config/config.js";
import { credentialsOf, testAuth } from "../../testing/testing.js";

const email = "ada@example.com";
const redirect_url = "http://localhost:5173/?x=true";
const models = {
  user: { mountAt: "/auth", confirmable: false, lockable: true },
  admin: { mountAt: "/admin_auth", confirmable: false },
} as const;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(settings: Partial<Settings> = {}) {
  const t = await testAuth({ maximumAttempts: 3, ...settings, models });
  closing.push(() => t.auth.close());
  const held = credentialsOf(await t.request("POST /auth", { body: { email, password } }));
  const signIn = (given = password, address = email) =>
    t.request("POST /auth/sign_in", { body: { email: address, password: given } });
  const guess = async (times: number) => {
    for (let i = 0; i < times; i++) expect((await signIn(`wrong violet hour ${i}`)).status).toBe(401);
  };
  return { ...t, held, signIn, guess };
}
const locked = failure(
  "Your account has been locked due to an excessive number of unsuccessful sign in attempts.",
);
const wrong = failure("Invalid login credentials. Please try again.");
const answerOf = async (answer: Response) => [answer.status, await answer.json()];

describe("a lock", () => {
  test("comes after maximumAttempts, and is told to whoever knows the password only (security 29)", async () => {
    const { signIn, guess, events } = await start();
    await guess(2);
    expect((await signIn()).status).toBe(200);
    await guess(3);
    expect(await answerOf(await signIn("wrong violet hour"))).toEqual([401, wrong]);
    expect(await answerOf(await signIn())).toEqual([401, locked]);
    expect(events.filter(({ name }) => name === "account.locked")).toMatchObject([{ accountId: "1" }]);
    expect(events.at(-1)).toMatchObject({ name: "sign_in.failed", reason: "locked" });
  });

  test("lets only as many attempts as it took learn of it, so that it ends the guessing", async () => {
    const { signIn, guess } = await start();
    await guess(6);
    expect(await answerOf(await signIn())).toEqual([401, wrong]);
  });

  test("leaves signed-in devices alone, and ends by itself however much is tried meanwhile (security 29)", async () => {
    const { signIn, guess, clock, request, held } = await start();
    await guess(3);
    expect((await request("GET /auth/validate_token", { headers: held })).status).toBe(200);
    clock.forward("59m");
    await guess(10);
    expect((await signIn()).status).toBe(401);
    clock.forward("1m");
    expect((await signIn()).status).toBe(200);
    await guess(2);
    expect((await signIn()).status).toBe(200);
  });

  test("in paranoid mode looks like a wrong password (security 30)", async () => {
    const { signIn, guess } = await start({ paranoid: true });
    await guess(3);
    expect(await answerOf(await signIn())).toEqual([401, wrong]);
  });

  test("never comes for a model that does not ask for it, and nothing of it is on the wire", async () => {
    const { request, signIn, guess } = await start();
    await request("POST /admin_auth", { body: { email, password } });
    for (let i = 0; i < 5; i++)
      await request("POST /admin_auth/sign_in", { body: { email, password: "wrong violet hour" } });
    expect((await request("POST /admin_auth/sign_in", { body: { email, password } })).status).toBe(200);
    expect((await request("POST /admin_auth/unlock", { body: { email } })).status).toBe(404);
    await guess(1);
    const { data } = await bodyOf(await signIn());
    expect(Object.keys(data).toSorted()).toEqual(["email", "id", "provider", "uid"]);
  });

  test("is not brought about by sign-ins without a password", async () => {
    const { request, signIn } = await start();
    for (let i = 0; i < 5; i++) await request("POST /auth/sign_in", { body: { email } });
    expect((await signIn()).status).toBe(200);
  });
});

describe("the way back", () => {
  test("by the mail that the lock sends: it unlocks and opens no session (security 24)", async () => {
    const { auth, signIn, guess, settled, linkTo, events } = await start({
      defaultUnlockSuccessUrl: redirect_url,
    });
    await guess(3);
    await settled();
    for (let i = 0; i < 2; i++) {
      const answer = await auth.handle(new Request(linkTo(email)));
      const location = "http://localhost:5173/?x=true&unlock=true";
      expect([answer.status, answer.headers.get("location")]).toEqual([302, location]);
      expect(answer.headers.has("access-token")).toBe(false);
    }
    expect(events.filter(({ name }) => name === "account.unlocked")).toHaveLength(1);
    expect((await signIn()).status).toBe(200);
  });

  test("by a mail that is asked for, whose link leads to redirect_url", async () => {
    const { auth, request, signIn, guess, linkTo, settled, outbox } = await start();
    await guess(3);
    await settled();
    outbox.clear();
    const answer = await request("POST /auth/unlock", { body: { email: " ADA@example.com", redirect_url } });
    const message = `An email has been sent to '${email}' containing instructions for unlocking your account.`;
    expect(await answerOf(answer)).toEqual([200, { success: true, message }]);
    const link = new URL(linkTo(email));
    expect([link.pathname, link.searchParams.get("redirect_url")]).toEqual(["/auth/unlock", redirect_url]);
    expect((await auth.handle(new Request(link))).status).toBe(302);
    expect((await signIn()).status).toBe(200);
  });

  test("a link is over after unlockLinkWithin, and a bad one redirects with false or shows a page (security 33)", async () => {
    const { auth, request, guess, linkTo, settled, clock } = await start({ unlockStrategy: "email" });
    await guess(3);
    await settled();
    clock.forward("25h");
    expect((await auth.handle(new Request(linkTo(email)))).status).toBe(404);
    const query = new URLSearchParams({ unlock_token: "x", redirect_url });
    const bad = await request(`GET /auth/unlock?${query}`);
    expect(bad.headers.get("location")).toBe("http://localhost:5173/?x=true&unlock=false");
    const evil = await request("GET /auth/unlock?unlock_token=x&redirect_url=https://evil.example/");
    expect([evil.status, evil.headers.get("location")]).toEqual([404, null]);
  });

  test.each<[string, object, number, string]>([
    ["unknown", { email: "nobody@example.com" }, 404, "Unable to find user with email 'nobody@example.com'."],
    ["missing", {}, 401, "You must provide an email address."],
    ["not locked", { email }, 422, "Email was not locked, please try signing in"],
    ["a refused redirect", { email, redirect_url: "https://evil.example/" }, 422, ""],
  ])("asked for, %s", async (_name, body, status, message) => {
    const { request } = await start();
    const answer = await request("POST /auth/unlock", { body });
    expect(answer.status).toBe(status);
    if (message !== "") expect(await answer.json()).toEqual(failure(message));
  });

  test("asked for in paranoid mode: known, locked, unknown and malformed are answered alike (security 30)", async () => {
    const { request, guess, settled, outbox } = await start({ paranoid: true, logger: silent });
    await request("POST /auth", { body: { email: "eve@example.com", password } });
    await guess(3);
    await settled();
    outbox.clear();
    for (const to of [email, "eve@example.com", "nobody@example.com", "malformed@"]) {
      const message = `An email has been sent to '${to}' containing instructions for unlocking your account.`;
      expect(await answerOf(await request("POST /auth/unlock", { body: { email: to } }))).toEqual([
        200,
        { success: true, message },
      ]);
    }
    await settled();
    expect(outbox.messages().map((mail) => mail.to)).toEqual([email]);
  });

  test("by a finished password reset", async () => {
    const { request, guess, linkTo } = await start({ requireClientPasswordResetToken: true });
    await guess(3);
    await request("POST /auth/password", { body: { email, redirect_url } });
    const reset_password_token = new URL(linkTo(email)).searchParams.get("reset_password_token");
    const next = { password: "another violet hour", password_confirmation: "another violet hour" };
    const answer = await request("PUT /auth/password", { body: { ...next, reset_password_token } });
    expect(answer.status).toBe(200);
    const body = { email, password: next.password };
    expect((await request("POST /auth/sign_in", { body })).status).toBe(200);
  });

  test("by the app's own code", async () => {
    const { auth, signIn, guess } = await start({ unlockStrategy: "none" });
    await guess(3);
    await auth.accounts.unlock("user", 1);
    expect((await signIn()).status).toBe(200);
    await expect(auth.accounts.unlock("user", 99)).rejects.toMatchObject({ code: "account_not_found" });
    await expect(auth.accounts.unlock("admin", 1)).rejects.toThrow("models.admin needs lockable: true");
  });
});

test.each([
  ["both", 200, 1],
  ["time", 200, 0],
  ["email", 401, 1],
  ["none", 401, 0],
] as const)(
  "unlockStrategy %s: after unlockIn a sign-in is a %s; mails: %s",
  async (strategy, status, mails) => {
    const { request, signIn, guess, clock, settled, outbox } = await start({ unlockStrategy: strategy });
    await guess(3);
    await settled();
    expect(outbox.messages({ to: email })).toHaveLength(mails);
    expect((await request("POST /auth/unlock", { body: { email } })).status).toBe(mails ? 200 : 404);
    clock.forward("1h");
    expect((await signIn()).status).toBe(status);
  },
);

describe.each(presentEngines)("on $name", ({ create }) => {
  test("50 guesses at once over two servers: the right password among them opens nothing past the limit (security 29)", async () => {
    const own = await create();
    const options = { database: own.database, models, maximumAttempts: 3, now: Date.now };
    const [one, two] = [await testAuth(options), await testAuth(options)];
    closing.push(async () => {
      await one.auth.close();
      await two.auth.close();
      await own.drop();
    });
    await one.request("POST /auth", { body: { email, password } });
    const sent = Array.from({ length: 50 }, (_, i) =>
      (i % 2 ? one : two).request("POST /auth/sign_in", {
        body: { email, password: `wrong violet hour ${i}` },
      }),
    );
    const codes = await Promise.all(sent.map(async (answer) => (await bodyOf(await answer)).code));
    expect(new Set(codes)).toEqual(new Set(["invalid_credentials"]));
    const locks = [...one.events, ...two.events].filter(({ name }) => name === "account.locked");
    expect(locks).toHaveLength(1);
    expect((await two.request("POST /auth/sign_in", { body: { email, password } })).status).toBe(401);
  });
});

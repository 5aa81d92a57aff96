import { afterAll, beforeAll, expect, test } from "vitest";
import { type Fixture, failure, password, silent, startAuth as start } from "../../../test/fixtures/http.js";

const confirm_success_url = "http://localhost:5173/?x=true#/ok";

let t: Fixture;
beforeAll(async () => {
  t = await start();
});
afterAll(() => t.auth.close());

/** Registers an address and answers its link. */
async function register(email: string, fixture = t) {
  await fixture.request("POST /auth", { body: { email, password, confirm_success_url } });
  return fixture.linkTo(email);
}
const visit = (link: string, method = "GET") => t.auth.handle(new Request(link, { method }));
const again = (body: object, fixture = t) => fixture.request("POST /auth/confirmation", { body });
const signIn = async (email: string) =>
  (await t.request("POST /auth/sign_in", { body: { email, password } })).status;
const success =
  "http://localhost:5173/?x=true&account_confirmation_success=true#/ok?x=true&account_confirmation_success=true";
const sent = (email: string) => ({
  success: true,
  message: `An email has been sent to '${email}' containing instructions for confirming your account.`,
});

test("the link redirects with account_confirmation_success=true and no credentials; then sign-in works (security 18)", async () => {
  const link = await register("ada@example.com");
  expect(await signIn("ada@example.com")).toBe(401);
  const answer = await visit(link);
  expect([answer.status, answer.headers.get("location")]).toEqual([302, success]);
  expect([...answer.headers.keys()].sort()).toEqual(["cache-control", "location", "referrer-policy", "vary"]);
  expect(await signIn("ada@example.com")).toBe(200);
});

test("a link that a mail scanner visits first answers true the second time too (security 24)", async () => {
  const link = await register("scanned@example.com");
  const visits = [await visit(link), await visit(link)];
  expect(visits.map((one) => one.headers.get("location"))).toEqual([success, success]);
  expect(t.events.filter((one) => one.name === "account.confirmed").length).toBe(2);
});

test("an older link still works, and once it is used the newer one is over (security 33)", async () => {
  const older = await register("twice@example.com");
  await again({ email: "twice@example.com" });
  const newer = new URL(t.linkTo("twice@example.com"));
  newer.searchParams.set("redirect_url", confirm_success_url);
  expect((await visit(older)).headers.get("location")).toBe(success);
  expect((await visit(newer.href)).headers.get("location")).toContain("account_confirmation_success=false");
  expect((await visit(older)).headers.get("location")).toBe(success);
});

test("a link is over after confirmWithin (security 33)", async () => {
  const one = await start({ confirmWithin: "1h" });
  const link = await register("late@example.com", one);
  one.clock.forward("61m");
  const answer = await one.auth.handle(new Request(link));
  expect(answer.headers.get("location")).toContain("account_confirmation_success=false");
  await one.auth.close();
});

test.each(["", "nonsense", "a".repeat(5000), "%00"])(
  "a bad token: redirect with false (%#)",
  async (token) => {
    const query = new URLSearchParams({ confirmation_token: token, redirect_url: "http://localhost:5173/" });
    const answer = await t.request(`GET /auth/confirmation?${query}`);
    const location = "http://localhost:5173/?account_confirmation_success=false";
    expect([answer.status, answer.headers.get("location")]).toEqual([302, location]);
  },
);

test("a token of one model is worth nothing at another", async () => {
  const link = await register("foreign@example.com");
  // The other model confirms nothing, so it has no such route.
  expect((await visit(link.replace("/auth/", "/admin_auth/"))).status).toBe(404);
  expect(await signIn("foreign@example.com")).toBe(401);
});

test.each([
  ["no redirect_url", undefined],
  ["one that is not allowed", "https://evil.example/"],
])("%s: a small page, and the address is confirmed all the same (security 36)", async (name, target) => {
  const email = `page${name.length}@example.com`;
  const link = new URL(await register(email));
  link.searchParams.delete("redirect_url");
  if (target) link.searchParams.set("redirect_url", target);
  const answer = await visit(link.href);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toMatch(/^text\/html/);
  expect(answer.headers.get("location")).toBeNull();
  expect(await answer.text()).not.toContain("evil.example");
  expect(await signIn(email)).toBe(200);
});

test("a bad token without a redirect_url: a page with 404", async () => {
  const answer = await t.request("GET /auth/confirmation?confirmation_token=x");
  expect([answer.status, answer.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
});

test("asked again: 200, and a mail whose link leads to redirect_url", async () => {
  await register("again@example.com");
  t.outbox.clear();
  const answer = await again({
    email: " Again@example.com ",
    redirect_url: "http://localhost:5173/a",
    config_name: "",
  });
  expect([answer.status, await answer.json()]).toEqual([200, sent("again@example.com")]);
  const link = new URL(t.linkTo("again@example.com"));
  expect(link.searchParams.get("redirect_url")).toBe("http://localhost:5173/a");
  expect(link.searchParams.get("config")).toBe("default");
});

test("links begin with baseUrl, whatever Host and X-Forwarded-Host say (security 35)", async () => {
  await register("host@example.com");
  const headers = { host: "evil.example", "x-forwarded-host": "evil.example" };
  await t.request("POST /auth/confirmation", { body: { email: "host@example.com" }, headers });
  const other = new Request("http://evil.example/auth/confirmation", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: "host@example.com" }),
  });
  expect((await t.auth.handle(other)).status).toBe(200);
  const mails = t.outbox.messages({ to: "host@example.com" });
  expect(mails.length).toBe(3);
  for (const { text, html } of mails) {
    expect(text).toContain("http://localhost:3000/auth/confirmation?");
    expect(`${text}${html}`).not.toContain("evil");
  }
});

test.each<[string, object, number, string]>([
  ["unknown", { email: "Nobody@example.com" }, 404, "Unable to find user with email 'nobody@example.com'."],
  ["no address", { email: "nobody@" }, 404, "Unable to find user with email 'nobody@'."],
  ["missing", {}, 401, "You must provide an email address."],
  ["blank", { email: " " }, 401, "You must provide an email address."],
  ["a list", { email: ["a@example.com"] }, 401, "You must provide an email address."],
  [
    "a refused redirect",
    { email: "x@example.com", redirect_url: "javascript:alert(1)" },
    422,
    "Redirect to 'javascript:alert(1)' not allowed.",
  ],
])("asked again, %s", async (_name, body, status, message) => {
  const answer = await again(body);
  expect([answer.status, await answer.json()]).toEqual([status, failure(message)]);
});

test("an account that is confirmed gets no further mail", async () => {
  await visit(await register("done@example.com"));
  t.outbox.clear();
  const answer = await again({ email: "done@example.com" });
  const message = "Email was already confirmed, please try signing in";
  expect([answer.status, await answer.json()]).toEqual([422, failure(message)]);
  expect(t.outbox.messages()).toEqual([]);
});

test("paranoid: known, confirmed, unknown and malformed answer alike, before any mail is sent (security 30)", async () => {
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const mails: string[] = [];
  const one = await start({
    paranoid: true,
    logger: silent,
    mail: {
      from: "a@example.com",
      send: async ({ to }) => {
        // The first is the registration's.
        if (mails.push(to) > 1) await gate;
      },
    },
  });
  await one.request("POST /auth", { body: { email: "known@example.com", password, confirm_success_url } });
  await one.settled();
  for (const email of ["known@example.com", "unknown@example.com", "malformed@"]) {
    const answer = await again({ email }, one);
    expect([answer.status, await answer.json()]).toEqual([200, sent(email)]);
  }
  release();
  await one.auth.close();
  expect(mails).toEqual(["known@example.com", "known@example.com"]);
});

test("mail down: 503; the account and its address stay as they are (security 47)", async () => {
  let down = false;
  const send = async () => {
    if (down) throw new Error("down");
  };
  const one = await start({ logger: silent, mail: { from: "a@example.com", send } });
  await one.request("POST /auth", { body: { email: "ada@example.com", password, confirm_success_url } });
  down = true;
  expect((await again({ email: "ada@example.com" }, one)).status).toBe(503);
  expect(await one.auth.accounts.find("user", 1)).toBeDefined();
  await one.auth.close();
});

import { afterEach, describe, expect, test } from "vitest";
import { bodyOf, type Fixture, password, startAuth } from "../../../test/fixtures/http.js";
import { testAuth } from "../../testing/testing.js";

const email = "ada@example.com";
const confirm_success_url = "http://localhost:5173/";
let t: Fixture;
afterEach(() => t.auth.close());

const register = (body: object = {}) =>
  t.request("POST /auth", { body: { email, password, confirm_success_url, ...body } });
const idOf = async () => (await t.auth.accounts.findByEmail("user", email))?.id;

describe("an address that somebody registered and never confirmed (findings A11)", () => {
  test("is free for its owner once unconfirmedAccountsExpireAfter is over, with nothing of the first account left", async () => {
    const gone: unknown[] = [];
    t = await testAuth({
      unconfirmedAccountsExpireAfter: "7d",
      hooks: { user: { afterDelete: (account) => gone.push(account.id) } },
    });
    expect((await register({ password: "the squatter's own phrase" })).status).toBe(200);
    const first = await idOf();
    const squattersLink = t.linkTo(email);
    t.clock.forward("6d");
    expect((await bodyOf(await register())).codes).toEqual({ email: ["taken"] });
    t.clock.forward("2d");
    expect((await register()).status).toBe(200);
    await t.settled();
    expect(gone).toEqual([first]);
    expect(await idOf()).not.toBe(first);
    expect(t.events.filter(({ name }) => name === "account.deleted")).toMatchObject([
      { accountId: String(first), reason: "never confirmed" },
    ]);
    const { pathname, search } = new URL(squattersLink);
    const { headers } = await t.auth.handle(new Request(`http://localhost:3000${pathname}${search}`));
    expect(headers.get("location")).toContain("account_confirmation_success=false");
    const own = new URL(t.linkTo(email));
    await t.auth.handle(new Request(`http://localhost:3000${own.pathname}${own.search}`));
    expect((await t.request("POST /auth/sign_in", { body: { email, password } })).status).toBe(200);
  });

  test("stays taken without the setting, however long ago it was", async () => {
    t = await startAuth();
    await register();
    t.clock.forward("1000d");
    expect((await register()).status).toBe(422);
  });

  test("stays taken when it was confirmed, and when the new registration has a mistake", async () => {
    t = await startAuth({ unconfirmedAccountsExpireAfter: "1d" });
    await register();
    const first = await idOf();
    t.clock.forward("2d");
    expect((await bodyOf(await register({ password: "short" }))).codes).toEqual({ password: ["too_short"] });
    expect(await idOf()).toBe(first);
    await t.request("POST /auth/confirmation", { body: { email, redirect_url: confirm_success_url } });
    const { pathname, search } = new URL(t.linkTo(email));
    await t.auth.handle(new Request(`http://localhost:3000${pathname}${search}`));
    expect((await bodyOf(await register())).codes).toEqual({ email: ["taken"] });
    expect((await t.request("POST /auth/sign_in", { body: { email, password } })).status).toBe(200);
  });

  test("goes to one of ten that register it at the same moment", async () => {
    t = await startAuth({ unconfirmedAccountsExpireAfter: "1d" });
    await register();
    t.clock.forward("2d");
    const responses = await Promise.all(Array.from({ length: 10 }, () => register()));
    expect(responses.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(422)]);
  });

  test("a model without confirmation has none of these", async () => {
    t = await startAuth({ unconfirmedAccountsExpireAfter: "1d" });
    const admin = () => t.request("POST /admin_auth", { body: { email, password } });
    expect((await admin()).status).toBe(200);
    t.clock.forward("2d");
    expect((await admin()).status).toBe(422);
  });
});

describe("an account that nobody confirmed, but somebody uses", () => {
  test("keeps its address: a session of it is alive", async () => {
    t = await startAuth({ unconfirmedAccountsExpireAfter: "7d", tokenLifespan: "30d" });
    await register();
    const account = await t.auth.accounts.findByEmail("user", email);
    if (!account) throw new Error("There is no account");
    await t.auth.createNewAuthToken("user", account);
    t.clock.forward("8d");
    expect((await bodyOf(await register())).codes).toEqual({ email: ["taken"] });
    await t.auth.accounts.endSessions("user", account);
    expect((await register()).status).toBe(200);
  });
});

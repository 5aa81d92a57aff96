import { afterEach, describe, expect, test } from "vitest";
import {
  ada,
  bodyOf,
  type Fixture,
  followReset,
  headersOf,
  registerUser,
  signIn,
  startAuth,
} from "../../../test/fixtures/http.js";
import { internals } from "../../internals.js";
import { credentialsOf } from "../../testing/testing.js";

/** Findings A3 and C18: what a new password does to the tokens of before, and how old clients set it. */
const next = { password: "another violet hour", password_confirmation: "another violet hour" };
const redirect_url = "http://localhost:5173/";

let t: Fixture;
afterEach(() => t.auth.close());

async function start(settings: Parameters<typeof startAuth>[0] = {}) {
  t = await startAuth(settings);
  await registerUser(t);
}
const validate = async (headers: Record<string, string>) =>
  t.request("GET /auth/validate_token", { headers });
const status = async (headers: Record<string, string>) => (await validate(headers)).status;

describe.each(["expire", "recover"] as const)("lostResponses: %s", (lostResponses) => {
  describe.each(["PUT /auth", "PUT /auth/password"])("%s with a new password", (route) => {
    test("refuses a copy of the session's token at once, and the owner goes on (security 51)", async () => {
      await start({ lostResponses });
      const held = await signIn(t);
      const copy = { ...held };
      const changed = await t.request(route, { headers: held, body: next });
      const owner = credentialsOf(changed);
      expect([changed.status, owner["client"]]).toEqual([200, held["client"]]);
      expect(owner["access-token"]).not.toBe(held["access-token"]);
      for (const wait of ["0s", "3s", "6s", "1h"]) {
        t.clock.forward(wait);
        const answer = await validate(copy);
        expect([answer.status, (await bodyOf(answer)).code]).toEqual([401, "late"]);
      }
      expect(await status(owner)).toBe(200);
    });

    test("refuses a request that was under way with the token before, without taking it for a theft (security 51)", async () => {
      await start({ lostResponses, onTokenReuse: "revoke-session" });
      const first = await signIn(t);
      t.clock.forward("6s");
      const second = credentialsOf(await validate(first));
      t.clock.forward("6s");
      const changed = credentialsOf(await t.request(route, { headers: second, body: next }));
      expect(await status(second)).toBe(401);
      expect(await status(changed)).toBe(200);
      t.clock.forward("6s");
      expect(await status(changed)).toBe(200);
    });

    test.each([true, false])("other sessions end, or go on where the setting says so (%s)", async (ends) => {
      await start({ lostResponses, removeTokensAfterPasswordReset: ends });
      const [held, other] = [await signIn(t), await signIn(t)];
      const changed = credentialsOf(await t.request(route, { headers: held, body: next }));
      expect([await status(changed), await status(held), await status(other)]).toEqual([
        200,
        401,
        ends ? 401 : 200,
      ]);
    });

    test("with rotation off the old token ends all the same", async () => {
      await start({ lostResponses, changeHeadersOnEachRequest: false });
      const held = await signIn(t);
      const changed = credentialsOf(await t.request(route, { headers: held, body: next }));
      expect([await status(changed), await status(held)]).toEqual([200, 401]);
    });

    test("with renewSessionOnPasswordChange: false the session keeps its token", async () => {
      await start({ lostResponses, renewSessionOnPasswordChange: false });
      const held = await signIn(t);
      const changed = credentialsOf(await t.request(route, { headers: held, body: next }));
      expect(changed).toEqual(held);
      expect(await status(held)).toBe(200);
    });
  });
});

describe("a client that sets the password by PUT / after a reset link, as angular-token does", () => {
  test.each([true, false])(
    "takes the link's token for the newest, and is signed in afterwards (rotation %s)",
    async (rotates) => {
      await start({ changeHeadersOnEachRequest: rotates });
      const before = await signIn(t);
      t.clock.forward("1m");
      const link = await followReset(t, ada.email, redirect_url);
      // angular-token ignores a set whose expiry is older than the one that it holds.
      expect(Number(link["expiry"])).toBeGreaterThanOrEqual(Number(before["expiry"]));
      const fromLink = headersOf(link);
      const changed = await t.request("PUT /auth", { headers: fromLink, body: next });
      expect([changed.status, (await bodyOf(changed)).status]).toEqual([200, "success"]);
      const held = credentialsOf(changed);
      expect(held["client"]).toBe(fromLink.client);
      // The token that stood in a URL ends, and so do the other sessions and the link.
      expect([await status(held), await status(fromLink), await status(before)]).toEqual([200, 401, 401]);
      const again = { ...next, reset_password_token: link["reset_password_token"] ?? "" };
      expect((await t.request("PUT /auth/password", { body: again })).status).toBe(401);
      expect((await t.request("POST /auth/sign_in", { body: { ...ada, ...next } })).status).toBe(200);
    },
  );

  test.each<[string, object]>([
    ["a name", { ...next, name: "Eve" }],
    ["an e-mail address", { ...next, email: "eve@example.com" }],
    ["a name alone", { name: "Eve" }],
    ["nothing", {}],
    ["a confirmation alone", { password_confirmation: next.password }],
  ])("may change %s only later: 404, and nothing is changed", async (_what, body) => {
    await start();
    const fromLink = headersOf(await followReset(t, ada.email, redirect_url));
    const answer = await t.request("PUT /auth", { headers: fromLink, body });
    expect([answer.status, (await bodyOf(answer)).code]).toEqual([404, "user_not_found"]);
    expect((await t.request("POST /auth/sign_in", { body: ada })).status).toBe(200);
    expect((await t.request("PUT /auth", { headers: fromLink, body: next })).status).toBe(200);
  });

  test("cannot use the link's session after 15 minutes, whatever its expiry announces", async () => {
    await start();
    const fromLink = headersOf(await followReset(t, ada.email, redirect_url));
    t.clock.forward("14m");
    expect(await status(fromLink)).toBe(200);
    t.clock.forward("61s");
    const late = await validate(fromLink);
    expect([late.status, (await bodyOf(late)).code]).toEqual([401, "expired"]);
    expect((await t.request("PUT /auth", { headers: fromLink, body: next })).status).toBe(404);
  });

  test("a bad new password is told as for an account update, and the link still works", async () => {
    await start();
    const fromLink = headersOf(await followReset(t, ada.email, redirect_url));
    const short = await t.request("PUT /auth", { headers: fromLink, body: { password: "short" } });
    expect([short.status, (await bodyOf(short)).codes]).toEqual([422, { password: ["too_short"] }]);
    expect((await t.request("PUT /auth", { headers: fromLink, body: next })).status).toBe(200);
  });
});

describe("why a token was refused stands in the code", () => {
  test("late, reused and expired, on auth routes and on the app's own; nothing is said of strangers", async () => {
    await start();
    const first = await signIn(t);
    const own = async (headers: Record<string, string>) => {
      const head = { method: "GET", url: "/", peer: undefined, header: (name: string) => headers[name] };
      const outcome = await t.auth[internals].authenticate("user", head);
      return outcome.authentication ? undefined : JSON.parse(outcome.body).code;
    };
    t.clock.forward("6s");
    const second = credentialsOf(await validate(first));
    t.clock.forward("6s");
    expect([await own(first), (await bodyOf(await validate(first))).code]).toEqual(["late", "late"]);
    const third = credentialsOf(await validate(second));
    t.clock.forward("6s");
    expect([await own(first), (await bodyOf(await validate(first))).code]).toEqual(["reused", "reused"]);
    expect(await own({ ...third, client: "somebody" })).toBe("unauthenticated");
    expect(await own({ ...third, uid: "eve@example.com" })).toBe("unauthenticated");
    t.clock.forward("15d");
    expect(await own(third)).toBe("expired");
  });
});

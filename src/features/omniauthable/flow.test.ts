import { describe, expect, test } from "vitest";
import { bodyOf } from "../../../test/fixtures/http.js";
import {
  app,
  challenge,
  credentialsIn,
  pageData,
  resultOf,
  startOAuth,
  verifier,
} from "../../../test/fixtures/oauth.js";
import { credentialsOf } from "../../testing/testing.js";

describe("the same window", () => {
  test("a new person gets an account, and credentials as devise_token_auth's redirect has them", async () => {
    const t = await startOAuth();
    const response = await t.browser().signIn("/auth/example", { config_name: "other" });
    expect(response.status).toBe(302);
    const result = resultOf(response);
    expect(Object.keys(result)).toEqual([
      "auth_token",
      "blank",
      "client_id",
      "config",
      "expiry",
      "oauth_registration",
      "uid",
    ]);
    expect([result["blank"], result["config"], result["oauth_registration"], result["uid"]]).toEqual([
      "true",
      "other",
      "true",
      "ada-1815",
    ]);
    const valid = await t.request("GET /auth/validate_token", { headers: credentialsIn(result) });
    const { data } = await bodyOf(valid);
    expect([data["provider"], data["uid"], data["email"], data["name"]]).toEqual([
      "example",
      "ada-1815",
      "ada@example.com",
      "Ada Lovelace",
    ]);
  });

  test("a second sign-in finds the same account and is no registration", async () => {
    const t = await startOAuth();
    await t.browser().signIn("/auth/example");
    const result = resultOf(await t.browser().signIn("/auth/example"));
    expect(result["oauth_registration"]).toBeUndefined();
    expect(result["config"]).toBe("default");
  });

  test("every redirect has a fragment of its own, failures too (case 13)", async () => {
    const t = await startOAuth();
    const good = await t.browser().signIn("/auth/example");
    t.provider.lies.redirect = (url) => url.searchParams.set("error", "access_denied");
    const bad = await t.browser().signIn("/auth/example");
    const coded = await t.browser().signIn("/auth/example", { code_challenge: challenge });
    for (const response of [good, bad, coded]) expect(response.headers.get("location")).toContain("#");
    expect(resultOf(bad)).toEqual({ blank: "true", error: "access_denied" });
    expect(bad.headers.get("location")).toBe(`${app}?blank=true&error=access_denied#`);
  });

  test("what an earlier sign-in left in the address gives way to the new result", async () => {
    const t = await startOAuth();
    const failed = `${app}?tab=2&error=access_denied`;
    const good = resultOf(await t.browser().signIn("/auth/example", { auth_origin_url: failed }));
    expect([good["tab"], good["error"], good["uid"]]).toEqual(["2", undefined, "ada-1815"]);
    t.provider.lies.redirect = (url) => url.searchParams.set("error", "access_denied");
    const succeeded = `${app}?auth_token=old&client_id=c&uid=u&expiry=1&blank=true`;
    const bad = await t.browser().signIn("/auth/example", { auth_origin_url: succeeded });
    expect(resultOf(bad)).toEqual({ blank: "true", error: "access_denied" });
  });

  test("a one-time code and the verifier become a session by POST, once (security 43)", async () => {
    const t = await startOAuth();
    const response = await t.browser().signIn("/auth/example", { code_challenge: challenge });
    const location = response.headers.get("location") ?? "";
    expect(new URL(location).search).toBe("");
    const { omniauth_code: code = "", oauth_registration } = resultOf(response);
    expect(oauth_registration).toBe("true");
    const redeem = (body: object) => t.request("POST /auth/omniauth_code", { body });
    const redeemed = await redeem({ omniauth_code: code, code_verifier: verifier });
    expect(redeemed.status).toBe(200);
    expect(await redeemed.clone().json()).toMatchObject({
      data: { uid: "ada-1815" },
      config: "default",
      oauth_registration: true,
    });
    const held = credentialsOf(redeemed);
    expect((await t.request("GET /auth/validate_token", { headers: held })).status).toBe(200);
    expect(redeemed.headers.get("device-mark")).toMatch(/^[\w-]{43}$/);
    const again = await redeem({ omniauth_code: code, code_verifier: verifier });
    expect([again.status, (await bodyOf(again)).code]).toEqual([401, "omniauth_code_invalid"]);
  });

  test("a code is worth nothing without its verifier, to another model, or after a minute (security 43)", async () => {
    const t = await startOAuth();
    const codeOf = async (): Promise<string> => {
      const response = await t.browser().signIn("/auth/example", { code_challenge: challenge });
      return resultOf(response)["omniauth_code"] ?? "";
    };
    const redeem = async (route: string, omniauth_code: string, code_verifier?: string) =>
      (await t.request(`POST ${route}/omniauth_code`, { body: { omniauth_code, code_verifier } })).status;
    const guessed = await codeOf();
    expect(await redeem("/auth", guessed, "w".repeat(43))).toBe(401);
    expect(await redeem("/auth", guessed, verifier)).toBe(401);
    expect(await redeem("/auth", await codeOf())).toBe(401);
    expect(await redeem("/admin_auth", await codeOf(), verifier)).toBe(401);
    const late = await codeOf();
    t.clock.forward("60s");
    expect(await redeem("/auth", late, verifier)).toBe(401);
    const early = await codeOf();
    t.clock.forward("59s");
    expect(await redeem("/auth", early, verifier)).toBe(200);
  });

  test("with requireOmniauthCode no credentials ever stand in an address", async () => {
    const t = await startOAuth({ requireOmniauthCode: true });
    const refused = await t.browser().visit(`/auth/example?auth_origin_url=${app}`);
    expect(refused.status).toBe(422);
    expect(await refused.text()).toContain("code_challenge_missing");
    const weak = await t.browser().visit(`/auth/example?auth_origin_url=${app}&code_challenge=short`);
    expect(weak.status).toBe(422);
    const response = await t.browser().signIn("/auth/example", { code_challenge: challenge });
    expect(Object.keys(resultOf(response))).toEqual(["oauth_registration", "omniauth_code"].toSorted());
  });
});

describe("a window of its own", () => {
  test("the page has the message of old clients and answers one origin only (security 42)", async () => {
    const t = await startOAuth();
    const response = await t.browser().signIn("/auth/example", { omniauth_window_type: "newWindow" });
    expect(response.status).toBe(200);
    const { message, origin, next, inAppBrowser } = await pageData(response.clone());
    expect(origin).toBe("http://localhost:5173");
    expect(inAppBrowser).toBe(false);
    expect(message).toMatchObject({
      message: "deliverCredentials",
      uid: "ada-1815",
      email: "ada@example.com",
      config: "default",
      oauth_registration: true,
    });
    expect(Object.keys(message)).toEqual(expect.arrayContaining(["auth_token", "client_id", "expiry", "id"]));
    expect(new URL(next).searchParams.get("client_id")).toBe(message["client_id"]);
    const html = await response.text();
    expect(html).not.toContain("innerHTML");
    expect(html).not.toContain('postMessage(message, "*")');
  });

  test("the page has a strict policy of its own, allows its opener, and is in no cache (security 42)", async () => {
    const t = await startOAuth();
    const { headers } = await t.browser().signIn("/auth/example", { omniauth_window_type: "newWindow" });
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toMatch(/script-src 'sha256-[^']+'/);
    expect(policy).not.toContain("unsafe");
    expect(headers.get("cross-origin-opener-policy")).toBe("unsafe-none");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  });

  test("names cannot leave the page's data", async () => {
    const t = await startOAuth();
    t.provider.person = { ...t.provider.person, name: "</script><script>alert(1)</script><!--" };
    const response = await t.browser().signIn("/auth/example", { omniauth_window_type: "newWindow" });
    const html = await response.clone().text();
    expect(html.match(/<script/g)).toHaveLength(2);
    expect((await pageData(response)).message["name"]).toBe("</script><script>alert(1)</script><!--");
  });

  test("an in-app browser has the function that its app asks, and stays where it is", async () => {
    const t = await startOAuth();
    const response = await t.browser().signIn("/auth/example", { omniauth_window_type: "inAppBrowser" });
    const data = await pageData(response.clone());
    expect(data.inAppBrowser).toBe(true);
    expect(await response.text()).toContain("window.requestCredentials");
  });

  test("an app's own scheme gets a message from nobody: its origin would be that of every sandbox", async () => {
    const t = await startOAuth();
    const response = await t.browser().signIn("/auth/example", {
      omniauth_window_type: "newWindow",
      auth_origin_url: "myapp://auth/done",
    });
    expect((await pageData(response)).origin).toBe("");
  });

  test("a failure is a message too, and a link that needs no script (cases 1, 3)", async () => {
    const t = await startOAuth();
    t.provider.lies.redirect = (url) => url.searchParams.set("error", "access_denied");
    const response = await t.browser().signIn("/auth/example", { omniauth_window_type: "newWindow" });
    expect(response.status).toBe(200);
    const html = await response.clone().text();
    expect(html).toContain(`<a id="next" href="${app}?blank=true&amp;error=access_denied#">`);
    expect((await pageData(response)).message).toEqual({ message: "authFailure", error: "access_denied" });
  });

  test("with a challenge the page delivers a code, and goes on with it where there is no opener (case 1)", async () => {
    const t = await startOAuth();
    const response = await t.browser().signIn("/auth/example", {
      omniauth_window_type: "newWindow",
      code_challenge: challenge,
    });
    const { message, next } = await pageData(response);
    expect(message["message"]).toBe("deliverCode");
    expect(Object.keys(message).toSorted()).toEqual(["message", "oauth_registration", "omniauth_code"]);
    expect(next).toBe(`${app}#oauth_registration=true&omniauth_code=${message["omniauth_code"]}`);
  });

  test("a code and a failure say which of the page's clients asked, where it said so", async () => {
    const t = await startOAuth();
    const asked = { code_challenge: challenge, config_name: "second" };
    expect(resultOf(await t.browser().signIn("/auth/example", asked))["config"]).toBe("second");
    const inWindow = { ...asked, omniauth_window_type: "newWindow" };
    const { message } = await pageData(await t.browser().signIn("/auth/example", inWindow));
    expect([message["message"], message["config"]]).toEqual(["deliverCode", "second"]);
    const browser = t.browser();
    const denied = async (params: Record<string, string>) => {
      const state = new URL(await browser.begin("/auth/example", params)).searchParams.get("state");
      return browser.visit(`/omniauth/example/callback?error=access_denied&state=${state}`);
    };
    expect(resultOf(await denied(asked))).toEqual({
      blank: "true",
      config: "second",
      error: "access_denied",
    });
    expect((await pageData(await denied(inWindow))).message).toEqual({
      message: "authFailure",
      error: "access_denied",
      config: "second",
    });
  });
});

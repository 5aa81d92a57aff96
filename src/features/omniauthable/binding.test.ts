import { describe, expect, test } from "vitest";
import {
  app,
  challenge,
  credentialsIn,
  example,
  newBrowser,
  resultOf,
  startOAuth,
} from "../../../test/fixtures/oauth.js";
import { startProvider } from "../../../test/fixtures/provider-server.js";

const paramsOf = (url: string): URLSearchParams => new URL(url).searchParams;

describe("a flow belongs to one browser and one provider", () => {
  test("PKCE with S256, state and nonce are in every request, and never the same twice (security 39)", async () => {
    const t = await startOAuth();
    const browser = t.browser();
    const [one, other] = [await browser.begin("/auth/example"), await browser.begin("/auth/example")].map(
      paramsOf,
    );
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(one?.get(name)).toMatch(/^[\w-]{43}$/);
      expect(one?.get(name)).not.toBe(other?.get(name));
    }
    expect(one?.get("code_challenge_method")).toBe("S256");
    expect(one?.get("redirect_uri")).toBe("http://localhost:3000/omniauth/example/callback");
  });

  test("another browser cannot finish a sign-in: nobody is signed in as the attacker (case 8; login CSRF)", async () => {
    const t = await startOAuth();
    const attacker = t.browser();
    const callback = await attacker.consent(await attacker.begin("/auth/example"));
    const victim = t.browser();
    await victim.begin("/auth/example");
    const response = await victim.visit(callback);
    expect(response.status).toBe(401);
    const html = await response.text();
    expect(html).toContain("browser_mismatch");
    expect(html).toContain(`href="${app}"`);
    expect(t.provider.counts.tokens).toBe(0);
    // The attacker's own flow is not used up by that.
    expect(resultOf(await attacker.visit(callback))["uid"]).toBe("ada-1815");
  });

  test("a callback in another cookie jar is refused, also with the right state (case 4)", async () => {
    const t = await startOAuth();
    const browser = t.browser();
    const callback = await browser.consent(await browser.begin("/auth/example"));
    const response = await t.browser().visit(callback);
    expect([response.status, response.headers.get("location")]).toEqual([401, null]);
    expect(await response.text()).toContain("started in another browser");
  });

  test("a state is used once: a second callback neither exchanges nor hides the first result (case 11; replay)", async () => {
    const t = await startOAuth();
    const browser = t.browser();
    const callback = await browser.consent(await browser.begin("/auth/example"));
    const cookies = new Map(browser.cookies);
    const first = await browser.visit(callback);
    for (const [name, value] of cookies) browser.cookies.set(name, value);
    // Discord was seen sending another code for the same state.
    const again = await browser.visit(callback.replace(/code=[^&]+/, "code=another"));
    expect([first.status, again.status]).toEqual([302, 409]);
    expect(await again.text()).toContain("state_used");
    expect(again.headers.getSetCookie()).toEqual([]);
    expect(t.provider.counts.tokens).toBe(1);
    const held = credentialsIn(resultOf(first));
    expect((await t.request("GET /auth/validate_token", { headers: held })).status).toBe(200);
  });

  test("of two callbacks at the same moment one exchanges the code (case 11)", async () => {
    const t = await startOAuth();
    const browser = t.browser();
    const callback = await browser.consent(await browser.begin("/auth/example"));
    const statuses = (await Promise.all([browser.visit(callback), browser.visit(callback)])).map(
      (one) => one.status,
    );
    expect(statuses.toSorted()).toEqual([302, 409]);
    expect(t.provider.counts.tokens).toBe(1);
  });

  test("an unknown or expired state ends on a page, not at an address out of the request", async () => {
    const t = await startOAuth();
    const browser = t.browser();
    const callback = await browser.consent(await browser.begin("/auth/example"));
    const unknown = await browser.visit(`/omniauth/example/callback?code=x&state=y&auth_origin_url=${app}`);
    t.clock.forward("10m");
    const late = await browser.visit(callback);
    for (const response of [unknown, late]) {
      expect([response.status, response.headers.get("location")]).toEqual([401, null]);
      expect(await response.text()).toContain("state_invalid");
    }
  });

  test("two tabs at once: each flow has its own cookie and ends by itself (case 6)", async () => {
    const t = await startOAuth();
    const browser = t.browser();
    const [one, other] = [
      await browser.begin("/auth/example", { config_name: "one" }),
      await browser.begin("/auth/example", { config_name: "other" }),
    ];
    expect(browser.cookies.size).toBe(2);
    const second = resultOf(await browser.visit(await browser.consent(other)));
    const first = resultOf(await browser.visit(await browser.consent(one)));
    expect([first["config"], second["config"]]).toEqual(["one", "other"]);
    expect(browser.cookies.size).toBe(0);
  });

  test("cookies of flows that nobody finishes do not pile up", async () => {
    const t = await startOAuth();
    const browser = t.browser();
    for (let i = 0; i < 15; i++) await browser.begin("/auth/example");
    expect(browser.cookies.size).toBe(10);
    const last = await browser.signIn("/auth/example");
    expect(last.status).toBe(302);
  });

  test("a callback at another provider is a mix-up and exchanges nothing (security 40)", async () => {
    const t = await startOAuth();
    const evil = await startProvider();
    const both = await startOAuth({ providers: { example: example(t.provider), evil: example(evil) } });
    const browser = both.browser();
    const callback = await browser.consent(await browser.begin("/auth/example"));
    const response = await browser.visit(callback.replace("/omniauth/example/", "/omniauth/evil/"));
    expect(response.status).toBe(401);
    expect([t.provider.counts.tokens, evil.counts.tokens]).toEqual([0, 0]);
  });

  test("a callback that names another issuer is a mix-up and exchanges nothing (case 14; security 40)", async () => {
    const t = await startOAuth();
    t.provider.lies.redirect = (url) => url.searchParams.set("iss", "https://evil.example");
    expect(resultOf(await t.browser().signIn("/auth/example"))).toEqual({
      blank: "true",
      error: "identity_unproven",
    });
    expect(t.provider.counts.tokens).toBe(0);
    t.provider.lies.redirect = (url) => url.searchParams.set("iss", t.provider.url);
    expect(resultOf(await t.browser().signIn("/auth/example"))["uid"]).toBe("ada-1815");
  });

  test("what the database holds of a flow and of a code opens nothing (security 2)", async () => {
    const seen: string[] = [];
    const { sqlite } = await import("../../database/sqlite/sqlite.js");
    const database = sqlite(":memory:");
    const watched: typeof database = {
      async connect(options) {
        const store = await database.connect(options);
        const put: typeof store.flows.put = (flow) => {
          seen.push(JSON.stringify(flow));
          return store.flows.put(flow);
        };
        return { ...store, flows: { ...store.flows, put } };
      },
    };
    const t = await startOAuth({ database: watched });
    const browser = t.browser();
    const authorization = await browser.begin("/auth/example", { code_challenge: challenge });
    const secrets = [
      ...browser.cookies.values(),
      paramsOf(authorization).get("state"),
      paramsOf(authorization).get("nonce"),
    ];
    const { omniauth_code } = resultOf(await browser.visit(await browser.consent(authorization)));
    expect(seen).toHaveLength(2);
    for (const secret of [...secrets, omniauth_code]) {
      expect(secret).toMatch(/^[\w-]{43}$/);
      expect(seen.join()).not.toContain(secret);
    }
  });
});

test("a cookie of the flow's name with another secret is no proof (case 8)", async () => {
  const t = await startOAuth();
  const browser = t.browser();
  const callback = await browser.consent(await browser.begin("/auth/example"));
  for (const name of browser.cookies.keys()) browser.cookies.set(name, "x".repeat(43));
  const response = await browser.visit(callback);
  expect([response.status, response.headers.get("location")]).toEqual([401, null]);
  expect(await response.text()).toContain("browser_mismatch");
  expect(t.provider.counts.tokens).toBe(0);
});

describe("where a flow may begin", () => {
  test.each([
    ["sec-purpose", "prefetch;prerender"],
    ["purpose", "prefetch"],
    ["x-moz", "prefetch"],
    ["next-router-prefetch", "1"],
  ])("a prefetch (%s) gets no cookie and no redirect (case 7)", async (name, value) => {
    const t = await startOAuth();
    const browser = t.browser();
    const response = await browser.visit(`/auth/example?auth_origin_url=${app}`, {
      headers: { [name]: value },
    });
    expect([response.status, response.headers.get("location"), browser.cookies.size]).toEqual([503, null, 0]);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("a start is in no cache, and a popup keeps its opener through it (case 7)", async () => {
    const t = await startOAuth();
    const { headers } = await t.browser().visit(`/auth/example?auth_origin_url=${app}`);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("cross-origin-opener-policy")).toBe("unsafe-none");
  });

  test("a start on another host goes to the callback's host before there is a cookie, once (case 9)", async () => {
    const t = await startOAuth();
    const browser = t.browser();
    const asked = `/auth/example?auth_origin_url=${encodeURIComponent(app)}`;
    const moved = await browser.visit(asked, { headers: { host: "127.0.0.1:3000" } });
    const location = moved.headers.get("location") ?? "";
    expect([moved.status, browser.cookies.size]).toEqual([302, 0]);
    expect(new URL(location).host).toBe("localhost:3000");
    expect(paramsOf(location).get("auth_origin_url")).toBe(app);
    // A proxy that writes its own host never shows ours.
    const behindProxy = await browser.visit(location, { headers: { host: "inner:8080" } });
    expect(behindProxy.headers.get("location")).toContain(t.provider.url);
    expect(browser.cookies.size).toBe(1);
  });

  test("a form may begin it, is answered with 303, and loses nothing on the way to the right host (security 44)", async () => {
    const t = await startOAuth();
    const form = (host: string, auth_origin_url = app) => ({
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", host },
      body: new URLSearchParams({ auth_origin_url, nickname: "ada" }).toString(),
    });
    const direct = await t.browser().visit("/auth/example", form("localhost:3000"));
    expect([direct.status, direct.headers.get("location")?.startsWith(t.provider.url)]).toEqual([303, true]);
    const moved = await t.browser().visit("/auth/example", form("127.0.0.1:3000"));
    expect(moved.status).toBe(303);
    expect(paramsOf(moved.headers.get("location") ?? "").get("nickname")).toBe("ada");
  });

  test("the callback's address comes from the configuration, at the start and at the exchange (case 12)", async () => {
    const t = await startOAuth({
      fullHost: "https://public.example.com/api",
      omniauthPrefix: "/oauth/back",
      baseUrl: "http://localhost:3000",
    });
    let exchanged: string | undefined;
    t.provider.server.service.on("beforeResponse", (_response, request) => {
      exchanged = String(Reflect.get(request, "body").redirect_uri);
    });
    const browser = newBrowser((request) => t.auth.handle(request));
    const host = { headers: { host: "public.example.com", "x-forwarded-host": "evil.example" } };
    const begun = await browser.visit(`/auth/example?auth_origin_url=${app}`, host);
    const expected = "https://public.example.com/api/oauth/back/example/callback";
    expect(paramsOf(begun.headers.get("location") ?? "").get("redirect_uri")).toBe(expected);
    expect([...browser.cookies.keys()][0]).toMatch(/^__Host-keyturn-flow-/);
    const callback = await browser.consent(begun.headers.get("location") ?? "");
    // As the proxy hands it on.
    const inner = callback.replace("https://public.example.com/api", "http://localhost:3000");
    expect(resultOf(await browser.visit(inner, host))["uid"]).toBe("ada-1815");
    expect(exchanged).toBe(expected);
  });

  test("an origin that is not on the allow-list gets nothing, and neither does a missing one", async () => {
    const t = await startOAuth();
    for (const [query, code] of [
      ["auth_origin_url=https://evil.example/", "redirect_refused"],
      ["auth_origin_url=https://app.example.com.evil.example/", "redirect_refused"],
      ["auth_origin_url=javascript:alert(1)", "redirect_refused"],
      ["", "redirect_missing"],
    ]) {
      const browser = t.browser();
      const response = await browser.visit(`/auth/example?${query}`);
      expect([response.headers.get("location"), browser.cookies.size]).toEqual([null, 0]);
      expect(await response.text()).toContain(code);
    }
  });

  test("a model has the providers that it names, and no others", async () => {
    const t = await startOAuth();
    const other = await startProvider();
    const both = await startOAuth({ providers: { example: example(t.provider), other: example(other) } });
    const statusOf = async (path: string) =>
      (await both.browser().visit(`${path}?auth_origin_url=${app}`)).status;
    expect([await statusOf("/auth/other"), await statusOf("/admin_auth/other")]).toEqual([302, 404]);
    expect([await statusOf("/auth/nobody"), await statusOf("/auth/constructor")]).toEqual([404, 404]);
  });
});

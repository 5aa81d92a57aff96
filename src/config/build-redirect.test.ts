import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildFragment, buildRedirect } from "./build-redirect.js";

describe("building a redirect", () => {
  test.each([
    ["https://app.example.com/", { b: "2", a: "1" }, "https://app.example.com/?a=1&b=2"],
    ["https://app.example.com", { x: "true" }, "https://app.example.com/?x=true"],
    ["https://app.example.com:8443/a", { x: "true" }, "https://app.example.com:8443/a?x=true"],
    ["https://app.example.com/?z=1&y", { x: "true" }, "https://app.example.com/?z=1&y&x=true"],
    ["https://app.example.com/#/ok", { x: "true" }, "https://app.example.com/?x=true#/ok?x=true"],
    ["https://app.example.com/#", { x: "true" }, "https://app.example.com/?x=true#?x=true"],
    ["https://app.example.com/?z=1#/ok", { x: "true" }, "https://app.example.com/?z=1&x=true#/ok?z=1&x=true"],
    ["https://app.example.com/#/ok?y=1", { x: "true" }, "https://app.example.com/?x=true#/ok?y=1&x=true"],
    ["https://app.example.com/?#/ok?", { x: "true" }, "https://app.example.com/?x=true#/ok?x=true"],
    ["com.example.app://auth/done", { x: "true" }, "com.example.app://auth/done?x=true"],
    ["com.example.app://auth", { x: "true" }, "com.example.app://auth?x=true"],
    ["myapp:/callback?z=1", { x: "true" }, "myapp:/callback?z=1&x=true"],
    ["myapp:/callback#top", { x: "true" }, "myapp:/callback?x=true#top?x=true"],
  ])("%s with %j", (target, params, expected) => {
    expect(buildRedirect(target, params)).toBe(expected);
  });

  test("nothing to add leaves the target as it is", () => {
    expect(buildRedirect("https://app.example.com/a?b#c", {})).toBe("https://app.example.com/a?b#c");
  });

  test("a parameter left over from an earlier redirect gives way, others stay as they were written", () => {
    const first = buildRedirect("https://app.example.com/?keep=a+b%20c#/ok?own=1", {
      token: "old",
      uid: "a@b.c",
    });
    const second = buildRedirect(first, { token: "new", uid: "a@b.c" });
    expect(second).toBe(
      "https://app.example.com/?keep=a+b%20c&token=new&uid=a%40b.c#/ok?own=1&keep=a+b%20c&token=new&uid=a%40b.c",
    );
    expect(buildRedirect("https://app.example.com/?t%6Fken=old", { token: "new" })).toBe(
      "https://app.example.com/?token=new",
    );
  });

  test("a blank is %20 and a plus is %2B, so that no reader takes one for the other", () => {
    expect(buildRedirect("https://app.example.com/", { uid: "a+b@c.d", error: "no luck" })).toBe(
      "https://app.example.com/?error=no%20luck&uid=a%2Bb%40c.d",
    );
  });

  test("what is no URL is the caller's mistake", () => {
    expect(() => buildRedirect("/relative", { x: "1" })).toThrow(TypeError);
  });

  test("values arrive as they were given, sorted, behind the query and again in the fragment, and never change the address", () => {
    const targets = fc.constantFrom(
      "https://app.example.com:8443/a?z=1",
      "http://localhost:5173/#/route?own=1",
      "myapp:/callback#",
      "com.example.app://auth",
    );
    const name = fc.stringMatching(/^[a-y][a-z_-]{1,8}$/).filter((value) => value !== "own");
    fc.assert(
      fc.property(
        targets,
        fc.dictionary(name, fc.string({ unit: "grapheme" }), { minKeys: 1 }),
        (target, params) => {
          const [before, after] = [new URL(target), new URL(buildRedirect(target, params))];
          expect([after.protocol, after.host, after.pathname]).toEqual([
            before.protocol,
            before.host,
            before.pathname,
          ]);
          const added = Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1));
          expect([...after.searchParams]).toEqual([...before.searchParams, ...added]);
          if (target.includes("#")) {
            const inFragment = new URLSearchParams(after.hash.slice(after.hash.indexOf("?")));
            expect([...inFragment].slice(-added.length)).toEqual(added);
          }
          expect(buildRedirect(after.href, params)).toBe(after.href);
        },
      ),
    );
  });
});

const page = "https://app.example.com/";

/** Where readers look: a page's own script, routers of the fragment (Angular, Vue, React), and pages that read the fragment as parameters. */
const readers: readonly (readonly [string, (url: URL) => URLSearchParams])[] = [
  ["the query", (url) => url.searchParams],
  ["the query of a router's route", (url) => new URLSearchParams(/\?(.*)$/.exec(url.hash)?.[1] ?? "")],
  ["the fragment as parameters", (url) => new URLSearchParams(url.hash.replace(/^#([^?]*\?)?/, ""))],
];

describe("a target whose fragment is a router's place", () => {
  const places = [
    "#/login",
    "#!/login",
    "#/login?tab=2",
    "#/a=1/b",
    "#section",
    "#section?tab=2",
    "#/",
    "#?tab=2",
  ];

  test.each(places)("%s stays what it is, and the result stands in the query and behind it", (place) => {
    const url = new URL(buildRedirect(`${page}${place}`, { auth_token: "t", blank: "true", uid: "u" }));
    expect(url.hash.split("?")[0]).toBe(place.split("?")[0]);
    for (const [reader, read] of readers)
      expect([reader, read(url).get("auth_token"), read(url).get("uid")]).toEqual([reader, "t", "u"]);
    expect(readers[1]?.[1](url).get("tab")).toBe(place.includes("tab") ? "2" : null);
  });

  test.each(places)("%s stays what it is, and a one-time code stands behind it only", (place) => {
    const url = new URL(buildFragment(`${page}?x=1${place}`, { omniauth_code: "c" }));
    expect([url.search, url.hash.split("?")[0]]).toEqual(["?x=1", place.split("?")[0]]);
    for (const [reader, read] of readers.slice(1))
      expect([reader, read(url).get("omniauth_code")]).toEqual([reader, "c"]);
  });
});

describe("a target that an earlier result has led to", () => {
  const session = {
    auth_token: "old",
    blank: "true",
    client_id: "c",
    config: "default",
    expiry: "1",
    uid: "u",
  };
  const reset = { "access-token": "old", client: "c", reset_password: "true", token: "old", uid: "u" };
  const failure = { blank: "true", error: "access_denied" };

  test.each([
    ["a one-time code", { omniauth_code: "old", oauth_registration: "true" }],
    ["a failure", failure],
    ["a session", session],
    ["the session of a reset link", reset],
    ["a confirmation", { account_confirmation_success: "true" }],
  ])("%s: nothing of it is beside the new result, in the query or the fragment", (_name, older) => {
    for (const place of ["", "#", "#/ok", "#/ok?own=1", "#own=1"])
      for (const target of [
        buildRedirect(`${page}?own=1${place}`, older),
        buildFragment(`${page}?own=1${place}`, older),
      ])
        for (const next of [
          buildRedirect(target, { blank: "true", error: "state_invalid" }),
          buildFragment(target, { omniauth_code: "new" }),
          buildRedirect(target, { account_confirmation_success: "false" }),
        ]) {
          expect(next).not.toContain("old");
          const told = next.match(/access_denied|client|uid|token|oauth_registration|success=true/g);
          expect([target, told]).toEqual([target, null]);
          expect(next).toContain("own=1");
        }
  });

  test("a fragment that was nothing but a result is gone with it", () => {
    const failed = buildFragment(page, failure);
    expect(failed).toBe(`${page}#blank=true&error=access_denied`);
    expect(buildFragment(failed, { omniauth_code: "new" })).toBe(`${page}#omniauth_code=new`);
    expect(buildRedirect(failed, { auth_token: "t", blank: "true" })).toBe(`${page}?auth_token=t&blank=true`);
  });

  test("an app's own parameters of the same names stay where no result of ours stands beside them", () => {
    const own = `${page}?error=mine&config=dark&client=7&uid=5&token=x`;
    expect(buildRedirect(own, { account_confirmation_success: "true" })).toBe(
      `${own}&account_confirmation_success=true`,
    );
    expect(buildFragment(own, { omniauth_code: "c" })).toBe(
      `${page}?config=dark&client=7&uid=5&token=x#omniauth_code=c`,
    );
  });

  test("parameters that a page keeps in its fragment stay, and are followed by the result", () => {
    expect(buildFragment(`${page}#tab=2`, { omniauth_code: "c" })).toBe(`${page}#tab=2&omniauth_code=c`);
    expect(buildRedirect(`${page}#tab=2`, { x: "true" })).toBe(`${page}?x=true#tab=2&x=true`);
  });
});

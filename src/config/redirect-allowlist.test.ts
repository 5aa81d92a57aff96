import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkPattern, createRedirectAllowlist, isLoopbackOrigin } from "./redirect-allowlist.js";

function allows(patterns: readonly string[], url: string, allowLoopback = false): boolean {
  return createRedirectAllowlist({ patterns, allowLoopback }).allows(url);
}

describe("what a pattern lets through", () => {
  test("an exact URL allows that page, whatever its query and fragment", () => {
    const patterns = ["https://app.example.com/done"];
    expect(allows(patterns, "https://app.example.com/done")).toBe(true);
    expect(allows(patterns, "https://app.example.com/done?a=1#/b")).toBe(true);
    expect(allows(patterns, "https://app.example.com/done/")).toBe(false);
    expect(allows(patterns, "https://app.example.com/done/more")).toBe(false);
    expect(allows(patterns, "https://app.example.com/Done")).toBe(false);
    expect(allows(patterns, "https://app.example.com/")).toBe(false);
    expect(allows(patterns, "https://app.example.com/?/done")).toBe(false);
  });

  test.each(["https://app.example.com", "https://app.example.com/*"])(
    "%s allows every path of its origin",
    (pattern) => {
      for (const path of [
        "",
        "/",
        "/a",
        "/a/b/",
        "/?q=1",
        "#f",
        "/é",
        "/%C3%A9",
        "/a?next=https://evil.com",
      ]) {
        expect(allows([pattern], `https://app.example.com${path}`)).toBe(true);
      }
    },
  );

  test("a closing * allows what is below the path, not the path's neighbours", () => {
    const patterns = ["https://app.example.com/app/*"];
    expect(allows(patterns, "https://app.example.com/app/")).toBe(true);
    expect(allows(patterns, "https://app.example.com/app/a/b")).toBe(true);
    expect(allows(patterns, "https://app.example.com/app")).toBe(false);
    expect(allows(patterns, "https://app.example.com/application/a")).toBe(false);
    expect(allows(patterns, "https://app.example.com/")).toBe(false);
  });

  test("a * inside the path stands for one segment", () => {
    const patterns = ["https://app.example.com/teams/*/done"];
    expect(allows(patterns, "https://app.example.com/teams/7/done")).toBe(true);
    expect(allows(patterns, "https://app.example.com/teams/7/8/done")).toBe(false);
    expect(allows(patterns, "https://app.example.com/teams//done")).toBe(false);
    expect(allows(patterns, "https://app.example.com/teams/done")).toBe(false);
  });

  test("scheme, host and port each have to agree", () => {
    const patterns = ["https://app.example.com/*"];
    expect(allows(patterns, "http://app.example.com/")).toBe(false);
    expect(allows(patterns, "https://example.com/")).toBe(false);
    expect(allows(patterns, "https://app.example.com:8443/")).toBe(false);
    expect(allows(patterns, "https://app.example.com./")).toBe(false);
    expect(allows(patterns, "https://app.example.com.evil.com/")).toBe(false);
  });

  test("the scheme's own port may be written or left out, on either side", () => {
    expect(allows(["https://app.example.com/*"], "https://app.example.com:443/")).toBe(true);
    expect(allows(["https://app.example.com:443/*"], "https://app.example.com/")).toBe(true);
    expect(allows(["http://app.example.com:443/*"], "http://app.example.com/")).toBe(false);
  });

  test("a host wildcard is exactly one label", () => {
    const patterns = ["https://*.example.com/*"];
    expect(allows(patterns, "https://app.example.com/")).toBe(true);
    expect(allows(patterns, "https://APP.Example.com/")).toBe(true);
    expect(allows(patterns, "https://example.com/")).toBe(false);
    expect(allows(patterns, "https://a.b.example.com/")).toBe(false);
    expect(allows(patterns, "https://.example.com/")).toBe(false);
    expect(allows(patterns, "https://evilexample.com/")).toBe(false);
    expect(allows(["https://*.*.example.com"], "https://a.b.example.com/x")).toBe(true);
    expect(allows(["http://*.localhost:*"], "http://tenant.localhost:5173/")).toBe(true);
  });

  test("a port wildcard is any port of that host", () => {
    for (const pattern of ["http://localhost:*", "http://localhost:*/*"]) {
      expect(allows([pattern], "http://localhost:5173/a")).toBe(true);
      expect(allows([pattern], "http://localhost/a")).toBe(true);
      expect(allows([pattern], "http://localhost.evil.com:5173/a")).toBe(false);
      expect(allows([pattern], "http://localhost:5173.evil.com/a")).toBe(false);
    }
  });

  test("schemes of mobile apps work, with a host and without", () => {
    expect(allows(["com.example.app://auth/*"], "com.example.app://auth/done?x=1")).toBe(true);
    expect(allows(["com.example.app://auth/*"], "com.example.app://auth")).toBe(true);
    expect(allows(["com.example.app://auth/*"], "com.example.app://other/done")).toBe(false);
    expect(allows(["com.example.app://auth/*"], "com.example.application://auth/done")).toBe(false);
    expect(allows(["com.example.app://*"], "com.example.app://anything/at/all")).toBe(true);
    expect(allows(["myapp:/callback"], "myapp:/callback")).toBe(true);
    expect(allows(["myapp:/callback"], "myapp:///callback")).toBe(true);
    expect(allows(["myapp:/callback"], "MYAPP:/callback")).toBe(true);
    expect(allows(["myapp:/callback"], "myapp://callback")).toBe(false);
    expect(allows(["myapp:/callback"], "myapp:callback")).toBe(false);
    expect(allows(["exp://192.168.1.1:*/--/*"], "exp://192.168.1.1:8081/--/auth")).toBe(true);
  });

  test("a host in unicode is compared in punycode, on either side (security 36)", () => {
    expect(allows(["https://bücher.example/*"], "https://xn--bcher-kva.example/")).toBe(true);
    expect(allows(["https://xn--bcher-kva.example/*"], "https://BÜCHER.example/")).toBe(true);
    expect(allows(["https://*.bücher.example/*"], "https://neu.bücher.example/")).toBe(true);
    expect(allows(["https://bücher.example/*"], "https://bucher.example/")).toBe(false);
    // Also once the code has run so often that Node compiles it.
    const answers = Array.from({ length: 20_000 }, () =>
      allows(["https://bücher.example/*"], "https://bücher.example/grüße"),
    );
    expect(answers.indexOf(false)).toBe(-1);
    // A Cyrillic а in the place of the Latin one.
    expect(allows(["https://app.example.com/*"], "https://\u0430pp.example.com/")).toBe(false);
  });

  test("path segments are compared decoded", () => {
    expect(allows(["https://app.example.com/grüße"], "https://app.example.com/gr%C3%BC%c3%9fe")).toBe(true);
    expect(allows(["https://app.example.com/gr%C3%BC%C3%9Fe"], "https://app.example.com/grüße")).toBe(true);
    expect(allows(["https://app.example.com/a"], "https://app.example.com/%61")).toBe(true);
  });

  test("an empty list allows nothing", () => {
    expect(allows([], "https://app.example.com/")).toBe(false);
    expect(allows([], "http://localhost:3000/")).toBe(false);
  });

  test("a URL longer than any honest one is refused", () => {
    expect(allows(["https://app.example.com"], `https://app.example.com/${"a".repeat(4_000)}`)).toBe(true);
    expect(allows(["https://app.example.com"], `https://app.example.com/${"a".repeat(5_000)}`)).toBe(false);
  });
});

describe("this machine", () => {
  test("is allowed on any port and path when asked for, and only then", () => {
    for (const url of [
      "http://localhost:5173/#/x",
      "https://localhost",
      "http://127.0.0.1:8080/cb?x",
      "http://127.8.9.1/",
      "http://[::1]:3000/a",
    ]) {
      expect(allows([], url, true)).toBe(true);
      expect(allows([], url, false)).toBe(false);
    }
  });

  test("is nowhere else", () => {
    for (const url of [
      "http://localhost.evil.com/",
      "http://evil.com/localhost",
      "http://128.0.0.1/",
      "http://127.0.0.1.evil.com/",
      "ftp://localhost/",
      "myapp://localhost/",
      "http://0.0.0.0/",
      "http://[::2]/",
    ]) {
      expect(allows([], url, true)).toBe(false);
    }
  });

  test.each([
    ["http://localhost:5173", true],
    ["http://localhost", true],
    ["https://127.0.0.1:8443", true],
    ["http://127.255.0.9", true],
    ["http://[::1]:3000", true],
    ["http://localhost:5173/", false],
    ["http://localhost:80", false],
    ["HTTP://LOCALHOST", false],
    ["http://user@localhost", false],
    ["http://localhost.evil.com", false],
    ["http://127.0.0.1.evil.com", false],
    ["http://1270.0.0.1", false],
    ["http://127.1", false],
    ["myapp://localhost", false],
    ["null", false],
    ["", false],
  ])("the origin %j is its own: %s", (origin, expected) => {
    expect(isLoopbackOrigin(origin)).toBe(expected);
  });
});

describe("checking a pattern", () => {
  test.each([
    "https://app.example.com",
    "https://app.example.com/",
    "https://app.example.com/*",
    "https://app.example.com:8443/a/b",
    "https://*.example.com",
    "https://*.pr.example.com/*",
    "http://localhost:*",
    "http://127.0.0.1:*/cb/*",
    "http://[::1]:*",
    "https://bücher.example/*",
    "https://medium.example/@me/*",
    "com.example.app://auth/*",
    "com.example.app://auth",
    "myapp:/callback",
    "myapp:///callback",
  ])("%s can be used", (pattern) => {
    expect(checkPattern(pattern)).toBeUndefined();
    expect(() => createRedirectAllowlist({ patterns: [pattern], allowLoopback: false })).not.toThrow();
  });

  test.each([
    ["", "scheme"],
    ["*", "scheme"],
    ["/app/*", "scheme"],
    ["app.example.com/*", "scheme"],
    ["localhost:3000/*", "scheme"],
    ["javascript:/x", "never"],
    ["DATA:/x", "never"],
    ["file:///*", "never"],
    ["intent://x/*", "never"],
    ["https://app.example.com/?a=*", "query"],
    ["https://app.example.com/#/*", "fragment"],
    ["myapp:", "neither"],
    ["myapp://", "neither"],
    ["myapp:callback", "scheme"],
    ["https:///x", "no host"],
    ["https:/x", "no host"],
    ["https://app.example.com:80*/", "port"],
    ["https://app.example.com:http/", "port"],
    ["https://app.example.com:99999/", "not a URL"],
    ["https://*", "strangers"],
    ["https://*/*", "strangers"],
    ["https://*.com/*", "strangers"],
    ["https://app.*/*", "strangers"],
    ["http://192.168.1.*:*", "strangers"],
    ["https://*example.com/", "whole label"],
    ["https://app-*.example.com/", "whole label"],
    ["https://**.example.com/", "whole label"],
    ["https://app.example.com/a*", "whole segments"],
    ["https://app.example.com/**", "whole segments"],
    ["https://app.example.com/%2a", "whole segments"],
    ["https://user@app.example.com/", "not a URL"],
    ["https://app.example.com/a/../b", "not a URL"],
    ["https://app.example.com/a b", "not a URL"],
    [" https://app.example.com/", "scheme"],
    ["https://app.example.com\n", "not a URL"],
    ["https://exa mple.com", "not a URL"],
  ])("%j is refused with a sentence about the %s", (pattern, about) => {
    expect(checkPattern(pattern)).toContain(about);
    expect(checkPattern(pattern)).toContain(JSON.stringify(pattern));
    expect(() => createRedirectAllowlist({ patterns: [pattern], allowLoopback: true })).toThrow(TypeError);
  });

  test("any text gets an answer, and what is found good allows only its own scheme", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.webUrl(), fc.stringMatching(/^[a-z]+:\/{0,3}[*.a-z:\d/@%]*$/)),
        (pattern) => {
          if (checkPattern(pattern) !== undefined) return;
          expect(allows([pattern], "javascript:alert(1)")).toBe(false);
          expect(allows([pattern], "https://evil.com/?x=.example.com")).toBe(false);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildRedirect } from "./build-redirect.js";
import { createRedirectAllowlist } from "./redirect-allowlist.js";

const patterns = [
  "https://app.example.com/app/*",
  "https://*.example.com/*",
  "http://localhost:*",
  "myapp:/callback",
];

describe("what nobody gets through", () => {
  test.each([
    // relative to a scheme or to nothing
    "//evil.com",
    "//app.example.com/app/",
    "///evil.com",
    "/app/",
    "app.example.com/app/",
    "https:evil.com",
    "https:app.example.com/app/x",
    "https:/app.example.com/app/x",
    "https:///app.example.com/app/x",
    "https://",
    "https:///",
    "",
    " ",
    // backslashes
    "https:\\\\app.example.com\\app\\",
    "https://evil.com\\.example.com/",
    "https://evil.com\\@app.example.com/",
    "https://app.example.com\\@evil.com/",
    "https://app.example.com/app/\\evil",
    "\\\\evil.com",
    // userinfo
    "https://app.example.com@evil.com/",
    "https://app.example.com:443@evil.com/",
    "https://user:secret@app.example.com/app/",
    "https://user@app.example.com/app/",
    "https://@app.example.com/app/",
    "https://:@app.example.com/app/",
    // dots, encoded in every way
    "https://app.example.com/app/../admin",
    "https://app.example.com/app/%2e%2e/admin",
    "https://app.example.com/app/.%2E/admin",
    "https://app.example.com/app/%2e./admin",
    "https://app.example.com/app/%2e/x",
    "https://app.example.com/app/./x",
    "https://app.example.com/app/..",
    "https://app.example.com/app/..%2fadmin",
    "https://app.example.com/app/..%5cadmin",
    "https://app.example.com%2eevil.com/app/",
    "https://evil%2ecom/.example.com",
    "https://evil.com%2f.example.com/",
    "https://evil.com%23.example.com/",
    "https://evil.com%00.example.com/",
    // slashes and broken escapes in the path
    "https://app.example.com//evil.com",
    "https://app.example.com/app//x",
    "https://app.example.com/app/%2f%2fevil.com",
    "https://app.example.com/app/%zz",
    "https://app.example.com/app/%ff",
    "https://app.example.com/app/%0d%0aset-cookie:a",
    // newlines, tabs, blanks, control characters
    "https://app.example.com/app/\nx",
    "https://app.example.com/app/\r\nLocation: https://evil.com",
    "https://app.exam\tple.com/app/",
    "ht\ntps://app.example.com/app/",
    " https://app.example.com/app/",
    "https://app.example.com/app/ ",
    "\u0000https://app.example.com/app/",
    "https://app.example.com/app/\u007f",
    "https://app.example.com/app/\u0085",
    "https://app.example.com/app/\u2028x",
    "https://app.example.com/app/#\nx",
    // the listed host as a part of something else
    "https://evil.com/?x=.example.com",
    "https://evil.com/.example.com",
    "https://evil.com#.example.com",
    "https://evil.com?.example.com/",
    "https://evil.com/https://app.example.com/app/",
    "https://evil.com:443/.example.com",
    "https://evil.com:80.example.com/",
    "https://example.com.evil.com/",
    "https://app.example.community/",
    "https://app-example.com/",
    "https://[app.example.com]/app/",
    // characters that become a slash, a dot or an @ when a host is mapped
    "https://evil.com\uff0f.example.com/",
    "https://evil.com\uff20app.example.com/",
    "https://evil.com\uff03.example.com/",
    "https://evil.c\u2100.example.com/",
    "https://app.example.com\u3002evil.com/",
    // other schemes
    "javascript:alert(1)",
    "javascript://app.example.com/%0aalert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data://app.example.com/,x",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "blob:https://app.example.com/app/0",
    "view-source:https://app.example.com/app/",
    "intent://app.example.com/app/#Intent;scheme=https;end",
    "ftp://app.example.com/app/",
    "wss://app.example.com/app/",
    "mailto:someone@app.example.com",
    "otherapp:/callback",
    "myapp:callback",
    "myapp:/callback/../other",
    "myapp://user@/callback",
  ])("%j is refused (security 36)", (url) => {
    for (const allowLoopback of [false, true]) {
      expect(createRedirectAllowlist({ patterns, allowLoopback }).allows(url)).toBe(false);
    }
  });

  // The pieces from which such URLs are made, in any order.
  const pieces = fc.constantFrom(
    ..."https: http: myapp: javascript: // / /// \\ \\\\ @ : . .. ? # % %2e %2E %2f %5c %00 %0a \n \r \t \u0000 \u2028 * [ ] 443 :80".split(
      " ",
    ),
    ..."app.example.com .example.com example.com evil.com localhost 127.0.0.1 ::1 callback app user\uff20 \uff0f \u3002 \uff0e é ｅ".split(
      " ",
    ),
    " ",
  );
  const crafted = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(""));
  const nearlyRight = fc
    .tuple(
      fc.constantFrom(
        "https://app.example.com/app/x?q#f",
        "https://a.example.com/",
        "http://localhost:80/",
        "myapp:/callback",
      ),
      pieces,
      fc.nat(34),
    )
    .map(([url, piece, at]) => url.slice(0, at) + piece + url.slice(at));

  test("whatever is allowed leads to an allowed origin, and stays the same URL when written anew (security 36)", () => {
    const list = createRedirectAllowlist({ patterns, allowLoopback: false });
    let allowed = 0;
    fc.assert(
      fc.property(fc.oneof(crafted, nearlyRight, fc.webUrl(), fc.string()), (raw) => {
        if (!list.allows(raw)) return;
        allowed += 1;
        const url = new URL(raw);
        const where = url.protocol === "myapp:" ? `myapp:${url.host}${url.pathname}` : url.origin;
        expect(where).toMatch(
          /^(https:\/\/[^./]+\.example\.com|http:\/\/localhost(:\d+)?|myapp:\/callback)$/,
        );
        expect([url.username, url.password]).toEqual(["", ""]);
        expect(list.allows(url.href)).toBe(true);
        expect(new URL(buildRedirect(raw, { x: "1" })).host).toBe(url.host);
      }),
      { numRuns: 5_000 },
    );
    // The generators would prove nothing if they met no allowed URL.
    expect(allowed).toBeGreaterThan(50);
  });

  test("no host but those of a wildcard's domain comes through it (security 36)", () => {
    const list = createRedirectAllowlist({ patterns: ["https://*.example.com/*"], allowLoopback: false });
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (url) => {
        expect(list.allows(url)).toBe(/^https:\/\/[^./:]+\.example\.com([/?#]|$)/.test(url));
      }),
    );
    fc.assert(
      fc.property(fc.webSegment(), fc.domain(), (segment, domain) => {
        expect(list.allows(`https://${domain}/${segment}.example.com`)).toBe(
          /^[^.]+\.example\.com$/.test(domain),
        );
        expect(list.allows(`https://${domain}/?${segment}=.example.com`)).toBe(
          /^[^.]+\.example\.com$/.test(domain),
        );
      }),
    );
  });
});

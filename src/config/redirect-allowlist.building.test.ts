import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildRedirect } from "./redirect-allowlist.js";

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

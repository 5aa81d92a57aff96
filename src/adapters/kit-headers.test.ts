import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FetchHeaders } from "./kit-fetch.js";
import {
  addCredentials,
  forbidCaching,
  mergeHeaders,
  removeCredentials,
  withNoStore,
} from "./kit-headers.js";

describe("Cache-Control of a response that carries a token", () => {
  test.each([
    [undefined, "no-store"],
    ["", "no-store"],
    ["no-store", "no-store"],
    ["public, max-age=60", "no-store"],
    ["no-cache, no-transform", "no-cache, no-transform, no-store"],
    ["No-Store, No-Transform", "No-Transform, no-store"],
    ["private, max-age=0, must-revalidate", "private, must-revalidate, no-store"],
    ["PUBLIC,S-MaxAge=600,immutable", "no-store"],
    ["no-transform, stale-while-revalidate=30, stale-if-error=60", "no-transform, no-store"],
    // A cache that understands the status may then take no notice of no-store (RFC 9111 §5.2.2.3).
    ["must-understand, no-store", "no-store"],
    [
      'no-cache="set-cookie, x-a", max-age="3", x-own="a,public"',
      'no-cache="set-cookie, x-a", x-own="a,public", no-store',
    ],
    [" , ,no-cache ,", "no-cache, no-store"],
    ["no-storefront", "no-storefront, no-store"],
  ])("of %j becomes %j", (given, expected) => {
    expect(withNoStore(given)).toBe(expected);
  });

  test("always says no-store, and saying it twice changes nothing", () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const once = withNoStore(value);
        expect(once.split(", ").at(-1)).toBe("no-store");
        expect(withNoStore(once)).toBe(once);
      }),
    );
  });

  test("cannot be overruled for one content delivery network (RFC 9213)", () => {
    const headers = new Headers({ "cdn-cache-control": "max-age=600", "surrogate-control": "max-age=5" });
    forbidCaching(new FetchHeaders(headers));
    expect(Object.fromEntries(headers)).toEqual({
      "cache-control": "no-store",
      "cdn-cache-control": "no-store",
      "surrogate-control": "no-store",
    });
  });
});

describe("CORS headers", () => {
  test.each([
    ["x-total", "a, b", "x-total, a, b"],
    ["A, x-total", "a, b", "A, x-total, b"],
    ["a, b", "a, b", "a, b"],
    ["", "a, b", "a, b"],
    ["*", "a, b", "*, a, b"],
  ])("an app that exposes %j exposes ours too", (own, ours, expected) => {
    const headers = new Headers({ "access-control-expose-headers": own });
    mergeHeaders(new FetchHeaders(headers), [["access-control-expose-headers", ours]]);
    expect(headers.get("access-control-expose-headers")).toBe(expected);
  });

  test("Vary names each header once", () => {
    const headers = new Headers({ vary: "Accept-Encoding, origin" });
    mergeHeaders(new FetchHeaders(headers), [["vary", "Origin"]]);
    expect(headers.get("vary")).toBe("Accept-Encoding, origin");
  });
});

describe("credentials", () => {
  const credentials = [
    ["access-token", "t2"],
    ["uid", "ada@example.com"],
    ["set-cookie", "__Host-keyturn=t2"],
    ["cache-control", "no-store"],
  ] as const;

  test("are whole, whatever a proxied service has set under the same names", () => {
    const headers = new Headers({ "access-token": "theirs", uid: "", "set-cookie": "own=1" });
    addCredentials(new FetchHeaders(headers), credentials);
    addCredentials(new FetchHeaders(headers), credentials);
    expect(headers.get("access-token")).toBe("t2");
    expect(headers.get("uid")).toBe("ada@example.com");
    expect(headers.getSetCookie()).toEqual(["own=1", "__Host-keyturn=t2"]);
  });

  test("are taken away without what the app has set itself", () => {
    const headers = new Headers({ "set-cookie": "own=1", client: "a client of the shop" });
    addCredentials(new FetchHeaders(headers), credentials);
    removeCredentials(new FetchHeaders(headers), credentials);
    expect(Object.fromEntries(headers)).toEqual({
      "cache-control": "no-store",
      client: "a client of the shop",
      "set-cookie": "own=1",
    });
  });
});

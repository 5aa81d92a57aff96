import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addNetwork, createAddressFinder } from "./addresses.js";

describe("the client's address", () => {
  test("is the peer's, whatever it says of others, unless the peer is a listed proxy (security 48)", () => {
    for (const trusted of [[], ["10.0.0.0/8"]]) {
      const { find } = createAddressFinder(trusted);
      expect(find("192.0.2.1", "198.51.100.7")).toBe("192.0.2.1");
      expect(find("192.0.2.1", "10.0.0.1, 10.0.0.2")).toBe("192.0.2.1");
      expect(find(undefined, "198.51.100.7")).toBeNull();
    }
  });

  test("is the last one that is no listed proxy, however much a client wrote before it (security 48)", () => {
    const { find } = createAddressFinder(["10.0.0.0/8", "2001:db8::/32"]);
    expect(find("10.0.0.1", "198.51.100.7")).toBe("198.51.100.7");
    expect(find("10.0.0.1", "1.1.1.1, 198.51.100.7, 10.9.9.9")).toBe("198.51.100.7");
    expect(find("2001:db8::1", "1.1.1.1,  198.51.100.7 ,2001:db8::2")).toBe("198.51.100.7");
    expect(find("::ffff:10.0.0.1", "::ffff:198.51.100.7")).toBe("198.51.100.7");
    expect(find("::FFFF:10.0.0.1", "198.51.100.7")).toBe("198.51.100.7");
    expect(find("10.0.0.1", "2001:db9::5")).toBe("2001:db9::5");
  });

  test("is the proxy's where the header says nothing or nonsense (security 48)", () => {
    const { find } = createAddressFinder(["10.0.0.0/8"]);
    for (const header of [
      undefined,
      "",
      ",",
      "unknown",
      "1.1.1.1, unknown",
      "999.1.1.1",
      "1.1.1.1:port",
      "1.1.1.1:123456",
      "1.1.1.1%eth0",
      "[1.1.1.1",
      "[]:80",
      "example.com:443",
      "for=1.1.1.1",
      "1.1.1.1;DROP TABLE",
      "'{%{print(1)}}'",
      "x".repeat(20_000),
      `${"1".repeat(300)}:80`,
    ])
      expect(find("10.0.0.1", header)).toBe("10.0.0.1");
  });

  test("is that of the proxy that wrote nonsense, or of the one that asks for itself (security 48)", () => {
    const { find, isProxy } = createAddressFinder(["10.0.0.0/8"]);
    expect(find("10.0.0.1", "198.51.100.7, unknown, 10.9.9.9")).toBe("10.9.9.9");
    expect(find("10.0.0.1", "10.1.1.1")).toBe("10.1.1.1");
    expect(["::ffff:10.0.0.1", "192.0.2.1", undefined].map(isProxy)).toEqual([true, false, false]);
  });

  test.each([
    ["203.0.113.7:49152", "203.0.113.7"],
    ["203.0.113.7:0", "203.0.113.7"],
    ["[2001:db9::1]:443", "2001:db9::1"],
    ["[2001:db9::1]", "2001:db9::1"],
    ["2001:DB9::1", "2001:db9::1"],
    ["[::ffff:203.0.113.7]:49152", "203.0.113.7"],
    ["::ffff:cb00:7107", "203.0.113.7"],
    ["0:0:0:0:0:ffff:203.0.113.7", "203.0.113.7"],
    ["0000:0000:0000:0000:0000:FFFF:CB00:7107", "203.0.113.7"],
    ["[0::FFFF:203.0.113.7]:443", "203.0.113.7"],
    ["::ffff:0:203.0.113.7", "::ffff:0:cb00:7107"],
    ["2001:0db9:0:0:0:0:0:1", "2001:db9::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["[fe80::1%25eth0]:8080", "fe80::1"],
    [`fe80::1%${"a".repeat(200)}`, "fe80::1"],
    ["1.1.1.1, 203.0.113.7:49152, 10.0.0.9:443", "203.0.113.7"],
  ])("is read as proxies write it: %s", (header, address) => {
    expect(createAddressFinder(["10.0.0.0/8"]).find("10.0.0.1", header)).toBe(address);
  });

  test("has no zone, also when it is the peer's, and never more than 45 characters", () => {
    const { find } = createAddressFinder(["fe80::/10"]);
    expect(find("fe80::1%eth0", undefined)).toBe("fe80::1");
    expect(find("fe80::1%eth0", "203.0.113.7:1")).toBe("203.0.113.7");
    expect(createAddressFinder([]).find(`fe80::2%${"z".repeat(500)}`, undefined)).toBe("fe80::2");
    fc.assert(fc.property(fc.string(), (header) => (find("fe80::1", header)?.length ?? 0) <= 45));
  });

  test("in every spelling of IPv6 is one that Node can read, the same for all", () => {
    const { find } = createAddressFinder(["10.0.0.0/8"]);
    const spellings = (address: string) => [
      address,
      address.toUpperCase(),
      `[${address}]:443`,
      `${address}%en0`,
    ];
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const [first, ...others] = spellings(address).map((one) => find("10.0.0.1", one));
        expect(isIP(first ?? "")).toBeGreaterThan(0);
        expect(new Set(others)).toEqual(new Set([first]));
      }),
    );
  });

  test('behind a unix socket comes from the header where "unix" is listed, and from none otherwise', () => {
    const listed = createAddressFinder(["unix", "10.0.0.0/8"]);
    expect(listed.find(undefined, "1.1.1.1, 203.0.113.7, 10.9.9.9")).toBe("203.0.113.7");
    expect(listed.find(undefined, undefined)).toBeNull();
    expect(listed.find(undefined, "unknown")).toBeNull();
    expect(listed.isProxy(undefined)).toBe(true);
    expect(listed.find("192.0.2.1", "203.0.113.7")).toBe("192.0.2.1");
    expect(listed.find("nonsense", "203.0.113.7")).toBeNull();
  });

  test("a network of IPv4 in IPv6 is the one of IPv4", () => {
    const { find } = createAddressFinder(["::ffff:10.0.0.0/104"]);
    expect(find("10.0.0.1", "203.0.113.7")).toBe("203.0.113.7");
    expect(find("::ffff:10.0.0.1", "203.0.113.7")).toBe("203.0.113.7");
    expect(find("11.0.0.1", "203.0.113.7")).toBe("11.0.0.1");
  });

  test("never comes from a header of a peer that is not listed, at random (security 48)", () => {
    const { find } = createAddressFinder(["10.0.0.0/8"]);
    const outside = fc.ipV4().filter((address) => !address.startsWith("10."));
    fc.assert(fc.property(outside, fc.string(), (peer, header) => find(peer, header) === peer));
  });
});

describe("a network", () => {
  test("is an address, or one with the length of its prefix", () => {
    for (const good of ["10.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "::1", "2001:db8::/32", "::/0", "10.0.0.1/32"])
      expect(addNetwork(new BlockList(), good)).toBe(true);
    for (const bad of [
      "",
      "/8",
      "10.0.0.0/",
      "10.0.0.0/33",
      "10.0.0/8",
      "::1/129",
      "10.0.0.0/8/8",
      "host",
      "10.0.0.0/-1",
      "10.0.0.0/1.5",
      "10.0.0.0/ 8",
      "10.0.0.0/0x8",
      "10.0.0.0/1e1",
    ])
      expect([bad, addNetwork(new BlockList(), bad)]).toEqual([bad, false]);
  });
});

import { expect, test } from "vitest";
import { addressKey, isPrivate } from "./address-key.js";

test("an IPv4 address is counted as itself", () => {
  expect(addressKey("192.0.2.7", 64)).toBe("192.0.2.7");
});

test("IPv6 addresses of one /64 are one, however they are written; those of the next are another (security 48)", () => {
  const key = addressKey("2001:db8:1:2::1", 64);
  for (const same of ["2001:0DB8:0001:0002:ffff::9", "2001:db8:1:2:0:0:0:0", "2001:db8:1:2::1.2.3.4"])
    expect(addressKey(same, 64)).toBe(key);
  expect(addressKey("2001:db8:1:3::1", 64)).not.toBe(key);
});

test.each([
  [48, "2001:db8:1:ff00::1", "2001:db8:1:1::1", true],
  [48, "2001:db8:1::1", "2001:db8:2::1", false],
  [56, "2001:db8:1:1200::1", "2001:db8:1:12ff::1", true],
  [56, "2001:db8:1:1200::1", "2001:db8:1:1300::1", false],
  [64, "::1", "::2", true],
] as const)("by the first %s bits %s and %s are one: %s", (prefix, one, other, isSame) => {
  expect(addressKey(one, prefix) === addressKey(other, prefix)).toBe(isSame);
});

test.each([
  ["64:ff9b::c633:6407", "198.51.100.7"],
  ["64:ff9b::198.51.100.7", "198.51.100.7"],
  ["::ffff:0:198.51.100.7", "198.51.100.7"],
  ["64:ff9b:1::c633:6407", "64:ff9b:1:0:0:0:0:0/64"],
])("%s stands for an address of IPv4, of which not all are one", (address, key) => {
  expect(addressKey(address, 64)).toBe(key);
  expect(addressKey(address, 48)).toBe(key.replace("/64", "/48"));
});

test("private networks and this machine are told from the internet", () => {
  for (const own of [
    "127.0.0.1",
    "10.1.2.3",
    "192.168.0.1",
    "172.16.0.1",
    "172.31.9.9",
    "::1",
    "fd00::1",
    "fe80::1",
    // RFC 6598: between a platform's proxies and its containers (Crossbill-App/crossbill-web#450).
    "100.64.0.3",
    "100.127.255.255",
  ])
    expect(isPrivate(own), own).toBe(true);
  for (const other of [
    "192.0.2.1",
    "172.32.0.1",
    "11.0.0.1",
    "100.63.0.1",
    "100.128.0.1",
    "2001:db8::1",
    "::2",
  ])
    expect(isPrivate(other), other).toBe(false);
});

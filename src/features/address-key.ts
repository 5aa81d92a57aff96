import { dottedOf } from "../config/addresses.js";

/**
 * What an address is counted as: an IPv4 address as itself, an IPv6 address by the first bits of it, because whoever has one has at least
 * a /64 of them. `address` is as the address finder returns it: an IPv4 address in an IPv6 one is an IPv4 address by then.
 */
export function addressKey(address: string, prefix: number): string {
  if (!address.includes(":")) return address;
  // The URL parser writes every spelling of an address as one (RFC 5952).
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = "", tail] = canonical.split("::");
  const before = head === "" ? [] : head.split(":");
  const behind = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups: string[] = [...before, ...Array(8 - before.length - behind.length).fill("0"), ...behind];
  const [high = "", low = ""] = groups.slice(6);
  if (translated.has(groups.slice(0, 6).join(":"))) return dottedOf(high, low);
  const kept = groups.map((group, i) => {
    const bits = Math.min(16, Math.max(0, prefix - 16 * i));
    return (Number.parseInt(group, 16) & (0xffff << (16 - bits)) & 0xffff).toString(16);
  });
  return `${kept.join(":")}/${prefix}`;
}

/** Networks of which every address stands for one of IPv4 (RFC 6052 §2.1, RFC 2765 §2.1): cut short, all of them would be one. */
const translated: ReadonlySet<string> = new Set(["64:ff9b:0:0:0:0", "0:0:0:0:ffff:0"]);

/**
 * Whether an address is of a private network, of this machine, or of those that platforms use between their proxies and us (RFC 1918,
 * RFC 4193, RFC 4291 §2.5.3, RFC 6598): then it is a proxy's.
 */
export function isPrivate(address: string): boolean {
  return /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|f[cd]|fe[89ab])/i.test(
    address,
  );
}

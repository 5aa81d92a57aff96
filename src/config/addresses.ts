import { BlockList, isIP } from "node:net";

/** Adds an address or a network in CIDR notation (RFC 4632, RFC 4291 §2.3) to a list. `false` when it is neither. */
export function addNetwork(list: BlockList, value: string): boolean {
  const [address = "", prefix, ...more] = value.split("/");
  const version = isIP(address);
  const longest = version === 6 ? 128 : 32;
  if (version === 0 || more.length > 0) return false;
  // Number() would also read " 8", "0x8" and "1e1".
  if (prefix !== undefined && !/^\d{1,3}$/.test(prefix)) return false;
  const bits = prefix === undefined ? longest : Number(prefix);
  if (bits > longest) return false;
  list.addSubnet(address, bits, version === 6 ? "ipv6" : "ipv4");
  return true;
}

/**
 * Finds the client's address: the peer's, or, behind listed proxies, the last one in `X-Forwarded-For` that is not itself a listed
 * proxy. What an unlisted peer says in that header is ignored: anyone can write it.
 */
export function createAddressFinder(
  trustedProxies: readonly string[],
): (peer: string | undefined, forwardedFor: string | undefined) => string | null {
  const trusted = new BlockList();
  for (const proxy of trustedProxies) addNetwork(trusted, proxy);
  const isTrusted = (address: string): boolean =>
    trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  return (peer, forwardedFor) => {
    const address = plainAddress(peer);
    if (address === null || trustedProxies.length === 0 || !isTrusted(address)) return address;
    const hops = (forwardedFor ?? "").split(",").map((hop) => plainAddress(hop.trim()));
    for (const hop of hops.reverse()) {
      // Somebody wrote nonsense there: what stands before it is worth no more.
      if (hop === null) return address;
      if (!isTrusted(hop)) return hop;
    }
    return address;
  };
}

// Node shows an IPv4 peer of an IPv6 socket as ::ffff:192.0.2.1.
function plainAddress(address: string | undefined): string | null {
  if (address === undefined) return null;
  const plain = address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
  return isIP(plain) === 0 ? null : plain;
}

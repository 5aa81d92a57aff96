import { BlockList, isIP } from "node:net";
import { parseUrl } from "../parse-url.js";

/** What `trustedProxies` calls a proxy that connects by a unix socket, which has no address. */
export const unixSockets = "unix";

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

/** Finds the client's address: the peer's, or, behind listed proxies, the last one in `X-Forwarded-For` that is not itself a listed proxy. */
export interface AddressFinder {
  /**
   * What an unlisted peer says in that header is ignored: anyone can write it. Where a listed proxy writes what cannot be read, the address
   * is that proxy's own, so that there is one and limits hold.
   */
  find(peer: string | undefined, forwardedFor: string | undefined): string | null;
  /** Whether the peer is a listed proxy. */
  isProxy(peer: string | undefined): boolean;
}

export function createAddressFinder(trustedProxies: readonly string[]): AddressFinder {
  const trusted = new BlockList();
  for (const proxy of trustedProxies) addNetwork(trusted, proxy);
  const trustsSockets = trustedProxies.includes(unixSockets);
  const isTrusted = (address: string): boolean =>
    trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  const peerOf = (peer: string | undefined): string | null =>
    peer === undefined ? null : plainAddress(peer);
  const isProxy = (peer: string | undefined): boolean => {
    if (trustedProxies.length === 0) return false;
    const address = peerOf(peer);
    return address === null ? trustsSockets && peer === undefined : isTrusted(address);
  };
  return {
    isProxy,
    find(peer, forwardedFor) {
      let nearest = peerOf(peer);
      if (!isProxy(peer)) return nearest;
      const hops = (forwardedFor ?? "").split(",").map((hop) => plainAddress(withoutPort(hop.trim())));
      for (const hop of hops.reverse()) {
        // Somebody wrote nonsense there: what stands before it is worth no more.
        if (hop === null) return nearest;
        nearest = hop;
        if (!isTrusted(hop)) return nearest;
      }
      return nearest;
    },
  };
}

// As Azure's gateways, HAProxy and IIS write it: 203.0.113.7:49152, [2001:db8::1]:443, [2001:db8::1].
function withoutPort(hop: string): string {
  const [, bracketed, ipv4] = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d{1,5})?$/.exec(hop) ?? [];
  return bracketed ?? ipv4 ?? hop;
}

/** An IPv4 address in an IPv6 one (RFC 4291 §2.5.5.2), as Node writes it and as the last 32 bits in hexadecimal. */
const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;
const mappedHex = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;

// Node shows an IPv4 peer of an IPv6 socket as ::ffff:192.0.2.1. A zone (RFC 4007 §11) names an interface of the machine that wrote
// it and says nothing elsewhere; `isIP` accepts one of any length.
function plainAddress(address: string): string | null {
  const [unzoned = ""] = address.split("%", 1);
  const version = isIP(unzoned);
  if (version !== 6) return version === 4 && unzoned === address ? unzoned : null;
  const [, dotted] = mapped.exec(unzoned) ?? [];
  if (dotted !== undefined) return dotted;
  // The URL parser writes every spelling of an address as one (RFC 5952).
  const canonical = parseUrl(`http://[${unzoned}]`)?.hostname.slice(1, -1) ?? null;
  const [, high, low] = mappedHex.exec(canonical ?? "") ?? [];
  return high === undefined || low === undefined ? canonical : dottedOf(high, low);
}

/** An IPv4 address of its two halves in hexadecimal. */
export function dottedOf(high: string, low: string): string {
  return [high, low]
    .map((half) => Number.parseInt(half, 16))
    .flatMap((bits) => [bits >> 8, bits & 255])
    .join(".");
}

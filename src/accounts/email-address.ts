import { domainToASCII, domainToUnicode } from "node:url";

export type EmailReading =
  | { readonly ok: true; readonly email: string }
  | { readonly ok: false; readonly problem: "blank" | "invalid" };

// RFC 5321 §4.5.3.1: octets of the part before the @, and of a path without its angle brackets.
const longestLocalPart = 64;
const longestAddress = 254;

// RFC 5322 §3.2.3 dot-atom. No quoted strings: nobody has such an address, and readers disagree about them.
const localPart = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The one spelling under which an address is stored, looked up and written to: without outer blanks, in lower case, the domain in
 * punycode. The result is ASCII, so that no database's collation can take two addresses for one.
 *
 * Only the case of ASCII letters and the spelling of a domain ever change. NFKC is not applied: it turns U+FF20 into an @ and a
 * Kelvin sign into a k, and with them one person's address into another's. For the same reason the part before the @ is ASCII.
 */
export function normaliseEmail(raw: unknown): EmailReading {
  const address = typeof raw === "string" ? raw.trim() : raw;
  if (address === undefined || address === null || address === "") return { ok: false, problem: "blank" };
  const email = typeof address === "string" && address.length <= longestAddress && spell(address);
  return email ? { ok: true, email } : { ok: false, problem: "invalid" };
}

function spell(address: string): string | undefined {
  const at = address.lastIndexOf("@");
  const local = address.slice(0, Math.max(at, 0));
  const domain = spellDomain(address.slice(at + 1));
  if (local.length > longestLocalPart || !localPart.test(local) || domain === undefined) return undefined;
  const email = `${local.toLowerCase()}@${domain}`;
  return email.length <= longestAddress ? email : undefined;
}

function spellDomain(domain: string): string | undefined {
  const ascii = domainToASCII(domain);
  // UTS 46 also drops soft hyphens, reads U+3002 as a dot and 0x7f.1 as an IP address. Only case may have changed.
  const isSame = [ascii, domainToUnicode(ascii)].includes(domain.normalize("NFC").toLowerCase());
  const labels = ascii.split(".");
  // A last label of digits is an IP address without its brackets.
  return isSame &&
    labels.every((part) => label.test(part) && isReadable(part)) &&
    !/^\d+$/.test(labels.at(-1) ?? "")
    ? ascii
    : undefined;
}

/** Node 24 and newer let invalid punycode pass. A label in punycode must decode to something, and that must encode to the label again. */
function isReadable(part: string): boolean {
  if (!part.startsWith("xn--")) return true;
  const decoded = domainToUnicode(part);
  return decoded !== part && domainToASCII(decoded) === part;
}

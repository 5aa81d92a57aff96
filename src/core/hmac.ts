import { hash } from "node:crypto";

const blockSize = 64; // of SHA-256, in bytes
const digestSize = 32;

/**
 * HMAC-SHA256 (RFC 2104) over the one-shot `crypto.hash`: a third of the time of `crypto.createHmac`, which sets up a stream
 * object for every message. Held against `createHmac` by a test.
 *
 * Returns a function that signs messages of up to 256 bytes with `key` (at most 64 bytes) and answers the digest as a binary string.
 */
export function createHmacSha256(key: Uint8Array): (message: Uint8Array) => string {
  const inner = paddedKey(key, 0x36);
  const outer = Buffer.alloc(blockSize + digestSize);
  outer.set(paddedKey(key, 0x5c));
  // One buffer for each length of message, so that nothing is allocated for each.
  const buffers: Buffer[] = [];
  return (message) => {
    const buffer = buffers[message.length] ?? Buffer.concat([inner, message]);
    buffers[message.length] = buffer;
    buffer.set(message, blockSize);
    outer.write(hash("sha256", buffer, "binary"), blockSize, "latin1");
    return hash("sha256", outer, "binary");
  };
}

const scratchInner: Buffer[] = [];
const scratchOuter = Buffer.alloc(blockSize + digestSize);

/** The same for a key that is used once. The scratch space is shared: nothing here waits, so no two calls meet. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): string {
  const inner = scratchInner[message.length] ?? Buffer.alloc(blockSize + message.length);
  scratchInner[message.length] = inner;
  inner.fill(0x36, 0, blockSize);
  scratchOuter.fill(0x5c, 0, blockSize);
  for (let i = 0; i < key.length; i++) {
    const byte = key[i] ?? 0;
    inner[i] = byte ^ 0x36;
    scratchOuter[i] = byte ^ 0x5c;
  }
  inner.set(message, blockSize);
  scratchOuter.write(hash("sha256", inner, "binary"), blockSize, "latin1");
  return hash("sha256", scratchOuter, "binary");
}

function paddedKey(key: Uint8Array, pad: number): Buffer {
  if (key.length > blockSize) throw new RangeError(`An HMAC key here has at most ${blockSize} bytes`);
  const padded = Buffer.alloc(blockSize, pad);
  for (let i = 0; i < key.length; i++) padded[i] = (key[i] ?? 0) ^ pad;
  return padded;
}

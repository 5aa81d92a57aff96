import { availableParallelism } from "node:os";
import {
  hash as argon2,
  type ParsedHashOptions,
  parseOptions,
  verify as verifyArgon2,
} from "@node-rs/argon2";
import { compare as verifyBcrypt } from "bcryptjs";
import { randomBytes } from "../engine/random.js";
import { isCommonPassword } from "./common-passwords.js";

/** Cost of one hash. Defaults and lower bound for production: 19456 KiB, 2 passes, 1 lane (OWASP; ASVS 11.4.2). */
export interface PasswordHasherOptions {
  readonly memoryCost?: number;
  readonly timeCost?: number;
  readonly parallelism?: number;
  /** How many hashes may run at once. Default: one for each processor, at most three. */
  readonly concurrency?: number;
}

export interface PasswordHasher {
  /** An argon2id hash in PHC format. Every character of the password counts; nothing is normalised or cut off. */
  hash(password: string): Promise<string>;
  /**
   * Checks a password; never throws over what the database holds. Without a hash it does the work of one all the same, so that an
   * unknown account takes as long as a known one. `rehash` asks the caller to store a new hash of this password, now proven right.
   */
  verify(hash: string | null | undefined, password: string): Promise<PasswordCheck>;
}

export interface PasswordCheck {
  readonly valid: boolean;
  readonly rehash: boolean;
}

export type PasswordProblem = "blank" | "too_short" | "too_long" | "common";

const bcryptHash = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
// bcrypt runs in slices on the main thread: cost 16 is some 6 s of it, and each step doubles that.
const highestBcryptCost = 16;
const longestBcryptPassword = 72;
// KiB times passes: 2 GiB once is the dearest that RFC 9106 §4 recommends. A damaged hash must not ask for more.
const mostWork = 2 * 1024 * 1024;
const saltLength = 16;
const outputLength = 32;
const wrong: PasswordCheck = { valid: false, rehash: false };

/**
 * Hashes passwords off the main thread, on libuv's pool of four. That pool also reads files and resolves names, and each hash holds
 * `memoryCost`: so only `concurrency` of them run at once, one thread stays free, and the others wait in line. Rate limits of
 * sign-in keep the line short. More than three take a larger UV_THREADPOOL_SIZE.
 *
 * Imported bcrypt hashes (`$2a$`, `$2b$`, `$2y$`, made without a pepper) are verified and reported for a rehash. Until then such an
 * account can be told from an unknown one by time.
 */
export function createPasswordHasher(options: PasswordHasherOptions = {}): PasswordHasher {
  const { memoryCost = 19_456, timeCost = 2, parallelism = 1 } = options;
  const inTurn = createQueue(options.concurrency ?? Math.min(availableParallelism(), 3));
  // Random bytes in the place of some password's hash: nothing to compute, and nothing that fits.
  const decoy = `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${base64(saltLength)}$${base64(outputLength)}`;

  async function pretend(password: string): Promise<PasswordCheck> {
    await inTurn(() => verifyArgon2(decoy, wellFormed(password)));
    return wrong;
  }

  return {
    hash: (password) =>
      inTurn(() =>
        argon2(wellFormed(password), { memoryCost, timeCost, parallelism, outputLen: outputLength }),
      ),

    async verify(hash, password) {
      const bcryptCost = hash && bcryptHash.exec(hash)?.[1];
      if (bcryptCost) {
        if (Number(bcryptCost) > highestBcryptCost) return pretend(password);
        const valid = await verifyBcrypt(password, hash);
        // bcrypt never saw what lies beyond 72 bytes: a slip there would become the password. Those keep their hash.
        return { valid, rehash: valid && Buffer.byteLength(password) <= longestBcryptPassword };
      }
      const stored = hash && readArgon2(hash);
      if (!stored || stored.memoryCost * stored.timeCost > Math.max(mostWork, memoryCost * timeCost)) {
        return pretend(password);
      }
      const valid = await inTurn(() => verifyArgon2(hash, wellFormed(password)));
      const isStrong = stored.memoryCost >= memoryCost && stored.timeCost >= timeCost;
      return { valid, rehash: valid && !(isStrong && hash.startsWith("$argon2id$v=19$")) };
    },
  };
}

/**
 * What speaks against a new password: its length in code points, the list of common passwords, the account's own address. No rules
 * of composition. Source: ASVS 6.2, NIST SP 800-63B-4 §3.1.1.2.
 */
export function checkPassword(
  password: unknown,
  policy: { readonly minLength: number; readonly maxLength: number },
  context: { readonly email?: string | undefined },
): PasswordProblem[] {
  if (typeof password !== "string" || password.trim() === "") return ["blank"];
  const problems: PasswordProblem[] = [];
  // A code point is at most two units, so what lies beyond twice the maximum need not be counted.
  const length = [...password.slice(0, 2 * policy.maxLength + 1)].length;
  if (length < policy.minLength) problems.push("too_short");
  if (length > policy.maxLength) problems.push("too_long");
  if (isCommonPassword(password) || isOwnAddress(password, context.email)) problems.push("common");
  return problems;
}

function isOwnAddress(password: string, email = ""): boolean {
  const address = email.toLowerCase();
  return [address, address.slice(0, Math.max(address.lastIndexOf("@"), 0))].includes(
    password.trim().toLowerCase(),
  );
}

function readArgon2(hash: string): ParsedHashOptions | undefined {
  try {
    return parseOptions(hash);
  } catch {
    return undefined;
  }
}

// argon2 takes UTF-8, which has no half surrogate pairs: all of them would become one character. JSON keeps them apart, and no
// keyboard types the noncharacter in front.
function wellFormed(password: string): string {
  return /\p{Surrogate}/u.test(password) ? `\uffff${JSON.stringify(password)}` : password;
}

function base64(length: number): string {
  return randomBytes(length).toString("base64").replaceAll("=", "");
}

function createQueue(limit: number): <T>(job: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (job) => {
    if (running < limit) running += 1;
    else await new Promise<void>((start) => waiting.push(start));
    try {
      return await job();
    } finally {
      // The next in line takes this one's place; only without one is a place free.
      const start = waiting.shift();
      if (start) start();
      else running -= 1;
    }
  };
}

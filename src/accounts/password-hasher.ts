import { availableParallelism } from "node:os";
import {
  hash as argon2,
  type ParsedHashOptions,
  parseOptions,
  verify as verifyArgon2,
} from "@node-rs/argon2";
import { verify as verifyBcrypt } from "@node-rs/bcrypt";
import { randomBytes } from "../engine/random.js";
import { createQueue } from "./hashing-queue.js";

/** Cost of one hash, and how many run. Defaults and lower bound for production: 19456 KiB, 2 passes, 1 lane (OWASP; ASVS 11.4.2). */
export interface PasswordHasherOptions {
  readonly memoryCost?: number;
  readonly timeCost?: number;
  readonly parallelism?: number;
  /** How many hashes may run at once. Default: one for each processor, at most three. */
  readonly concurrency?: number;
  /** How many may wait. Default 100: a second or two of work. */
  readonly queueLimit?: number;
  /** Code points of the longest password that an account can have. A longer one is wrong, and no work is done for it. */
  readonly maxLength?: number;
  /** Is told of every hash that is made or verified. */
  readonly observer?: HashingObserver | undefined;
}

/** Runs what waits for its turn. `started` is called when it comes. */
export type HashingObserver = <T>(
  operation: "hash" | "verify",
  run: (started: () => void) => Promise<T>,
) => Promise<T>;

export interface PasswordHasher {
  /** An argon2id hash in PHC format. Every character of the password counts; nothing is normalised or cut off. */
  hash(password: string): Promise<string>;
  /**
   * Checks a password; never throws because of what the database holds. Without a hash it does the work of one all the same, so that
   * an unknown account takes as long as a known one. `rehash` asks the caller to store a new hash of this password, now proven right.
   */
  verify(hash: string | null | undefined, password: string): Promise<PasswordCheck>;
  /** The same for one request: what waits is given up when the client has gone. */
  forRequest(signal: AbortSignal): PasswordHasher;
}

export interface PasswordCheck {
  readonly valid: boolean;
  readonly rehash: boolean;
}

const bcryptHash = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
// Each step of the cost doubles the time: 16 is some 5 s on one thread.
const highestBcryptCost = 16;
const longestBcryptPassword = 72;
// KiB times passes: 2 GiB once is the dearest that RFC 9106 §4 recommends. A damaged hash must not ask for more.
const mostWork = 2 * 1024 * 1024;
const saltLength = 16;
const outputLength = 32;
const wrong: PasswordCheck = { valid: false, rehash: false };

/**
 * Hashes passwords off the main thread, on libuv's pool of four. That pool also reads files and resolves names, and each hash holds
 * `memoryCost`: so only `concurrency` of them run at once, one thread stays free, and a bounded number waits. More than three take a
 * larger UV_THREADPOOL_SIZE. Both methods throw AuthError `overloaded` when too many wait, or when the client has gone.
 *
 * Imported bcrypt hashes (`$2a$`, `$2b$`, `$2y$`, made without a pepper) are verified in the same queue and reported for a rehash.
 * Until then such an account can be told from an unknown one by time.
 */
export function createPasswordHasher(options: PasswordHasherOptions = {}): PasswordHasher {
  const { memoryCost = 19_456, timeCost = 2, parallelism = 1, maxLength = 4096, observer } = options;
  const queue = createQueue(
    options.concurrency ?? Math.min(availableParallelism(), 3),
    options.queueLimit ?? 100,
  );
  // Random bytes in the place of some password's hash: nothing to compute, and nothing that fits.
  const decoy = `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${base64(saltLength)}$${base64(outputLength)}`;
  const isTooLong = (password: string): boolean =>
    // A code point has one or two units, so most lengths are known without counting.
    password.length > 2 * maxLength || (password.length > maxLength && [...password].length > maxLength);

  const hasherFor = (signal: AbortSignal | undefined): PasswordHasher => {
    const inTurn = <T>(operation: "hash" | "verify", job: () => Promise<T>): Promise<T> => {
      if (!observer) return queue(job, signal);
      return observer(operation, (started) =>
        queue(() => {
          started();
          return job();
        }, signal),
      );
    };
    const pretend = async (password: string): Promise<PasswordCheck> => {
      await inTurn("verify", () => verifyArgon2(decoy, wellFormed(password)));
      return wrong;
    };
    return {
      hash: (password) =>
        inTurn("hash", () =>
          argon2(wellFormed(password), { memoryCost, timeCost, parallelism, outputLen: outputLength }),
        ),

      async verify(hash, password) {
        // Says nothing of the account: no password of that length is right for any.
        if (isTooLong(password)) return wrong;
        const bcryptCost = hash && bcryptHash.exec(hash)?.[1];
        if (bcryptCost) {
          if (Number(bcryptCost) > highestBcryptCost) return pretend(password);
          const valid = await inTurn("verify", () => verifyBcrypt(password, hash));
          // bcrypt never saw what lies beyond 72 bytes: a slip there would become the password. Those keep their hash.
          return { valid, rehash: valid && Buffer.byteLength(password) <= longestBcryptPassword };
        }
        const stored = hash && readArgon2(hash);
        if (!stored || stored.memoryCost * stored.timeCost > Math.max(mostWork, memoryCost * timeCost)) {
          return pretend(password);
        }
        const valid = await inTurn("verify", () => verifyArgon2(hash, wellFormed(password)));
        const isStrong = stored.memoryCost >= memoryCost && stored.timeCost >= timeCost;
        return { valid, rehash: valid && !(isStrong && hash.startsWith("$argon2id$v=19$")) };
      },

      forRequest: hasherFor,
    };
  };
  return hasherFor(undefined);
}

/** Whether a text is a hash of a kind that `verify` knows: bcrypt or argon2. */
export function isVerifiable(hash: string): boolean {
  return bcryptHash.test(hash) || readArgon2(hash) !== undefined;
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

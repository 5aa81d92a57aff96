import { stat } from "node:fs/promises";
import { hash as bcrypt } from "bcryptjs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPasswordHasher } from "./password-hasher.js";

// The least that argon2 accepts: what is tested here does not depend on the cost.
const cheap = { memoryCost: 8, timeCost: 1 };
const right = { valid: true, rehash: false };
const wrong = { valid: false, rehash: false };

describe("hashing", () => {
  test("the default is argon2id with 19 MiB, 2 passes and 1 lane (security 27)", async () => {
    expect(await createPasswordHasher().hash("zebra-lantern")).toMatch(
      /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
    );
  });

  test("only the password that was hashed is right", async () => {
    const hasher = createPasswordHasher(cheap);
    const hash = await hasher.hash("zebra-lantern");
    expect(await hasher.verify(hash, "zebra-lantern")).toEqual(right);
    expect(await hasher.verify(hash, "zebra-Lantern")).toEqual(wrong);
    expect(await hasher.verify(hash, "")).toEqual(wrong);
    expect(await hasher.hash("zebra-lantern")).not.toBe(hash);
  });

  test("passwords that differ only past 72 bytes are different (security 25)", async () => {
    const hasher = createPasswordHasher(cheap);
    const hash = await hasher.hash(`${"a".repeat(127)}b`);
    expect(await hasher.verify(hash, `${"a".repeat(127)}b`)).toEqual(right);
    expect(await hasher.verify(hash, `${"a".repeat(127)}c`)).toEqual(wrong);
    expect(await hasher.verify(hash, "a".repeat(127))).toEqual(wrong);
  });

  test("every character counts as it is: forms of unicode, blanks, NUL, halves of a surrogate pair (security 25)", async () => {
    const hasher = createPasswordHasher(cheap);
    const passwords = [
      "é",
      "e\u0301",
      "É",
      " é",
      "é ",
      "é\u0000",
      "\u0000é",
      "\ud800",
      "\ud801",
      "\udc00",
      "\ufffd",
      "\ud800\udc00",
    ];
    for (const password of passwords) {
      const hash = await hasher.hash(password);
      for (const other of passwords) {
        expect((await hasher.verify(hash, other)).valid).toBe(other === password);
      }
    }
  });

  test("any password is right for its own hash, and no other is (security 25)", async () => {
    const hasher = createPasswordHasher(cheap);
    const text = fc.string({ unit: "binary", maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(text, text, async (password, other) => {
        const hash = await hasher.hash(password);
        expect((await hasher.verify(hash, password)).valid).toBe(true);
        expect((await hasher.verify(hash, other)).valid).toBe(other === password);
      }),
    );
  });
});

describe("hashes made with other parameters", () => {
  test.each([
    ["less memory", { memoryCost: 64, timeCost: 2 }, true],
    ["fewer passes", { memoryCost: 128, timeCost: 1 }, true],
    ["the same", { memoryCost: 128, timeCost: 2 }, false],
    ["more", { memoryCost: 256, timeCost: 3 }, false],
  ])("%s: right, rehash %#", async (_, stored, rehash) => {
    const hash = await createPasswordHasher(stored).hash("zebra-lantern");
    const hasher = createPasswordHasher({ memoryCost: 128, timeCost: 2 });
    expect(await hasher.verify(hash, "zebra-lantern")).toEqual({ valid: true, rehash });
    expect(await hasher.verify(hash, "wrong")).toEqual(wrong);
  });

  test("a hash of the argon2 reference implementation, of the kind i, is right and asks for a rehash (security 27)", async () => {
    // From its README: echo -n "password" | ./argon2 somesalt -t 2 -m 16 -p 4 -l 24
    const hash = "$argon2i$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG";
    const hasher = createPasswordHasher(cheap);
    expect(await hasher.verify(hash, "password")).toEqual({ valid: true, rehash: true });
    expect(await hasher.verify(hash, "Password")).toEqual(wrong);
  });
});

describe("imported bcrypt hashes", () => {
  test.each(["$2a$", "$2b$", "$2y$"])(
    "%s is verified, and to be replaced by argon2id (security 27)",
    async (prefix) => {
      const hasher = createPasswordHasher(cheap);
      const hash = (await bcrypt("zebra-lantern", 4)).replace("$2b$", prefix);
      expect(await hasher.verify(hash, "zebra-lantern")).toEqual({ valid: true, rehash: true });
      expect(await hasher.verify(hash, "zebra")).toEqual(wrong);
    },
  );

  test("a hash of the C implementation is right", async () => {
    // From the test vectors of crypt_blowfish.
    const hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    expect(await createPasswordHasher(cheap).verify(hash, "U*U")).toEqual({ valid: true, rehash: true });
  });

  test("a password longer than the 72 bytes that bcrypt saw is accepted, but what was typed does not replace the hash", async () => {
    const hasher = createPasswordHasher(cheap);
    const hash = await bcrypt("ü".repeat(40), 4);
    expect(await hasher.verify(hash, "ü".repeat(40))).toEqual({ valid: true, rehash: false });
    expect(await hasher.verify(hash, "ü".repeat(36))).toEqual({ valid: true, rehash: true });
    expect(await hasher.verify(hash, "ü".repeat(35))).toEqual(wrong);
  });
});

describe("what is not a hash", () => {
  const bcryptOfCost31 = `$2b$31$${"a".repeat(53)}`;
  const hugeArgon2 = `$argon2id$v=19$m=4294967295,t=4294967295,p=1$${"A".repeat(22)}$${"A".repeat(43)}`;

  test.each([
    undefined,
    null,
    "",
    " ",
    "x",
    "$",
    "$2b$",
    "$2b$04$short",
    bcryptOfCost31,
    "$argon2id$",
    hugeArgon2,
    "5f4dcc3b5aa765d61d8327deb882cf99",
  ])("%j is nobody's password, and no error", async (hash) => {
    const hasher = createPasswordHasher(cheap);
    for (const password of ["", "x", "zebra-lantern"])
      expect(await hasher.verify(hash, password)).toEqual(wrong);
  });

  test("a damaged hash never throws and never lets anyone in", async () => {
    const hasher = createPasswordHasher(cheap);
    const hash = await hasher.hash("zebra-lantern");
    const damage = fc.tuple(
      fc.nat(hash.length),
      fc.nat(8),
      fc.string({ unit: "binary-ascii", maxLength: 4 }),
    );
    await fc.assert(
      fc.asyncProperty(damage, async ([at, removed, added]) => {
        const damaged = hash.slice(0, at) + added + hash.slice(at + removed);
        expect((await hasher.verify(damaged, "wrong")).valid).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test("an unknown account costs the same as a wrong password (security 30)", async () => {
    const hasher = createPasswordHasher({ memoryCost: 8192, timeCost: 2 });
    const hash = await hasher.hash("zebra-lantern");
    const durations = new Map<string | undefined, number[]>([
      [hash, []],
      [undefined, []],
      ["garbage", []],
    ]);
    // In turns, so that whatever else the machine does falls on all of them.
    for (let round = 0; round < 15; round += 1) {
      for (const [stored, list] of durations) {
        const started = performance.now();
        await hasher.verify(stored, "wrong");
        list.push(performance.now() - started);
      }
    }
    const [known = 0, unknown = 0, garbage = 0] = [...durations.values()].map(
      (list) => list.sort((a, b) => a - b)[7],
    );
    expect(unknown / known).toBeGreaterThan(0.5);
    expect(unknown / known).toBeLessThan(2);
    expect(garbage / known).toBeGreaterThan(0.5);
    expect(garbage / known).toBeLessThan(2);
  });
});

describe("many at once", () => {
  test("hashing leaves the main thread free", async () => {
    const hashing = createPasswordHasher({ memoryCost: 65_536, timeCost: 3 }).hash("x");
    const pause = new Promise<string>((resolve) => setTimeout(() => resolve("a timer"), 1));
    expect(await Promise.race([hashing, pause])).toBe("a timer");
    await hashing;
  });

  test("no more than `concurrency` run at once, in order, and a failed one gives its place to the next", async () => {
    const hasher = createPasswordHasher({ memoryCost: 1, timeCost: 1, concurrency: 1 });
    const failures = await Promise.allSettled(Array.from({ length: 5 }, () => hasher.hash("x")));
    expect(failures.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => "rejected"));
    const finished: string[] = [];
    const one = createPasswordHasher({ memoryCost: 1024, timeCost: 1, concurrency: 1 });
    const hashing = ["first", "second", "third", "fourth"].map((place) =>
      one.hash("x").then(() => finished.push(place)),
    );
    await hashing[0];
    // A place was handed on, not set free: who comes now stands behind the others.
    await Promise.all([...hashing, one.hash("x").then(() => finished.push("late"))]);
    expect(finished).toEqual(["first", "second", "third", "fourth", "late"]);
  });

  test("imported bcrypt hashes stand in the same queue, and leave the main thread free (security 50)", async () => {
    const hasher = createPasswordHasher({ ...cheap, concurrency: 1 });
    const hash = await bcrypt("zebra-lantern", 10);
    const order: string[] = [];
    let ticks = 0;
    const clock = setInterval(() => ticks++, 2);
    await Promise.all([
      hasher.verify(hash, "wrong").then(() => order.push("bcrypt")),
      hasher.hash("x").then(() => order.push("argon2")),
      hasher.verify(hash, "wrong").then(() => order.push("bcrypt again")),
    ]);
    clearInterval(clock);
    expect(order).toEqual(["bcrypt", "argon2", "bcrypt again"]);
    expect(ticks).toBeGreaterThan(5);
  });

  test("past the limit of the queue a password is not hashed: overloaded, 503 (security 50)", async () => {
    const hasher = createPasswordHasher({ ...cheap, concurrency: 1, queueLimit: 2 });
    const all = Array.from({ length: 5 }, () => hasher.verify(undefined, "x"));
    const settled = await Promise.allSettled(all);
    expect(settled.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
    ]);
    await expect(all[4]).rejects.toMatchObject({ code: "overloaded", status: 503 });
  });

  test("a client that has gone leaves the queue, whatever hash its account has (security 50)", async () => {
    const hasher = createPasswordHasher({ ...cheap, concurrency: 1 });
    const imported = await bcrypt("x", 4);
    const running = hasher.hash("x");
    const client = new AbortController();
    const own = hasher.forRequest(client.signal);
    const waiting = [own.hash("x"), own.verify(undefined, "x"), own.verify(imported, "x")];
    client.abort();
    for (const one of await Promise.allSettled(waiting)) expect(one.status).toBe("rejected");
    await running;
    expect(await hasher.verify(undefined, "x")).toEqual(wrong);
  });

  test.each(["x".repeat(129), "🦓".repeat(129), "x".repeat(1_000_000)])(
    "a password past the maximum is wrong at once, and does not enter the queue (%#)",
    async (password) => {
      const hasher = createPasswordHasher({ ...cheap, concurrency: 1, queueLimit: 0, maxLength: 128 });
      const running = hasher.hash("x");
      expect(await hasher.verify(undefined, password)).toEqual(wrong);
      expect(await hasher.verify(await bcrypt("x", 4), password)).toEqual(wrong);
      await running;
      expect((await hasher.verify(await hasher.hash("🦓".repeat(128)), "🦓".repeat(128))).valid).toBe(true);
    },
  );

  test("files can be read while passwords wait in line", async () => {
    const hasher = createPasswordHasher({ memoryCost: 19_456, timeCost: 2, concurrency: 3 });
    let hashed = 0;
    const hashing = Array.from({ length: 24 }, () =>
      hasher.hash("x").then(() => {
        hashed += 1;
      }),
    );
    await stat(import.meta.filename);
    expect(hashed).toBeLessThan(12);
    await Promise.all(hashing);
    expect(hashed).toBe(24);
  });
});

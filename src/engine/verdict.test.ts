import { describe, expect, test } from "vitest";
import type { RotationState } from "../database/port.js";
import { hashSecret, nextSecret, type RawToken, type Secret, type VerifiedToken } from "./token.js";
import { judge, type RotationSettings, type Verdict } from "./verdict.js";

/** `docs/rotation.md` says what a token is worth in a table. One test for each of its rows, under each setting. */

const window = 5000;
const rotatedAt = 1_767_225_600_000;
const expiresAt = rotatedAt + 3_600_000;
const nonces = ["first", "second", "third"].map((name) => Buffer.alloc(16, name).toString("base64url"));

// The session of these tests has rotated three times.
const secrets: Secret[] = [Buffer.alloc(32, 3) as Secret];
for (const nonce of nonces) secrets.push(nextSecret(secrets.at(-1) ?? (Buffer.alloc(32) as Secret), nonce));
const secretOf = (generation: number): Secret => secrets[generation] ?? (Buffer.alloc(32, 1) as Secret);
const n = 3;
const state: RotationState = {
  generation: n,
  tokenHash: hashSecret(secretOf(n)),
  nonce: nonces[2] ?? null,
  previousNonce: nonces[1] ?? null,
  rotatedAt,
  windowExtendedUntil: 0,
  expiresAt,
};

const token = (generation: number, secret = secretOf(generation)): VerifiedToken => ({
  raw: "raw" as RawToken,
  generation,
  began: 0, // A hint that judge never looks at: only the row decides.
  secret,
});
const expire: RotationSettings = {
  changeHeadersOnEachRequest: true,
  batchRequestBufferThrottle: window,
  lostResponses: "expire",
  tokenLifespan: 3_600_000,
  idleTimeout: null,
};
const recover: RotationSettings = { ...expire, lostResponses: "recover" };
const modes = [
  ["expire", expire],
  ["recover", recover],
] as const;

const inside = rotatedAt + window - 1;
const outside = rotatedAt + window;
const batch: Verdict = { kind: "accept", secret: secretOf(n), batch: true };
const refused = (reason: string): unknown => ({ kind: "refuse", reason });

test("an idle timeout ends a session by its last rotation, however far rotations have pushed its expiry", () => {
  const idle = { ...expire, idleTimeout: 60_000 };
  expect(judge(token(n), state, rotatedAt + 59_999, idle)).toEqual({ kind: "rotate" });
  expect(judge(token(n), state, rotatedAt + 60_000, idle)).toEqual(refused("expired"));
});

describe.each(modes)("with lostResponses: %j", (mode, settings) => {
  const at = (now: number, generation: number, changed: Partial<RotationState> = {}): Verdict =>
    judge(token(generation), { ...state, ...changed }, now, settings);

  test("m = n rotates once the window has passed since the last rotation", () => {
    expect(at(outside, n)).toEqual({ kind: "rotate" });
    expect(at(expiresAt - 1, n)).toEqual({ kind: "rotate" });
  });

  test("m = n inside the window is accepted with a batch answer, up to its last millisecond", () => {
    expect(at(rotatedAt, n)).toEqual(batch);
    expect(at(inside, n)).toEqual(batch);
  });

  test("m = n is accepted while the database's clock stands before the rotation", () => {
    expect(at(rotatedAt - 60_000, n)).toEqual(batch);
  });

  test("m = n-1 inside the window is accepted with a batch answer that holds the current secret", () => {
    expect(at(rotatedAt, n - 1)).toEqual(batch);
    expect(at(inside, n - 1)).toEqual(batch);
  });

  test("m = n-1 after the window is a batch answer while a slow request holds it, and no longer", () => {
    expect(at(outside + 60_000, n - 1, { windowExtendedUntil: outside + 60_001 })).toEqual(batch);
    expect(at(outside + 60_000, n - 1, { windowExtendedUntil: outside + 60_000 })).not.toEqual(batch);
  });

  test("m = n-1 after the window: expire refuses it as late, recover answers with T(n) (security 6, 8)", () => {
    const lost = mode === "recover" ? { kind: "accept", secret: secretOf(n), batch: false } : refused("late");
    expect(at(outside, n - 1)).toEqual(lost);
    expect(at(expiresAt - 1, n - 1)).toEqual(lost);
  });

  test("m = n-2 inside the window: expire refuses it as late and never as reused, recover accepts it (security 6)", () => {
    const underWay = mode === "recover" ? batch : refused("late");
    expect(at(rotatedAt, n - 2)).toEqual(underWay);
    expect(at(inside, n - 2)).toEqual(underWay);
  });

  test("m = n-2 after the window is reused, also while a slow request holds n-1", () => {
    expect(at(outside, n - 2)).toEqual(refused("reused"));
    expect(at(outside, n - 2, { windowExtendedUntil: expiresAt })).toEqual(refused("reused"));
  });

  test("anything older is reused, inside the window or not (security 9)", () => {
    expect(at(rotatedAt, n - 3)).toEqual(refused("reused"));
    expect(at(outside, n - 3)).toEqual(refused("reused"));
    expect(at(inside, 0, { generation: 100 })).toEqual(refused("reused"));
  });

  test("m > n is ahead: the database was restored", () => {
    expect(at(inside, n + 1)).toEqual(refused("ahead"));
    expect(at(outside, n + 100)).toEqual(refused("ahead"));
  });

  test("nothing is accepted once the session has expired, whatever its generation (security 4, 11)", () => {
    for (const generation of [n, n - 1, n - 2, n - 3, n + 1]) {
      expect(
        at(expiresAt, generation, { rotatedAt: expiresAt - 1, windowExtendedUntil: expiresAt + 9 }),
      ).toEqual(refused("expired"));
    }
  });

  test("a token with the right number and another secret is forged (security 3)", () => {
    const judged = (generation: number, now: number): Verdict =>
      judge(token(generation, Buffer.alloc(32, 4) as Secret), state, now, settings);
    expect(judged(n, inside)).toEqual(refused("forged"));
    expect(judged(n, outside)).toEqual(refused("forged"));
    expect(judged(n - 1, inside)).toEqual(refused("forged"));
    expect(judged(n - 1, outside)).toEqual(refused("forged"));
    expect(judged(n - 2, inside)).toEqual(refused("reused"));
  });

  test("a secret is good for its own number only", () => {
    expect(judge(token(n, secretOf(n - 1)), state, inside, settings)).toEqual(refused("forged"));
    expect(judge(token(n - 1, secretOf(n)), state, inside, settings)).toEqual(refused("forged"));
    expect(judge(token(n - 2, secretOf(n - 1)), state, inside, settings)).toEqual(refused("reused"));
  });

  test("a predecessor proves nothing where the chain was broken on purpose", () => {
    expect(at(inside, n - 1, { nonce: null })).toEqual(refused("late"));
    expect(at(inside, n - 2, { nonce: null })).toEqual(refused("late"));
    expect(at(inside, n - 2, { previousNonce: null })).toEqual(refused("late"));
    expect(at(outside, n - 2, { nonce: null })).toEqual(refused("reused"));
    expect(at(outside, n - 2, { previousNonce: null })).toEqual(refused("reused"));
    expect(at(inside, n - 3, { nonce: null })).toEqual(refused("reused"));
  });

  test("changeHeadersOnEachRequest: false accepts the current token as it is and never rotates", () => {
    const fixed = { ...settings, changeHeadersOnEachRequest: false };
    const same = { kind: "accept", secret: secretOf(n), batch: false };
    expect(judge(token(n), state, inside, fixed)).toEqual(same);
    expect(judge(token(n), state, outside, fixed)).toEqual(same);
    expect(judge(token(n), state, expiresAt, fixed)).toEqual(refused("expired"));
  });

  test("a window of nothing: the current token rotates at once, the last one has no moment of grace", () => {
    const none = { ...settings, batchRequestBufferThrottle: 0 };
    expect(judge(token(n), state, rotatedAt, none)).toEqual({ kind: "rotate" });
    expect(judge(token(n - 1), state, rotatedAt, none)).toMatchObject(
      mode === "recover" ? { kind: "accept", batch: false } : { reason: "late" },
    );
    expect(judge(token(n - 2), state, rotatedAt, none)).toEqual(refused("reused"));
  });
});

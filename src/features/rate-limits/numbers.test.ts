import { afterEach, describe, expect, test } from "vitest";
import { callersOf } from "../../../test/fixtures/callers.js";
import { bodyOf, password, silent } from "../../../test/fixtures/http.js";
import type { Settings } from "../../config/config.js";
import { credentialsOf, testAuth } from "../../testing/testing.js";
import { type RateLimitName, rateLimitNames } from "./settings.js";

/** Each limit by itself, with the number that it begins with: how much passes, what the refusal says, and that it says the truth. */

const models = { user: { mountAt: "/auth", confirmable: false, reconfirmable: true } } as const;
const redirect_url = "http://localhost:5173/";
const email = "ada@example.com";
let close = async (): Promise<void> => undefined;
afterEach(() => close());

async function start(settings: Partial<Settings>) {
  const t = await testAuth({ rateLimits: true, logger: silent, models, ...settings });
  close = () => t.auth.close();
  const from = callersOf(t.auth);
  const held = credentialsOf(await from("198.51.100.7", "POST /auth", { email, password }));
  return { ...t, from, held };
}
type Started = Awaited<ReturnType<typeof start>>;

const guesser = "192.0.2.1";
const signIn = ({ from }: Started, peer: string, address: string) =>
  from(peer, "POST /auth/sign_in", { email: address, password: "wrong violet hour" });
const reset = ({ from }: Started, peer: string, address: string) =>
  from(peer, "POST /auth/password", { email: address, redirect_url });
const elsewhere = (i: number) => `203.0.113.${i}`;
const nobody = (i: number) => `nobody${i}@example.com`;
const minute = 60;
const hour = 60 * minute;

type Try = (t: Started, i: number) => Promise<Response>;
const byAddress: Try = (t, i) => signIn(t, guesser, nobody(i));
const resetByAddress: Try = (t, i) => reset(t, guesser, nobody(i));
const resetOfOne: Try = (t, i) => reset(t, elsewhere(i), email);
const limits: readonly (readonly [name: RateLimitName, limit: number, seconds: number, attempt: Try])[] = [
  ["signInsByAddress", 100, minute, byAddress],
  ["signInFailuresByAddress", 10, minute, byAddress],
  ["signInFailuresByAddressLong", 100, hour, byAddress],
  // The first of the pauses.
  ["signInFailuresByAddressAndAccount", 5, 1, (t) => signIn(t, guesser, email)],
  ["signInFailuresByAccount", 100, hour, (t, i) => signIn(t, elsewhere(i), email)],
  [
    "registrationsByAddress",
    30,
    hour,
    ({ from }, i) => from(guesser, "POST /auth", { email: nobody(i), password }),
  ],
  ["mailRequestsByAddress", 10, minute, resetByAddress],
  ["mailRequestsByAddressLong", 30, hour, resetByAddress],
  ["mailsByRecipient", 1, minute, resetOfOne],
  ["mailsByRecipientLong", 3, hour, resetOfOne],
  ["mailsByRecipientDay", 6, 24 * hour, resetOfOne],
  ["linksByAddress", 20, minute, ({ from }) => from(guesser, "GET /auth/confirmation?confirmation_token=x")],
  [
    "emailChangesByAccount",
    5,
    hour,
    ({ from, held }, i) => from(elsewhere(i), "PUT /auth", { email: nobody(i) }, held),
  ],
  [
    "currentPasswordFailures",
    5,
    10 * minute,
    ({ from, held }, i) =>
      from(
        elsewhere(i),
        "PUT /auth",
        {
          password: "next violet hour",
          password_confirmation: "next violet hour",
          current_password: "wrong",
        },
        held,
      ),
  ],
];
/** known-devices.test.ts, omniauthable/limits.test.ts and notices.test.ts have what these need. */
const testedElsewhere = [
  "signInFailuresByKnownDevice",
  "providerStartsByAddress",
  "noticesByRecipient",
  "noticesByRecipientDay",
];

test("there is no limit without its number", () => {
  expect([...limits.map(([name]) => name), ...testedElsewhere].toSorted()).toEqual(rateLimitNames.toSorted());
});

const without = (...kept: readonly string[]) =>
  Object.fromEntries(rateLimitNames.filter((name) => !kept.includes(name)).map((name) => [name, false]));

// A hundred passwords are looked at for some of them.
describe.each(limits)("%s (cases 6, 14)", { timeout: 120_000 }, (name, limit, seconds, attempt) => {
  test(`${limit} pass, and the next is refused until it would pass`, async () => {
    const t = await start({ rateLimitRules: without(name) });
    for (let i = 0; i < limit; i++) expect((await attempt(t, i)).status).not.toBe(429);
    const refused = await attempt(t, limit);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, String(seconds)]);
    expect((await bodyOf(refused)).code).toBe("too_many_requests");
    expect(refused.headers.get("ratelimit")).toBe(`"${name}";r=0;t=${seconds}`);
    expect(refused.headers.get("ratelimit-policy")).toMatch(new RegExp(`^"${name}";q=${limit};w=\\d+$`));
    for (const header of ["access-token", "client", "authorization"])
      expect(refused.headers.get(header)?.trim()).not.toBe("");
    for (const header of ["x-ratelimit-limit", "ratelimit-limit", "ratelimit-reset"])
      expect(refused.headers.has(header)).toBe(false);
    const met = t.events.filter((event) => event.name === "limit.met");
    expect(met).toEqual([expect.objectContaining({ reason: name })]);
    // Rounded up, and at least 1: whoever waits for so long is not refused again.
    t.clock.forward(seconds * 1000 - 1);
    const still = await attempt(t, limit + 1);
    expect([still.status, still.headers.get("retry-after")]).toEqual([429, "1"]);
    t.clock.forward(1);
    expect((await attempt(t, limit + 2)).status).not.toBe(429);
  });
});

test("of several limits that are met, the wait is the longest (case 14)", async () => {
  const t = await start({
    rateLimitRules: {
      ...without("mailRequestsByAddress", "mailRequestsByAddressLong"),
      mailRequestsByAddress: { limit: 2, per: "1m" },
      mailRequestsByAddressLong: { limit: 2, per: "1h" },
    },
  });
  for (let i = 0; i < 2; i++) await resetByAddress(t, i);
  expect((await resetByAddress(t, 2)).headers.get("retry-after")).toBe("3600");
});

test("an interval across the turn of a window has twice the number less one at most (case 11)", async () => {
  const t = await start({ rateLimitRules: without("mailRequestsByAddress") });
  const passed = async (times: number) => {
    let count = 0;
    for (let i = 0; i < times; i++) if ((await resetByAddress(t, i)).status !== 429) count++;
    return count;
  };
  expect(await passed(1)).toBe(1);
  t.clock.forward("59s");
  const before = await passed(20);
  t.clock.forward("1s");
  const after = await passed(20);
  expect(before + after).toBe(2 * 10 - 1);
});

test.each([
  [64, "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", 429],
  [64, "2001:db8:1:2::1", "2001:db8:1:3::1", 404],
  [56, "2001:db8:1:1200::1", "2001:db8:1:12ff::1", 429],
  [48, "2001:db8:1:ffff::1", "2001:0DB8:0001::1", 429],
  [48, "2001:db8:1::1", "2001:db8:2::1", 404],
  // An IPv4 address in an IPv6 one is itself: all of IPv4 would be one otherwise.
  [64, "::ffff:192.0.2.1", "::ffff:192.0.2.2", 404],
  [64, "::ffff:192.0.2.1", "192.0.2.1", 429],
  [64, "::FFFF:c000:201", "192.0.2.1", 429],
] as const)("rateLimitIpv6Prefix %s: after %s, %s gets %s (case 3)", async (prefix, one, other, status) => {
  const rateLimitRules = {
    ...without("mailRequestsByAddress"),
    mailRequestsByAddress: { limit: 1, per: "1m" },
  };
  const t = await start({ rateLimitIpv6Prefix: prefix, rateLimitRules } as Partial<Settings>);
  expect((await reset(t, one, nobody(1))).status).toBe(404);
  expect((await reset(t, other, nobody(2))).status).toBe(status);
});

test("an account's limit is not prolonged by what is refused meanwhile (case 5)", async () => {
  const rateLimitRules = {
    ...without("signInFailuresByAccount"),
    signInFailuresByAccount: { limit: 3, per: "1h" },
  };
  const t = await start({ rateLimitRules } as Partial<Settings>);
  for (let i = 0; i < 3; i++) await signIn(t, elsewhere(i), email);
  for (const left of [3600, 1800, 1]) {
    t.clock.now = Date.UTC(2026, 0, 1) + (3600 - left) * 1000;
    expect((await signIn(t, guesser, email)).headers.get("retry-after")).toBe(String(left));
  }
});

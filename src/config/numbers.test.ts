import { expect, test } from "vitest";
import { sqlite } from "../database/sqlite/sqlite.js";
import { resolveConfig } from "./resolve.js";

const minute = 60_000;
const day = 24 * 60 * minute;

// features/rate-limits/numbers.test.ts has the numbers of the limits themselves.
test.each<[string, unknown]>([
  ["maximumAttempts", 20],
  ["unlockIn", 60 * minute],
  ["unlockStrategy", "both"],
  ["unlockLinkWithin", day],
  ["rateLimitStore", "memory"],
  ["rateLimitStoreTimeout", 250],
  ["whenRateLimitStoreIsAway", "memory"],
  ["rateLimitIpv6Prefix", 64],
  [
    "auditLog",
    { attemptsFor: 90 * day, changesFor: 365 * day, addressesFor: 90 * day, maximumRows: 5_000_000 },
  ],
])("the number that %s begins with", (name, value) => {
  const resolved = resolveConfig({
    baseUrl: "http://localhost:3000",
    environment: "test",
    database: sqlite(":memory:"),
    models: { user: { mountAt: "/auth" } },
    auditLog: true,
  });
  expect(Object.fromEntries(Object.entries(resolved))[name]).toEqual(value);
});

import { expect, expectTypeOf, test } from "vitest";
import type { AccountFunctions } from "./account-functions.js";
import type { ModelsConfig } from "./accounts/models.js";
import { createAuth } from "./auth.js";
import { testAuth } from "./testing/testing.js";

test("while the database is away a browser can read the refusal, and its preflight is answered (security 47)", async () => {
  const auth = createAuth({
    baseUrl: "http://localhost:3000",
    database: { connect: async () => Promise.reject(new Error("no route to host")) },
    models: { user: { mountAt: "/auth" } },
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  const headers = { origin: "http://localhost:5173" };
  const ask = (path: string, method: string) =>
    auth.handle(new Request(`http://localhost:3000${path}`, { method, headers }));
  const refused = await ask("/auth/sign_in", "POST");
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(refused.headers.get("access-control-allow-origin")).toBe(headers.origin);
  expect((await ask("/nothing", "GET")).headers.get("access-control-allow-origin")).toBe(headers.origin);
  const preflight = await ask("/auth/sign_in", "OPTIONS");
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-headers")).toContain("access-token");
});

test("an editor offers what apps call, and nothing else", async () => {
  const { auth } = await testAuth();
  expect(Object.keys(auth).sort()).toEqual([
    "buildAuthHeaders",
    "close",
    "createNewAuthToken",
    "deleteAccount",
    "disableAccount",
    "enableAccount",
    "endAllSessions",
    "endSessions",
    "findAccount",
    "findAccountByEmail",
    "handle",
    "listSessions",
    "providerToken",
    "ready",
    "unlockAccount",
    "validToken",
  ]);
  expectTypeOf<Exclude<keyof typeof auth, symbol | "~models">>().toEqualTypeOf<
    Exclude<keyof AccountFunctions<ModelsConfig>, symbol> | "ready" | "close" | "handle"
  >();
  await auth.close();
});

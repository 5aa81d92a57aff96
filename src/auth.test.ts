import { expect, expectTypeOf, test } from "vitest";
import type { TokenFunctions } from "./account-functions/tokens.js";
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
  expect(refused.headers.get("retry-after")).toMatch(/^[2-5]$/);
  expect(refused.headers.get("access-control-allow-origin")).toBe(headers.origin);
  expect((await ask("/nothing", "GET")).headers.get("access-control-allow-origin")).toBe(headers.origin);
  const preflight = await ask("/auth/sign_in", "OPTIONS");
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-headers")).toContain("access-token");
});

test("an editor offers what apps call, and nothing else", async () => {
  const { auth } = await testAuth();
  expect(Object.keys(auth).sort()).toEqual([
    "accounts",
    "auditLog",
    "buildAuthHeaders",
    "close",
    "createNewAuthToken",
    "handle",
    "providerToken",
    "readiness",
    "ready",
    "validToken",
  ]);
  expect(Object.keys(auth.accounts).sort()).toEqual([
    "confirm",
    "create",
    "createInvitation",
    "createPasswordLink",
    "delete",
    "disable",
    "enable",
    "endAllSessions",
    "endSessions",
    "find",
    "findByEmail",
    "forgetKnownDevices",
    "list",
    "listKnownDevices",
    "listSessions",
    "mailInvitation",
    "mailPasswordLink",
    "setPassword",
    "state",
    "unlock",
    "update",
    "withdrawInvitation",
  ]);
  expectTypeOf<Exclude<keyof typeof auth, symbol | "~models">>().toEqualTypeOf<
    keyof TokenFunctions<ModelsConfig> | "accounts" | "auditLog" | "ready" | "readiness" | "close" | "handle"
  >();
  await auth.close();
});

import { expect, onTestFinished, test } from "vitest";
import { ada, password, silent } from "../../../test/fixtures/http.js";
import type { Settings } from "../../config/config.js";
import { internals } from "../../internals.js";
import { credentialsOf, testAuth } from "../../testing/testing.js";

const models = {
  user: { mountAt: "/auth", confirmable: false },
  admin: { mountAt: "/admin_auth", confirmable: false, timeoutIn: "15m", sessionsEndAfter: "8h" },
  robot: { mountAt: "/robots", confirmable: false, timeoutIn: null, sessionsEndAfter: null },
} as const;
const minute = 60;
const hour = 60 * minute;

async function start(settings: Partial<Settings> = {}) {
  const t = await testAuth({ models, logger: silent, ...settings });
  onTestFinished(() => t.auth.close());
  const signUp = async (mountAt: string) => credentialsOf(await t.request(`POST ${mountAt}`, { body: ada }));
  /** Shows the newest token after some time; returns what is held then, `undefined` after a 401. */
  const use = async (mountAt: string, held: Record<string, string>, after: string) => {
    t.clock.forward(after);
    const response = await t.request(`GET ${mountAt}/validate_token`, { headers: held });
    return response.status === 200 ? credentialsOf(response, held) : undefined;
  };
  const secondsLeft = (held: Record<string, string> = {}) => Number(held["expiry"]) - t.clock.now / 1000;
  return { ...t, signUp, use, secondsLeft };
}

test("a model's own timeoutIn ends its sessions that nobody uses, and no other model's", async () => {
  const { signUp, use, secondsLeft, events } = await start();
  const [user, admin] = [await signUp("/auth"), await signUp("/admin_auth")];
  expect([secondsLeft(user), secondsLeft(admin)]).toEqual([14 * 24 * hour, 15 * minute]);
  const used = await use("/admin_auth", admin, "14m");
  expect(secondsLeft(used)).toBe(15 * minute);
  expect(await use("/admin_auth", used ?? {}, "15m")).toBeUndefined();
  expect(events.at(-1)).toMatchObject({ name: "session.expired", model: "admin" });
  expect(await use("/auth", user, "1d")).toBeDefined();
});

test("a model's own sessionsEndAfter ends its sessions, however much they are used", async () => {
  const { signUp, use, secondsLeft, clock } = await start();
  let admin = await signUp("/admin_auth");
  const end = clock.now / 1000 + 8 * hour;
  for (let passed = 10; passed < 8 * 60; passed += 10) {
    const next = await use("/admin_auth", admin, "10m");
    expect(Number(next?.["expiry"])).toBeLessThanOrEqual(end);
    admin = next ?? {};
  }
  expect(secondsLeft(admin)).toBeLessThanOrEqual(10 * minute);
  expect(await use("/admin_auth", admin, "10m")).toBeUndefined();
});

test("the header says the earlier of the two ends", async () => {
  const { signUp, use, secondsLeft } = await start({ idleTimeout: "20m", sessionLifetime: "30m" });
  const user = await signUp("/auth");
  expect(secondsLeft(user)).toBe(20 * minute);
  const later = await use("/auth", user, "19m");
  expect(secondsLeft(later)).toBeLessThanOrEqual(11 * minute);
  // A second is kept free for each rotation that can still come.
  expect(secondsLeft(later)).toBeGreaterThan(8 * minute);
});

test("null takes an end of the settings away from one model", async () => {
  const { signUp, use } = await start({ idleTimeout: "20m", sessionLifetime: "1d" });
  const [user, robot] = [await signUp("/auth"), await signUp("/robots")];
  expect(await use("/auth", user, "20m")).toBeUndefined();
  expect(await use("/robots", robot, "13d")).toBeDefined();
});

test("a new password keeps the model's ends", async () => {
  const { signUp, use, request, clock, secondsLeft } = await start();
  const admin = await signUp("/admin_auth");
  clock.forward("10m");
  const next = "another violet hour";
  const body = { current_password: password, password: next, password_confirmation: next };
  const changed = credentialsOf(await request("PUT /admin_auth/password", { body, headers: admin }));
  expect(secondsLeft(changed)).toBe(15 * minute);
  expect(await use("/admin_auth", changed, "15m")).toBeUndefined();
});

test("a session that a reset link has opened has the model's ends once the password is set", async () => {
  const { signUp, use, request, linkTo, auth, secondsLeft } = await start();
  await signUp("/admin_auth");
  const redirect_url = "http://localhost:5173/";
  await request("POST /admin_auth/password", { body: { email: ada.email, redirect_url } });
  const link = await auth.handle(new Request(linkTo(ada.email)));
  const { searchParams } = new URL(link.headers.get("location") ?? "");
  const headers = {
    "access-token": searchParams.get("token") ?? "",
    client: searchParams.get("client_id") ?? "",
    uid: ada.email,
  };
  const next = "another violet hour";
  const body = { password: next, password_confirmation: next };
  const changed = credentialsOf(await request("PUT /admin_auth/password", { body, headers }));
  expect(secondsLeft(changed)).toBe(15 * minute);
  expect(await use("/admin_auth", changed, "15m")).toBeUndefined();
});

test("in a group each member keeps its own ends", async () => {
  const t = await testAuth({ models, groups: { member: ["user", "admin"] } });
  onTestFinished(() => t.auth.close());
  const [user, admin] = [
    credentialsOf(await t.request("POST /auth", { body: ada })),
    credentialsOf(await t.request("POST /admin_auth", { body: ada })),
  ];
  t.clock.forward("15m");
  const ask = async (held: Record<string, string>) => {
    const head = { method: "GET", url: "/", peer: undefined, header: (name: string) => held[name] };
    return (await t.auth[internals].authenticate("member", head)).authentication?.model.name;
  };
  expect([await ask(user), await ask(admin)]).toEqual(["user", undefined]);
});

test.each([
  ["15s", { batchRequestBufferThrottle: "15s" }, "must be longer than batchRequestBufferThrottle"],
  ["15m", { changeHeadersOnEachRequest: false }, "needs changeHeadersOnEachRequest"],
  ["soon", {}, "must be null or a duration"],
  ["0s", {}, "must be longer than nothing"],
] as const)("timeoutIn %s with %j is a mistake", async (timeoutIn, settings, problem) => {
  const wrong = testAuth({ models: { admin: { mountAt: "/auth", timeoutIn } }, ...settings });
  await expect(wrong).rejects.toThrow(`models.admin.timeoutIn: ${problem}`);
});

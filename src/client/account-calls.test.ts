import { describe, expect, expectTypeOf, onTestFinished, test } from "vitest";
import { createBrowser, openServer, person, turns } from "../../test/fixtures/client-world.js";
import { startAuth } from "../../test/fixtures/http.js";
import { type ErrorCode, errorTable } from "../errors.js";
import { createClientIn } from "./create-client.js";
import { isKeyturnError, KeyturnError, type ServerErrorCode } from "./errors.js";

/** A page of a model that confirms addresses, whose links can be followed. */
async function confirmable(settings: Parameters<typeof startAuth>[0] = {}) {
  const server = await startAuth({
    lostResponses: "recover",
    redirectAllowlist: ["http://localhost:5173/*"],
    ...settings,
  });
  onTestFinished(() => server.auth.close());
  const calls: string[] = [];
  const answer = async (request: Request): Promise<Response> => {
    calls.push(`${request.method} ${new URL(request.url).pathname}`);
    return server.auth.handle(request);
  };
  const browser = createBrowser({ ...server, calls, answer } as unknown as Parameters<
    typeof createBrowser
  >[0]);
  const follow = async (address: string): Promise<string> => {
    const response = await server.auth.handle(new Request(server.linkTo(address)));
    return response.headers.get("location") ?? "";
  };
  return { server, browser, calls, follow };
}

describe("the life of an account", () => {
  test("register, resend, confirm by the link, sign in, change, list devices, delete", async () => {
    const { browser, follow, calls } = await confirmable();
    const tab = browser.openTab({}, "http://localhost:5173/welcome?theme=dark#top");
    const client = tab.client();
    const events: string[] = [];
    for (const name of ["registered", "confirmed", "signed-in", "signed-out", "account-updated"] as const)
      client.on(name, () => void events.push(name));
    const registered = await client.register({ ...person, name: "Ada" });
    expect(registered).toMatchObject({ signedIn: false, account: { name: "Ada" } });
    await client.resendConfirmation({ email: person.email });
    await expect(client.signIn(person)).rejects.toMatchObject({ code: "unconfirmed", status: 401 });

    const landing = browser.openTab({}, await follow(person.email));
    const arrived = landing.client();
    const confirmed: unknown[] = [];
    arrived.on("confirmed", ({ ok }) => confirmed.push(ok));
    await turns();
    expect(arrived.arrival).toEqual({ kind: "confirmed", ok: true });
    expect(confirmed).toEqual([true]);
    expect(landing.globals.location?.href).toBe("http://localhost:5173/welcome");

    const form = new FormData();
    for (const [name, value] of Object.entries(person)) form.set(name, value);
    expect(await client.signIn(form)).toMatchObject({ email: person.email });
    expect(await client.updateAccount({ name: "Augusta" })).toMatchObject({ name: "Augusta" });
    const [device] = await client.sessions();
    expect(device).toMatchObject({ current: true });
    expect(await client.endOtherSessions()).toBe(0);
    await expect(client.endSession("no/such")).rejects.toMatchObject({ code: "session_not_found" });
    await client.deleteAccount();
    expect(client.state.status).toBe("signed-out");
    await expect(client.updateAccount({ name: "x" })).rejects.toMatchObject({ code: "signed_out" });
    expect(events).toEqual(["registered", "signed-in", "account-updated", "signed-out"]);
    expect(calls).not.toContain("PUT /auth/");
  });

  test.each([true, false])(
    "a new password by a link (requireClientPasswordResetToken: %s)",
    async (required) => {
      const { server, browser, follow } = await confirmable({ requireClientPasswordResetToken: required });
      await browser.openTab().client().register(person);
      await follow(person.email);
      await browser.openTab().client().requestPasswordReset({ email: person.email });
      const url = `${await follow(person.email)}`;
      const landing = browser.openTab({}, url);
      const client = landing.client();
      const ready: unknown[] = [];
      client.on("password-reset-ready", ({ ok }) => ready.push(ok));
      await turns();
      expect([ready, client.arrival]).toEqual([[true], { kind: "password-reset-ready", ok: true }]);
      expect(landing.globals.location?.href).toBe("http://localhost:5173/");
      expect(client.state.status).toBe("signed-out");
      await expect(client.resetPassword({ password: "short" })).rejects.toMatchObject({
        code: "invalid",
        codes: { password: ["too_short"] },
      });
      await client.resetPassword({ password: "another violet hour" });
      expect(client.state.status).toBe("signed-in");
      expect(await client.validate()).toMatchObject({ email: person.email });
      expect(await server.auth.accounts.listSessions("user", 1)).toHaveLength(1);
      const used = browser.openTab({}, await follow(person.email).catch(() => url));
      expect(used.client({ storage: "memory" }).arrival?.kind).toBe("password-reset-ready");
    },
  );

  test("ending one's own session in the list of devices signs out", async () => {
    const server = await openServer();
    const client = createBrowser(server).openTab().client();
    await client.signIn(person);
    const [own] = (await client.sessions()).filter(({ current }) => current);
    await client.endSession(own?.id ?? "");
    expect(client.state.status).toBe("signed-out");
    expect(await client.validate()).toBeNull();
  });
});

describe("errors", () => {
  test("the codes are those of the server, and every one of them has a type", () => {
    type Refusal = "expired" | "late" | "reused" | "ahead" | "forged";
    expectTypeOf<ServerErrorCode>().toEqualTypeOf<ErrorCode | Refusal>();
    expect(Object.keys(errorTable).length).toBeGreaterThan(30);
  });

  test("one shape, told by a brand, with nothing of a password in it", async () => {
    const server = await openServer();
    const client = createBrowser(server).openTab().client();
    const error: unknown = await client
      .signIn({ ...person, password: "wrong horse" })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KeyturnError);
    expect(isKeyturnError({ [Symbol.for("keyturn.error")]: true })).toBe(true);
    expect([undefined, null, "x", new Error("x")].map(isKeyturnError)).toEqual([false, false, false, false]);
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: "KeyturnError",
      code: "invalid_credentials",
      status: 401,
      codes: {},
    });
    expect(String(error)).toBe("KeyturnError: invalid_credentials");
  });

  test.each<[string, () => Promise<Response>, string, number]>([
    [
      "a proxy's page",
      async () => new Response("<h1>Bad gateway</h1>", { status: 502 }),
      "unexpected_response",
      502,
    ],
    [
      "text with status 401",
      async () => new Response("Unauthorized", { status: 401 }),
      "unexpected_response",
      401,
    ],
    ["HTML with status 200", async () => new Response("<h1>Pay</h1>"), "unexpected_response", 200],
    ["an empty body", async () => new Response(null, { status: 500 }), "unexpected_response", 500],
    ["no network", () => Promise.reject(new TypeError("Failed to fetch")), "network", 0],
  ])("%s", async (_name, answer, code, status) => {
    const place = { fetch: answer, setTimeout, clearTimeout, Date };
    const client = createClientIn(place, { apiUrl: "http://api.test", storage: "memory" });
    await expect(client.signIn(person)).rejects.toMatchObject({ code, status });
    await expect(client.signIn(person)).rejects.toMatchObject({ code, status });
    expect(client.state.status).toBe("signed-out");
  });

  test("an error of the network names CORS, because a browser does not", async () => {
    const place = {
      fetch: () => Promise.reject(new TypeError("Failed to fetch")),
      setTimeout,
      clearTimeout,
      Date,
    };
    const client = createClientIn(place, { apiUrl: "http://api.test", storage: "memory" });
    await expect(client.signIn(person)).rejects.toThrow(/CORS/);
  });
});

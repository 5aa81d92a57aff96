import { afterEach, describe, expect, test } from "vitest";
import { callersOf } from "../../../test/fixtures/callers.js";
import { bodyOf, password, silent } from "../../../test/fixtures/http.js";
import type { Settings } from "../../config/config.js";
import { credentialsOf, testAuth } from "../../testing/testing.js";

const email = "ada@example.com";
const models = {
  user: { mountAt: "/auth", confirmable: false, fields: { locale: { type: "string", writable: true } } },
  quiet: { mountAt: "/quiet", confirmable: false, newDeviceNotice: false, signInFailuresNotice: false },
  strict: { mountAt: "/strict" },
} as const;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
const chrome =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
const safari =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";

async function start(settings: Partial<Settings> = {}) {
  const t = await testAuth({ logger: silent, ...settings, models });
  closing.push(() => t.auth.close());
  const register = (mountAt = "/auth", more = {}) =>
    t.request(`POST ${mountAt}`, {
      body: { email, password, confirm_success_url: "http://localhost:5173/", ...more },
      headers: { "user-agent": firefox },
    });
  const signIn = async (agent: string, mark?: string, mountAt = "/auth", headers = {}) => {
    const shown = mark === undefined ? {} : { "device-mark": mark };
    const response = await t.request(`POST ${mountAt}/sign_in`, {
      body: { email, password },
      headers: { "user-agent": agent, ...shown, ...headers },
    });
    await t.settled();
    return response;
  };
  const mails = (): readonly string[] => t.outbox.messages().map(({ subject }) => subject);
  const visit = (link: string, method = "GET", headers: Record<string, string> = {}) =>
    t.auth.handle(new Request(link, { method, headers }));
  return { ...t, register, signIn, mails, visit };
}
const notice = "New sign-in to your account";
const markOf = (response: Response): string => response.headers.get("device-mark") ?? "";

describe("a mail about a new device (case 20)", () => {
  test("comes for a browser and system that have not signed in before, and names them, no address and no clock time", async () => {
    const { register, signIn, mails, outbox } = await start();
    await register();
    expect(mails()).toEqual([]);
    await signIn(chrome);
    expect(mails()).toEqual([notice]);
    const [mail] = outbox.messages();
    expect(mail?.to).toBe(email);
    for (const part of [mail?.text, mail?.html]) expect(part).toContain("Chrome (Windows)");
    expect(mail?.text).not.toMatch(/\d\d:\d\d|\d+\.\d+\.\d+\.\d+/);
  });

  test("does not come for a mark that is known, whatever the browser says, nor for a family that is, nor for an update", async () => {
    const { register, signIn, mails } = await start();
    const mark = markOf(await register());
    await signIn(firefox.replaceAll("133", "140"));
    await signIn(safari, mark);
    await signIn(safari);
    expect(mails()).toEqual([]);
  });

  test("comes once an hour at most, and for the tokens that rotate never", async () => {
    const { register, signIn, mails, clock, request } = await start();
    let held = credentialsOf(await register());
    await signIn(chrome);
    await signIn(safari);
    expect(mails()).toEqual([notice]);
    clock.forward("1h");
    const rotated = await request("GET /auth/validate_token", {
      headers: { ...held, "user-agent": "curl/8" },
    });
    held = credentialsOf(rotated, held);
    expect(rotated.status).toBe(200);
    expect(markOf(rotated)).toBe("");
    await signIn("curl/8");
    expect(mails()).toEqual([notice, notice]);
  });

  test("speaks the account's language, never that of whoever signs in", async () => {
    const { register, signIn, mails } = await start({ locales: ["en", "de", "ja"] });
    await register("/auth", { locale: "de" });
    await signIn(chrome, undefined, "/auth", { "accept-language": "ja" });
    expect(mails()).toEqual(["Neue Anmeldung bei Ihrem Konto"]);
  });

  test("goes to nobody where the model does not want it", async () => {
    const { register, signIn, mails, visit } = await start();
    await register("/quiet");
    await signIn(chrome, undefined, "/quiet");
    expect(mails()).toEqual([]);
    expect((await visit("http://localhost:3000/quiet/new_device?device_token=x")).status).toBe(404);
  });

  test("does not come for a reset, whose own mail tells of it; devices from before are forgotten with it", async () => {
    const { register, signIn, mails, request, linkTo, settled } = await start();
    const mark = markOf(await register());
    await request("POST /auth/password", { body: { email, redirect_url: "http://localhost:5173/" } });
    const token = new URL(linkTo(email)).searchParams.get("reset_password_token");
    const reset = await request("PUT /auth/password", {
      body: { reset_password_token: token, password, password_confirmation: password },
      headers: { "user-agent": chrome },
    });
    await settled();
    expect(markOf(reset)).toMatch(/^[\w-]{43}$/);
    expect(mails()).toEqual(["Password changed", "Reset password instructions"]);
    await signIn(firefox, mark);
    expect(mails()[0]).toBe(notice);
  });
});

describe("the link of that mail", () => {
  const target = "http://localhost:5173/reset";

  test("asks first: whoever only opens it, a scanner or a prefetch, ends nothing (case 7) (security 24)", async () => {
    const { register, signIn, visit, linkTo, request } = await start();
    await register();
    const stolen = credentialsOf(await signIn(chrome));
    const link = linkTo(email);
    for (const [method, headers, status] of [
      ["HEAD", {}, 204],
      ["GET", { "sec-purpose": "prefetch" }, 503],
      ["GET", {}, 200],
      ["GET", {}, 200],
    ] as const)
      expect((await visit(link, method, headers)).status).toBe(status);
    const page = await visit(link);
    expect(await page.text()).toContain('<form method="post">\n<button>It was not me</button>\n</form>');
    expect(page.headers.get("content-security-policy")).toContain("form-action 'self'");
    expect((await request("GET /auth/validate_token", { headers: stolen })).status).toBe(200);
  });

  test("ends that session and those that were opened since, forgets their devices, and mails the way to a new password", async () => {
    const { register, signIn, visit, linkTo, request, mails, clock, outbox, events } = await start({
      defaultPasswordResetUrl: target,
    });
    const own = credentialsOf(await register());
    clock.forward("1m");
    const first = await signIn(chrome);
    clock.forward("1m");
    const second = await signIn(safari);
    const link = linkTo(email);
    const done = await visit(link, "POST");
    expect([done.status, await done.text()]).toEqual([
      200,
      expect.stringContaining("we have sent you a mail"),
    ]);
    for (const [held, status] of [
      [own, 200],
      [credentialsOf(first), 401],
      [credentialsOf(second), 401],
    ] as const)
      expect((await request("GET /auth/validate_token", { headers: held })).status).toBe(status);
    expect(mails()).toEqual(["Reset password instructions", notice]);
    expect(outbox.messages()[0]?.to).toBe(email);
    expect(events.find(({ name }) => name === "session.ended")).toMatchObject({ reason: "disowned" });
    // The password is as it was, and the device of the stranger is one that nobody knows.
    clock.forward("1h");
    await signIn(chrome, markOf(first));
    expect(mails()[0]).toBe(notice);
  });

  test("works once, for a week, and at its own model; afterwards it is no way to anything (security 33)", async () => {
    const { register, signIn, visit, linkTo, mails, clock } = await start({
      defaultPasswordResetUrl: target,
    });
    await register();
    clock.forward("1m");
    await signIn(chrome);
    const link = linkTo(email);
    expect((await visit(link.replace("/auth/", "/strict/"), "POST")).status).toBe(404);
    const told = await Promise.all(Array.from({ length: 10 }, () => visit(link, "POST")));
    expect(told.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await visit(link)).status).toBe(404);
    expect(mails()).toHaveLength(2);
    clock.forward("1h");
    await signIn(safari);
    const late = linkTo(email);
    clock.forward("7d");
    expect((await visit(late)).status).toBe(404);
    expect((await visit(late, "POST")).status).toBe(404);
  });

  test("without a place for the reset, or without a mail, says that the password has to be changed", async () => {
    const { register, signIn, visit, linkTo, mails } = await start();
    await register();
    await signIn(chrome);
    expect(await (await visit(linkTo(email), "POST")).text()).toContain("change your password in the app");
    expect(mails()).toEqual([notice]);
  });

  test("has a page in the language of the mail, before and after", async () => {
    const { register, signIn, visit, linkTo } = await start({ locales: ["en", "de", "ar"] });
    await register("/auth", { locale: "ar" });
    await signIn(chrome);
    const link = linkTo(email);
    for (const method of ["GET", "POST"])
      expect(await (await visit(link, method, { "accept-language": "de" })).text()).toContain(
        'lang="ar" dir="rtl"',
      );
  });
});

describe("a mail about too many failures", () => {
  const rules = {
    rateLimits: true,
    rateLimitRules: { signInFailuresByAccount: { limit: 5, per: "1h" } },
  } as const;
  const flood = async (
    { auth, settled }: Awaited<ReturnType<typeof start>>,
    mountAt: string,
    times: number,
  ) => {
    const from = callersOf(auth);
    const codes: string[] = [];
    for (let i = 0; i < times; i++) {
      const body = { email, password: `wrong violet hour ${i}` };
      const response = await from(`192.0.2.${i}`, `POST ${mountAt}/sign_in`, body, {
        "accept-language": "de",
      });
      codes.push((await bodyOf(response)).code);
    }
    await settled();
    return codes;
  };

  test("comes once a day when the account's limit is met, in the account's language", async () => {
    const t = await start({ ...rules, locales: ["en", "de"] });
    await t.register();
    await flood(t, "/auth", 5);
    expect(t.mails()).toEqual([]);
    expect((await flood(t, "/auth", 20)).at(-1)).toBe("too_many_requests");
    expect(t.mails()).toEqual(["Many wrong passwords for your account"]);
    t.clock.forward("23h");
    await flood(t, "/auth", 8);
    expect(t.mails()).toHaveLength(1);
    t.clock.forward("2h");
    await flood(t, "/auth", 8);
    expect(t.mails()).toHaveLength(2);
  });

  test("goes to no address that nobody has confirmed, and to nobody where the model does not want it", async () => {
    const t = await start(rules);
    await t.register("/quiet");
    await t.register("/strict");
    await flood(t, "/quiet", 8);
    await flood(t, "/strict", 8);
    expect(t.mails()).toEqual(["Confirmation instructions"]);
  });
});

describe("where cookies are enabled", () => {
  test("the mark is in a cookie too that no script and no other host can write, and it stays after signing out", async () => {
    const { register, request } = await start({ cookieEnabled: true });
    const cookies = (await register()).headers.getSetCookie();
    const [device = ""] = cookies.filter((one) => one.startsWith("__Host-keyturn-device="));
    expect(device).toMatch(/; Max-Age=34560000; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
    const session = cookies.find((one) => one.startsWith("__Host-keyturn="))?.split(";")[0] ?? "";
    const headers = { cookie: `${session}; ${device.split(";")[0]}`, "sec-fetch-site": "same-origin" };
    const out = await request("DELETE /auth/sign_out", { headers });
    expect(out.status).toBe(200);
    expect(out.headers.getSetCookie().join()).not.toContain("device");
    const again = await request("POST /auth/sign_in", { body: { email, password }, headers });
    expect(again.headers.getSetCookie().join()).toContain(device.split(";")[0]);
  });
});

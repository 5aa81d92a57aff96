import { expect, onTestFinished, test } from "vitest";
import type { EventName } from "../src/events.js";
import { credentialsOf, testAuth } from "../src/testing/testing.js";
import { presentEngines } from "./fixtures/databases.js";
import { silent } from "./fixtures/http.js";
import { app, challenge, resultOf, startOAuth, verifier } from "./fixtures/oauth.js";
import { openTables } from "./fixtures/tables.js";

const [first, second, third] = ["canary first hour", "canary second hour", "canary third hour"] as const;
const redirect = "https://app.example.com/done";
const agent = "canary-browser/1.0";

type Asking = Pick<Awaited<ReturnType<typeof testAuth>>, "auth" | "clock" | "linkTo" | "settled">;

/** Asks, and keeps every secret and every word of a person's that goes in or comes out. */
function watcher(t: Asking, secrets: Set<string>) {
  const ask = async (route: string, body?: Record<string, string>, headers: Record<string, string> = {}) => {
    for (const [name, value] of Object.entries(body ?? {})) if (!name.endsWith("url")) secrets.add(value);
    const [method = "", path = ""] = route.split(" ");
    const request = new Request(new URL(path, "http://localhost:3000"), {
      method,
      headers: { "content-type": "application/json", "user-agent": agent, ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const response = await t.auth.handle(request, { peer: "192.0.2.7" });
    const held = credentialsOf(response);
    if (held["access-token"]) secrets.add(held["access-token"]);
    const target = response.headers.get("location");
    if (target !== null && URL.canParse(target))
      for (const [name, value] of new URL(target).searchParams)
        if (/token|code/.test(name) && value.length > 8) secrets.add(value);
    await t.settled();
    return held;
  };
  const linkTo = (email: string): string => {
    const url = new URL(t.linkTo(email));
    for (const [name, value] of url.searchParams) if (name.endsWith("token")) secrets.add(value);
    return `${url.pathname}${url.search}`;
  };
  return { ask, linkTo };
}

/** What an account goes through in its life, with mistakes and refusals. */
async function live(t: Asking, email: string, secrets: Set<string>): Promise<void> {
  const { ask, linkTo } = watcher(t, secrets);
  const signUp = { email, password: first, confirm_success_url: redirect };
  await ask("POST /auth", signUp);
  await ask("POST /auth/sign_in", { email, password: first });
  await ask("POST /auth/confirmation", { email, redirect_url: redirect });
  await ask(`GET ${linkTo(email)}`);
  await ask("POST /auth", signUp);
  await ask("POST /auth/sign_in", { email, password: `${first} mistyped` });
  await ask("POST /auth/sign_in", { email: "nobody@example.com", password: third });
  const held = await ask("POST /auth/sign_in", { email, password: first });
  t.clock.forward("6s");
  await ask("GET /auth/validate_token", undefined, held);
  t.clock.forward("6s");
  await ask("GET /auth/validate_token", undefined, held);
  const next = await ask("POST /auth/sign_in", { email, password: first });
  const change = { password: second, password_confirmation: second };
  await ask("PUT /auth/password", { ...change, current_password: third }, next);
  const renewed = await ask("PUT /auth/password", { ...change, current_password: first }, next);
  await ask("PUT /auth", { email: `new-${email}`, current_password: second }, renewed);
  await ask(`GET ${linkTo(`new-${email}`)}`);
  await ask("POST /auth/password", { email: `new-${email}`, redirect_url: "https://evil.example/?x" });
  await ask("POST /auth/password", { email: `new-${email}`, redirect_url: redirect });
  const reset = linkTo(`new-${email}`);
  await ask(`GET ${reset}`);
  const token = new URL(`http://x${reset}`).searchParams.get("reset_password_token") ?? "";
  const changed = { password: third, password_confirmation: third };
  await ask("PUT /auth/password", { reset_password_token: token, ...changed });
  const last = await ask("POST /auth/sign_in", { email: `new-${email}`, password: third });
  const gone = await ask("POST /auth/sign_in", { email: `new-${email}`, password: third });
  await ask("DELETE /auth/sign_out", undefined, gone);
  t.clock.forward("5w");
  await ask("GET /auth/validate_token", undefined, last);
  const end = await ask("POST /auth/sign_in", { email: `new-${email}`, password: third });
  await ask("DELETE /auth", undefined, end);
}

test.each(presentEngines)(
  "$name: no address, password, token, code or link is in any column of the audit log, whatever an account goes through (security 46)",
  async ({ create }) => {
    const tables = await openTables(await create());
    onTestFinished(() => tables.drop());
    const secrets = new Set<string>([first, second, third, verifier, "canary-name"]);
    const t = await startOAuth({ database: tables.database, auditLog: true });
    await live(t, "canary-one@example.com", secrets);

    // With a provider, which knows a name and an address, and refuses once.
    t.provider.person = { sub: "canary-subject", email: "canary-two@example.com", email_verified: true };
    const params = { code_challenge: challenge, auth_origin_url: app };
    const { omniauth_code = "" } = resultOf(await t.browser().signIn("/auth/example", params));
    const { ask } = watcher(t, secrets);
    for (let i = 0; i < 2; i++) await ask("POST /auth/exchange", { omniauth_code, code_verifier: verifier });
    secrets.add("canary-two@example.com");
    await t.auth.close();

    const models = { user: { mountAt: "/auth", lockable: true, disableable: true } } as const;
    const limited = await testAuth({
      database: tables.database,
      auditLog: true,
      logger: silent,
      rateLimits: true,
      maximumAttempts: 2,
      isPasswordBreached: (password) => {
        throw new Error(`No list for ${password}`);
      },
      redirectAllowlist: ["https://app.example.com/*"],
      models,
    });
    const email = "canary-three@example.com";
    const other = watcher(limited, secrets);
    await other.ask("POST /auth", { email, password: first, confirm_success_url: redirect });
    const { auth } = limited;
    const account = await auth.accounts.findByEmail("user", email);
    const id = account?.id ?? 0;
    await auth.accounts.confirm("user", id, { actor: "support" });
    for (let i = 0; i < 8; i++) await other.ask("POST /auth/sign_in", { email, password: third });
    await limited.settled();
    await other.ask(`GET ${other.linkTo(email)}`);
    secrets.add(
      await auth.accounts.createPasswordLink("user", id, { redirectUrl: "http://localhost:5173/" }),
    );
    await auth.accounts.setPassword("user", id, second, { actor: "support" });
    await auth.accounts.disable("user", id);
    await auth.accounts.enable("user", id);
    await auth.accounts.endAllSessions("user");
    await auth.close();

    const rows = await tables.rows("select * from keyturn_audit_log");
    const names = rows.map(({ name }) => String(name));
    expect(names).toEqual(expect.arrayContaining(seen));
    expect(secrets.size).toBeGreaterThan(20);
    const said = [...rows, ...t.events, ...limited.events].map((one) => JSON.stringify(one));
    const leaks = [...secrets].filter((secret) =>
      said.some((text) => text.includes(JSON.stringify(secret).slice(1, -1))),
    );
    expect(leaks).toEqual([]);
    expect(said.filter((text) => text.includes("@"))).toEqual([]);
    // It would find one: the session's id is there, and so is the browser.
    const withAgent = said.filter((text) => text.includes(agent));
    expect(withAgent.length).toBeGreaterThan(20);
  },
);

/** Events that these lives cause: the others need a part that is broken, or a key that was stolen. */
const seen: EventName[] = [
  "account.registered",
  "account.confirmed",
  "account.updated",
  "account.deleted",
  "account.email_changed",
  "account.locked",
  "account.unlocked",
  "account.disabled",
  "account.enabled",
  "sign_in.succeeded",
  "sign_in.failed",
  "session.created",
  "session.ended",
  "session.expired",
  "password.reset_requested",
  "password.changed",
  "password.change_failed",
  "password.breach_check_failed",
  "token.late",
  "redirect.refused",
  "limit.met",
];

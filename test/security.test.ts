import { createServer, request } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keyturn } from "../src/adapters/hono.js";
import { toNodeListener } from "../src/adapters/node.js";
import { eventTable } from "../src/events.js";
import { credentialsOf, testAuth } from "../src/testing/testing.js";

const password = "correct horse battery staple";
const logged: string[] = [];
const keep = (details: object, message: string): void => {
  const error = "err" in details ? details.err : undefined;
  const { stack = "", cause } = error instanceof Error ? error : new Error();
  logged.push(`${message} ${JSON.stringify(details)} ${stack} ${String(cause)}`);
};
const logger = { info: keep, warn: keep, error: keep };

let app: Awaited<ReturnType<typeof start>>;
const start = () =>
  testAuth({
    logger,
    redirectAllowlist: ["https://app.example.com/*"],
  });
const redirect = "https://app.example.com/done";

beforeAll(async () => {
  app = await start();
});
afterAll(() => app.auth.close());

const clientOf = (held: Record<string, string>): string => held["client"] ?? "";

async function register(email: string): Promise<void> {
  const body = { email, password, confirm_success_url: redirect };
  expect((await app.request("POST /auth", { body })).status).toBe(200);
  const link = new URL(app.linkTo(email));
  expect((await app.request(`GET ${link.pathname}${link.search}`)).status).toBe(302);
}
const signIn = (email: string, secret = password): Promise<Response> =>
  app.request("POST /auth/sign_in", { body: { email, password: secret } });

describe("sessions", () => {
  test("each sign-in is a new one, also with the credentials of an old one at hand (security 5)", async () => {
    await register("new@example.com");
    const first = credentialsOf(await signIn("new@example.com"));
    const body = { email: "new@example.com", password };
    const second = credentialsOf(await app.request("POST /auth/sign_in", { body, headers: first }));
    expect(clientOf(second)).not.toBe(clientOf(first));
    expect(second["access-token"]).not.toBe(first["access-token"]);
    // The browser cannot choose the id of the session it will get, nor a token for it.
    const chosen = { ...body, client: "chosen", "access-token": "chosen" };
    const third = credentialsOf(await app.request("POST /auth/sign_in", { body: chosen }));
    expect([clientOf(third), third["access-token"]]).not.toContain("chosen");
  });

  test("malformed, cut, oversized and foreign credentials are 401 on every route that asks for them (security 10)", async () => {
    await register("door@example.com");
    const good = credentialsOf(await signIn("door@example.com"));
    const token = good["access-token"] ?? "";
    const bad = [
      token.slice(0, -1),
      `${token}A`,
      "x".repeat(8000),
      "null",
      "undefined",
      "%00",
      "[]",
      '{"a":1}',
      "é",
    ];
    for (const value of bad) {
      for (const name of ["access-token", "client", "uid"]) {
        const headers = { ...good, [name]: value };
        expect((await app.request("GET /auth/validate_token", { headers })).status).toBe(401);
        expect((await app.request("GET /auth/sessions", { headers })).status).toBe(401);
        expect((await app.request("PUT /auth", { headers, body: { name: "x" } })).status).toBe(404);
        expect((await app.request("DELETE /auth", { headers })).status).toBe(404);
      }
    }
    for (const json of ["null", "[]", "1", '"x"', "{", JSON.stringify({ ...good, uid: ["a"] })]) {
      const authorization = `Bearer ${Buffer.from(json).toString("base64")}`;
      expect((await app.request("GET /auth/validate_token", { headers: { authorization } })).status).toBe(
        401,
      );
    }
    expect((await app.request("GET /admin_auth/validate_token", { headers: good })).status).toBe(401);
    expect((await app.request("GET /auth/validate_token", { headers: good })).status).toBe(200);
  });

  test("the app's own code ends all of an account's sessions, or everybody's (security 16)", async () => {
    await register("one@example.com");
    await register("two@example.com");
    const one = await Promise.all([signIn("one@example.com"), signIn("one@example.com")]);
    const two = credentialsOf(await signIn("two@example.com"));
    const { data } = (await one[0].clone().json()) as { data: { id: number } };
    const statusOf = async (headers: Record<string, string>) =>
      (await app.request("GET /auth/validate_token", { headers })).status;
    expect(await app.auth.accounts.endSessions("user", data)).toBe(2);
    for (const answer of one) expect(await statusOf(credentialsOf(answer))).toBe(401);
    expect(await statusOf(two)).toBe(200);
    await app.auth.accounts.endAllSessions("user");
    expect(await statusOf(two)).toBe(401);
  });
});

describe("answers", () => {
  test("whatever they are, none may be kept in a cache (security 19)", async () => {
    await register("cache@example.com");
    const headers = credentialsOf(await signIn("cache@example.com"));
    const answers = [
      await signIn("cache@example.com"),
      await signIn("cache@example.com", "wrong password"),
      await app.request("GET /auth/validate_token", { headers }),
      await app.request("GET /auth/sessions", { headers }),
      await app.request("PUT /auth", { headers, body: { name: "Ada" } }),
      await app.request("PUT /auth", { headers, body: { email: "no" } }),
      await app.request("GET /auth/nowhere", { headers }),
      await app.request(`GET /auth/password/edit?redirect_url=${redirect}&reset_password_token=x`),
      await app.request("GET /auth/confirmation?confirmation_token=x"),
      await app.request("DELETE /auth/sign_out", { headers }),
    ];
    expect(answers.map((answer) => answer.headers.get("cache-control"))).toEqual(
      answers.map(() => "no-store"),
    );
  });
});

describe("mail links", () => {
  test.each(["node:http", "Hono"])(
    "begin with baseUrl, whatever a request to %s says of its host (security 35)",
    async (kind) => {
      const email = `${kind.replace(":", "")}@example.com`;
      const hono = new Hono();
      hono.use(keyturn(app.auth));
      const listener =
        kind === "Hono"
          ? getRequestListener(hono.fetch)
          : toNodeListener(app.auth, (_req, res) => void res.writeHead(404).end());
      const server = createServer(listener);
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      const post = (path: string, body: object): Promise<number | undefined> =>
        new Promise((resolve, reject) => {
          const headers = {
            host: "evil.example",
            "x-forwarded-host": "evil.example",
            "x-forwarded-proto": "https",
            forwarded: "host=evil.example",
            "x-original-url": "http://evil.example/",
            "content-type": "application/json",
          };
          const asked = request(
            { port, host: "127.0.0.1", path, method: "POST", headers, agent: false },
            (got) => {
              got.resume();
              resolve(got.statusCode);
            },
          );
          asked.on("error", reject).end(JSON.stringify(body));
        });
      expect(await post("/auth", { email, password, confirm_success_url: redirect })).toBe(200);
      expect(await post("/auth/confirmation", { email, redirect_url: redirect })).toBe(200);
      expect(await post("/auth/password", { email, redirect_url: redirect })).toBe(200);
      const mails = app.outbox.messages({ to: email });
      expect(mails).toHaveLength(3);
      for (const mail of mails) {
        expect(JSON.stringify(mail)).not.toContain("evil.example");
        expect(mail.text).toContain("http://localhost:3000/auth/");
      }
      server.close();
    },
  );
});

describe("the life of an account", () => {
  test("leaves no password, token or link's secret in events, log lines and error bodies (security 18) (security 46)", async () => {
    const email = "canary@example.com";
    const [first, second, third] = [
      "canary-first-secret",
      "canary-second-secret",
      "canary-third-secret",
    ] as const;
    const secrets = new Set<string>([first, second, third]);
    const bodies: string[] = [];
    const ask = async (
      route: string,
      body?: object,
      headers: Record<string, string> = {},
    ): Promise<Record<string, string>> => {
      const answer = await app.request(route, { ...(body ? { body } : {}), headers });
      if (answer.status >= 400) bodies.push(await answer.text());
      const held = credentialsOf(answer);
      if (held["access-token"]) secrets.add(held["access-token"]);
      const location = answer.headers.get("location");
      for (const name of ["access-token", "token"]) {
        const value = location === null ? null : new URL(location).searchParams.get(name);
        if (value) secrets.add(value);
      }
      return held;
    };
    const link = (to = email): string => {
      const url = new URL(app.linkTo(to));
      for (const [name, value] of url.searchParams) if (name.endsWith("_token")) secrets.add(value);
      return `${url.pathname}${url.search}`;
    };
    const signUp = { email, password: first, confirm_success_url: redirect };
    await ask("POST /auth", signUp);
    await ask("POST /auth/sign_in", { email, password: first });
    await ask(`GET ${link()}`);
    await ask("POST /auth", signUp);
    await ask("POST /auth/sign_in", { email, password: second });
    const held = await ask("POST /auth/sign_in", { email, password: first });
    app.clock.forward("6s");
    await ask("GET /auth/validate_token", undefined, held);
    app.clock.forward("6s");
    await ask("GET /auth/validate_token", undefined, held);
    const next = await ask("POST /auth/sign_in", { email, password: first });
    await ask("GET /admin_auth/validate_token", undefined, next);
    await ask("PUT /auth/password", { password: second, password_confirmation: third }, next);
    const renewed = await ask(
      "PUT /auth/password",
      { password: second, password_confirmation: second, current_password: first },
      next,
    );
    await ask("PUT /auth", { email: "canary2@example.com", current_password: second }, renewed);
    await app.settled();
    await ask(`GET ${link("canary2@example.com")}`);
    await ask("POST /auth/password", { email: "canary2@example.com", redirect_url: redirect });
    const reset = link("canary2@example.com");
    await ask(`GET ${reset}`);
    const token = new URL(`http://x${reset}`).searchParams.get("reset_password_token");
    const change = { reset_password_token: token, password: third, password_confirmation: third };
    await ask("PUT /auth/password", change);
    await ask("PUT /auth/password", change);
    await ask("POST /auth/sign_in", { email: "canary2@example.com", password: `${third}-mistyped` });
    const last = await ask("POST /auth/sign_in", { email: "canary2@example.com", password: third });
    const evil = "https://evil.example/?t=";
    await ask("POST /auth/password", { email: "canary2@example.com", redirect_url: evil });
    const truncated = `{"password":"${third}"`;
    bodies.push(
      await (
        await app.auth.handle(
          new Request("http://localhost:3000/auth/sign_in", {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: truncated,
          }),
        )
      ).text(),
    );
    await ask("DELETE /auth", undefined, last);
    await app.settled();

    const said = [...app.events.map((event) => JSON.stringify(event)), ...logged, ...bodies];
    expect(secrets.size).toBeGreaterThanOrEqual(10);
    expect(bodies.length).toBeGreaterThanOrEqual(6);
    const leaks = said.filter((text) => [...secrets].some((secret) => text.includes(secret)));
    expect(leaks).toEqual([]);
    expect(app.events.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "account.registered",
        "account.confirmed",
        "account.email_changed",
        "account.deleted",
        "sign_in.failed",
        "sign_in.succeeded",
        "session.created",
        "session.ended",
        "token.late",
        "password.changed",
        "password.reset_requested",
        "redirect.refused",
        "account.updated",
      ]),
    );
  });

  test("is told in events of the OWASP vocabulary, in UTC, with ids, one line each (security 46)", async () => {
    await app.request("POST /auth/sign_in", {
      body: { email: "a@b.co\r\nsign_in.succeeded", password },
      headers: { "user-agent": "x" },
    });
    expect(app.events.length).toBeGreaterThan(20);
    for (const event of app.events) {
      expect(event.owasp).toBe(eventTable[event.name]);
      expect(event.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(Object.values(event).filter((value) => /[\r\n]/.test(String(value)))).toEqual([]);
    }
    const signedIn = app.events.find(({ name }) => name === "sign_in.succeeded");
    expect(signedIn).toMatchObject({ model: "user", accountId: expect.stringMatching(/^\d+$/) });
  });
});

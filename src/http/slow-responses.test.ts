import { setTimeout as wait } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import type { ModelsConfig } from "../accounts/models.js";
import type { Auth } from "../auth.js";
import { createOutbox } from "../mail/outbox.js";
import { credentialsOf, testAuth } from "../testing/testing.js";

/** Longer than half a window, so that the request is a slow one. */
const windowMs = 40;
const opened: Pick<Auth, "close">[] = [];
afterEach(async () => {
  for (const auth of opened.splice(0)) await auth.close();
});

const models = { user: { mountAt: "/auth", confirmable: false } } as const satisfies ModelsConfig;
const person = { email: "ada@example.com", password: "violet kettle 47 marsh" };
const redirect_url = "http://localhost:5173/";
const next = { password: "copper meadow 88 lamp", password_confirmation: "copper meadow 88 lamp" };

async function signedIn() {
  const outbox = createOutbox();
  const t = await testAuth({
    models,
    batchRequestBufferThrottle: windowMs,
    now: Date.now,
    // The work of these requests takes its time, as hashing does behind a long line.
    isPasswordBreached: () => wait(3 * windowMs).then(() => false),
    mail: { from: "test@example.com", send: outbox.sendMail },
  });
  opened.push(t.auth);
  const held = credentialsOf(await t.request("POST /auth", { body: person }));
  await t.request("POST /auth/password", { body: { email: person.email, redirect_url } });
  const link = new URL(/https?:\S+/.exec(outbox.messages()[0]?.text ?? "")?.[0] ?? "");
  return { ...t, held, link };
}

test("the session that a slow reset by the link's secret opens is handed over, beside credentials that end", async () => {
  const { request, held, link } = await signedIn();
  const reset_password_token = link.searchParams.get("reset_password_token");
  const answer = await request("PUT /auth/password", {
    headers: held,
    body: { ...next, reset_password_token },
  });
  expect(answer.status).toBe(200);
  const now = credentialsOf(answer);
  expect(now["client"]).not.toBe(held["client"]);
  expect((await request("GET /auth/validate_token", { headers: now })).status).toBe(200);
});

test("the new token that a slow reset by the link's session makes is handed over", async () => {
  const { request, link } = await signedIn();
  const { headers } = await request(`GET ${link.pathname}${link.search}`);
  const given = new URL(headers.get("location") ?? "").searchParams;
  const held = Object.fromEntries(
    ["access-token", "client", "uid"].map((name) => [name, given.get(name) ?? ""]),
  );
  const answer = await request("PUT /auth/password", { headers: held, body: next });
  expect(answer.status).toBe(200);
  const now = credentialsOf(answer);
  expect((await request("GET /auth/validate_token", { headers: now })).status).toBe(200);
});

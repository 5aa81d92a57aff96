import { expect, test } from "vitest";
import { person, signedIn } from "../../test/fixtures/client-world.js";
import type { BotCheckRequest, BotVerdict } from "../checks/bot-check.js";

const spent = new Set<string>();
const check = ({ parameter }: BotCheckRequest): BotVerdict => {
  const token = parameter("cf-turnstile-response");
  if (token === undefined) return "missing";
  return spent.size === spent.add(token).size ? { failed: "timeout-or-duplicate" } : "passed";
};

test("a page sends the widget's token with an object or a form, and learns from the code when it needs another; the session stays", async () => {
  const { client } = await signedIn({ botCheck: { check, for: ["requestPasswordReset"] } });
  const { email } = person;
  await expect(client.requestPasswordReset({ email })).rejects.toMatchObject({
    code: "bot_check_required",
    status: 403,
  });
  const token = "from the widget";
  await client.requestPasswordReset({ email, "cf-turnstile-response": token });
  const form = new FormData();
  form.set("email", email);
  form.set("cf-turnstile-response", token);
  await expect(client.requestPasswordReset(form)).rejects.toMatchObject({ code: "bot_check_failed" });
  form.set("cf-turnstile-response", "another");
  await client.requestPasswordReset(form);
  expect(client.state.status).toBe("signed-in");
});

test("while the checker is away the code says so, and the session stays", async () => {
  const away = () => Promise.reject(new Error("away"));
  const logger = { info() {}, warn() {}, error() {} };
  const { client } = await signedIn({
    logger,
    botCheck: { check: away, for: ["requestPasswordReset", "signIn"] },
  });
  await expect(client.requestPasswordReset({ email: person.email })).rejects.toMatchObject({
    code: "bot_check_unavailable",
    status: 503,
  });
  expect(client.state.status).toBe("signed-in");
});

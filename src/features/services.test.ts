import { expect, test } from "vitest";
import { type Domain, isBreached } from "./services.js";
import { createRegistry } from "../accounts/models.js";

const model = createRegistry({ user: { mountAt: "/auth" } }, {}).model("user");

function domainWith(isPasswordBreached: Domain["settings"]["isPasswordBreached"]) {
  const events: string[] = [];
  const domain = {
    settings: { isPasswordBreached },
    emit: (name: string) => events.push(name),
  } as unknown as Domain;
  return { domain, events };
}

test("a breach check that is plugged in decides (security 26)", async () => {
  const { domain } = domainWith(async (password) => password === "seen before");
  expect(await isBreached(domain, model, "seen before")).toBe(true);
  expect(await isBreached(domain, model, "never seen")).toBe(false);
});

test("a breach check that fails lets the password pass, with an event (security 26)", async () => {
  const { domain, events } = domainWith(() => {
    throw new Error("offline");
  });
  expect(await isBreached(domain, model, "seen before")).toBe(false);
  expect(events).toEqual(["password.breach_check_failed"]);
});

test("a breach check that does not answer lets the password pass after three seconds (security 26)", async () => {
  const { domain, events } = domainWith(() => new Promise(() => undefined));
  expect(await isBreached(domain, model, "seen before")).toBe(false);
  expect(events).toEqual(["password.breach_check_failed"]);
});

import { expect, test } from "vitest";
import { createRegistry } from "../accounts/models.js";
import { isBreached } from "./new-password.js";
import type { Services } from "./services.js";

const model = createRegistry({ user: { mountAt: "/auth" } }, {}).model("user");

function servicesWith(isPasswordBreached: Services["settings"]["isPasswordBreached"]) {
  const events: string[] = [];
  const services = {
    settings: { isPasswordBreached },
    emit: (name: string) => events.push(name),
  } as unknown as Services;
  return { services, events };
}

test("a breach check that is plugged in decides (security 26)", async () => {
  const { services } = servicesWith(async (password) => password === "seen before");
  expect(await isBreached(services, model, "seen before")).toBe(true);
  expect(await isBreached(services, model, "never seen")).toBe(false);
});

test("a breach check that fails lets the password pass, with an event (security 26)", async () => {
  const { services, events } = servicesWith(() => {
    throw new Error("offline");
  });
  expect(await isBreached(services, model, "seen before")).toBe(false);
  expect(events).toEqual(["password.breach_check_failed"]);
});

test("a breach check that does not answer lets the password pass after three seconds (security 26)", async () => {
  const { services, events } = servicesWith(() => new Promise(() => undefined));
  expect(await isBreached(services, model, "seen before")).toBe(false);
  expect(events).toEqual(["password.breach_check_failed"]);
});

import { turnstile } from "keyturn/checks";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createAuth } from "../auth.js";
import { sqlite } from "../database/sqlite/sqlite.js";
import { ConfigError } from "../errors.js";
import type { AuthConfig } from "./config.js";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** The mistakes of a configuration with this `botCheck`. */
function problemsOf(botCheck: object, more: object = {}): readonly string[] {
  const config = {
    baseUrl: "http://localhost:3000",
    database: sqlite(":memory:"),
    models: { user: { mountAt: "/auth" } },
    botCheck,
    ...more,
  };
  try {
    createAuth(config as unknown as AuthConfig);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

const check = () => "passed";

describe("botCheck, told at start", () => {
  test("a secret that is missing, by the name of its variable", () => {
    vi.stubEnv("TURNSTILE_SECRET_KEY", "");
    expect(problemsOf({ check: turnstile(), for: ["register"] })).toEqual([
      "botCheck.check: has no secret; write secretKey there, or set the variable TURNSTILE_SECRET_KEY",
    ]);
    expect(problemsOf({ check: turnstile({ secretKey: "x" }), for: ["register"] })).toEqual([]);
    vi.stubEnv("TURNSTILE_SECRET_KEY", "x");
    expect(problemsOf({ check: turnstile(), for: ["register"] })).toEqual([]);
  });

  test("an action that cannot have a check, that no model has, or whose number counts nothing", () => {
    expect(problemsOf({ check, for: ["signOut"] })[0]).toContain("botCheck.for.0");
    expect(problemsOf({ check, for: ["requestUnlock"] })).toEqual([
      'botCheck.for: as the models are configured, none has the action "requestUnlock"',
    ]);
    const models = { user: { mountAt: "/auth", lockable: true } };
    expect(problemsOf({ check, for: ["requestUnlock"] }, { models })).toEqual([]);
    expect(problemsOf({ check, for: ["register"], afterFirst: { signIn: 3 } })).toEqual([
      "botCheck.afterFirst.signIn: is not among the actions of botCheck.for",
    ]);
    expect(problemsOf({ check, for: ["register"], afterFirst: { register: 0 } })).toEqual([
      "botCheck.afterFirst.register: must be at least 1",
    ]);
  });

  test("what is misspelt, what is no check, and a list of nothing, all together", () => {
    expect(problemsOf({ check, for: ["register"], afterfirst: {} }).join()).toContain("afterFirst");
    const all = problemsOf({ check: "turnstile", for: [] });
    expect(all).toEqual([
      "botCheck.check: must be a check, such as turnstile() from keyturn/checks, or a function",
      "botCheck.for: must name at least one action",
    ]);
  });
});

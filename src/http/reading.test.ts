import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bodyOf } from "../../test/fixtures/http.js";
import { credentialsOf, type TestAuth, testAuth } from "../testing/testing.js";

/** One reader of parameters for all routes (findings C17): what one route understands, every route does. */
const models = {
  user: {
    mountAt: "/auth",
    confirmable: false,
    fields: {
      name: { type: "string", writable: true },
      age: { type: "integer", writable: true },
      height: { type: "number", writable: true },
      newsletter: { type: "boolean", writable: true },
    },
  },
} as const;
let t: TestAuth<typeof models, Record<never, never>>;
beforeAll(async () => {
  t = await testAuth({ models });
});
afterAll(() => t.auth.close());

let people = 0;
const address = () => `reader${++people}@example.com`;
const password = "a quiet violet hour";
const send = (route: string, body: string | URLSearchParams, headers: Record<string, string> = {}) => {
  const [method = "", path = ""] = route.split(" ");
  const type = typeof body === "string" ? { "content-type": "application/json" } : {};
  return t.auth.handle(
    new Request(`http://localhost:3000${path}`, { method, body, headers: { ...type, ...headers } }),
  );
};
const register = async (fields: object = {}) => {
  const email = address();
  const response = await t.request("POST /auth", { body: { email, password, ...fields } });
  return { email, held: credentialsOf(response), response };
};

describe("a password that is a number in JSON", () => {
  const number = 918_273_645_546;

  test("registers, signs in as a number and as a text, is changed by PUT / and PUT /password", async () => {
    const email = address();
    const registered = await t.request("POST /auth", {
      body: { email, password: number, password_confirmation: number },
    });
    expect(registered.status).toBe(200);
    for (const given of [number, String(number)])
      expect((await t.request("POST /auth/sign_in", { body: { email, password: given } })).status).toBe(200);
    const headers = credentialsOf(
      await t.request("POST /auth/sign_in", { body: { email, password: number } }),
    );
    const next = { password: number + 1, password_confirmation: number + 1, current_password: number };
    expect((await t.request("PUT /auth/password", { headers, body: next })).status).toBe(200);
    const again = credentialsOf(
      await t.request("POST /auth/sign_in", { body: { email, password: String(number + 1) } }),
    );
    const last = { password: number, password_confirmation: String(number) };
    expect((await t.request("PUT /auth", { headers: again, body: last })).status).toBe(200);
    expect((await t.request("POST /auth/sign_in", { body: { email, password: number } })).status).toBe(200);
  });

  test("a confirmation of another type that says the same is the same; another number is not", async () => {
    const body = { email: address(), password: number, password_confirmation: number + 1 };
    expect((await bodyOf(await t.request("POST /auth", { body }))).codes).toEqual({
      password_confirmation: ["mismatch"],
    });
  });

  test.each([true, ["a quiet violet hour"], { $gt: "" }])(
    "%j is no text, so there is no password",
    async (given) => {
      const response = await t.request("POST /auth", { body: { email: address(), password: given } });
      expect((await bodyOf(response)).codes).toEqual({ password: ["blank"] });
    },
  );
});

describe("a form's optional inputs that nobody touched", () => {
  test("do not keep anybody from registering", async () => {
    const email = address();
    const form = new URLSearchParams({ email, password, name: "", age: "", height: " ", newsletter: "" });
    const response = await send("POST /auth", form);
    expect([response.status, (await bodyOf(response)).data]).toMatchObject([
      200,
      { name: "", age: null, height: null, newsletter: null },
    ]);
  });

  test("do not keep anybody from changing their account, and empty what they emptied", async () => {
    const { held } = await register({ age: 36, newsletter: true });
    const form = new URLSearchParams({ name: "Ada", age: "", newsletter: "", password: "", email: "" });
    const response = await send("PUT /auth", form, held);
    expect([response.status, (await bodyOf(response)).data]).toMatchObject([
      200,
      { name: "Ada", age: null, newsletter: null },
    ]);
  });

  test("a blank confirm_success_url, config_name or redirect_url counts as absent", async () => {
    const form = new URLSearchParams({
      email: address(),
      password,
      config_name: "",
      confirm_success_url: " ",
    });
    expect((await send("POST /auth", form)).status).toBe(200);
    const reset = new URLSearchParams({ email: address(), redirect_url: "" });
    expect((await bodyOf(await send("POST /auth/password", reset))).code).toBe("redirect_missing");
  });
});

describe("values that forms write as text", () => {
  test.each([
    ["1", true],
    ["t", true],
    ["true", true],
    ["on", true],
    ["TRUE", true],
    ["0", false],
    ["f", false],
    ["false", false],
    ["off", false],
    ["Off", false],
  ])("the truth value %s is %s", async (text, value) => {
    const form = new URLSearchParams({ email: address(), password, newsletter: text });
    expect((await bodyOf(await send("POST /auth", form))).data["newsletter"]).toBe(value);
  });

  test.each([
    [1, true],
    [0, false],
    [true, true],
    [false, false],
    ["on", true],
  ])("in JSON the truth value %j is %s", async (given, value) => {
    const { response } = await register({ newsletter: given });
    expect((await bodyOf(response)).data["newsletter"]).toBe(value);
  });

  test.each(["yes", "2", "truthy", "null", "-1"])(
    "%s is no truth value: 422 that names the field",
    async (text) => {
      const form = new URLSearchParams({ email: address(), password, newsletter: text });
      const response = await send("POST /auth", form);
      expect([response.status, (await bodyOf(response)).codes]).toEqual([422, { newsletter: ["invalid"] }]);
    },
  );

  test.each([
    ["age", "36", 36],
    ["age", " 36 ", 36],
    ["age", "-1", -1],
    ["height", "1.75", 1.75],
    ["height", "2e1", 20],
    ["height", ".5", 0.5],
    ["age", "+007", 7],
  ])("%s=%s is a number", async (name, text, value) => {
    const form = new URLSearchParams({ email: address(), password, [name]: text });
    expect((await bodyOf(await send("POST /auth", form))).data[name]).toBe(value);
  });

  test.each([
    ["age", "36.5"],
    ["age", "old"],
    ["age", "9007199254740993"],
    ["height", "Infinity"],
    ["height", "1,75"],
    // Number() reads these, people do not write them: zignaly-open/zignaly-webapp#1523.
    ["age", "0x10"],
    ["age", "0b11"],
    ["height", "0o7"],
    ["height", "."],
  ])("%s=%s is none: 422 that names the field", async (name, text) => {
    const form = new URLSearchParams({ email: address(), password, [name]: text });
    const response = await send("POST /auth", form);
    expect([response.status, (await bodyOf(response)).codes]).toEqual([422, { [name]: ["invalid"] }]);
  });
});

describe("a JSON body of null", () => {
  test("does not keep anybody signed in", async () => {
    const { held } = await register();
    expect((await send("DELETE /auth/sign_out", "null", held)).status).toBe(200);
    expect((await t.request("GET /auth/validate_token", { headers: held })).status).toBe(401);
  });

  test.each([
    ["POST /auth", 422],
    ["POST /auth/sign_in", 401],
    ["POST /auth/password", 401],
    ["PUT /auth/password", 401],
    ["POST /auth/validate_token", 401],
  ])("of %s is an empty one: %i", async (route, status) => {
    expect((await send(route, "null")).status).toBe(status);
  });
});

// A database would keep U+FFFD in the place of it: getsentry/sentry#10752, ayunis-core/ayunis-core#1613.
test.each([
  ["Ada \ud83d", 422],
  ["\udc4d", 422],
  ["Ada 👍", 200],
])("a text that was cut inside a character is no text, and a whole one is kept: %j", async (name, status) => {
  const { response } = await register({ name });
  const { codes, data } = await bodyOf(response);
  expect([response.status, codes, data["name"]]).toEqual(
    status === 200 ? [200, undefined, name] : [422, { name: ["invalid"] }, null],
  );
});

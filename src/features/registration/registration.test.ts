import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bodyOf, password, silent } from "../../../test/fixtures/http.js";
import { credentialsOf, type TestAuth, testAuth } from "../../testing/testing.js";

const models = {
  user: {
    mountAt: "/auth",
    fields: {
      name: { type: "string", writable: true, maxLength: 20 },
      age: { type: "integer", writable: "sign_up" },
      role: { type: "string" },
      nickname: { type: "string", writable: "account_update" },
    },
  },
  admin: { mountAt: "/admin_auth", confirmable: false },
  closed: { mountAt: "/closed", registration: false },
} as const;
const confirm_success_url = "http://localhost:5173/done";

let t: TestAuth<typeof models, Record<never, never>>;
beforeAll(async () => {
  t = await testAuth({ models });
});
afterAll(() => t.auth.close());

const register = (body: object, mount = "/auth") => t.request(`POST ${mount}`, { body });
describe("a registration", () => {
  test("of a confirmable model: 200, the user, a mail, and no auth headers", async () => {
    const email = "ada@example.com";
    const answer = await register({
      email,
      password,
      name: "Ada",
      age: 36,
      confirm_success_url,
      config_name: "",
    });
    const at = new Date(t.clock.now).toISOString();
    expect([answer.status, await answer.json()]).toEqual([
      200,
      {
        status: "success",
        data: {
          id: expect.any(Number),
          provider: "email",
          uid: email,
          email,
          name: "Ada",
          age: 36,
          role: null,
          nickname: null,
          created_at: at,
          updated_at: at,
        },
      },
    ]);
    expect(answer.headers.get("access-token")).toBeNull();
    expect(answer.headers.get("authorization")).toBeNull();
    const [mail] = t.outbox.messages({ to: email });
    expect(mail?.subject).toBe("Confirmation instructions");
    const link = new URL(t.linkTo(email));
    expect(Object.fromEntries(link.searchParams)).toEqual({
      config: "default",
      confirmation_token: expect.stringMatching(/^[\w-]{43}$/),
      redirect_url: confirm_success_url,
    });
  });

  test("of a model without confirmation: signed in at once, no mail", async () => {
    const email = "admin@example.com";
    const answer = await register({ email, password }, "/admin_auth");
    const body = await bodyOf(answer);
    expect([answer.status, body.status, body.data.uid]).toEqual([200, "success", email]);
    const headers = credentialsOf(answer);
    expect((await t.request("GET /admin_auth/validate_token", { headers })).status).toBe(200);
    expect(t.outbox.messages({ to: email })).toEqual([]);
  });

  test("trims the address and writes it in lower case before anything else (security 32)", async () => {
    const answer = await register({ email: "  Ada.Upper@EXAMPLE.com ", password }, "/admin_auth");
    expect((await bodyOf(answer)).data).toMatchObject({
      uid: "ada.upper@example.com",
      email: "ada.upper@example.com",
    });
    const again = await register({ email: "ADA.upper@example.COM", password }, "/admin_auth");
    expect((await bodyOf(again)).errors.email).toEqual(["has already been taken"]);
  });

  test("takes only listed fields; the others are dropped without a word (security 31)", async () => {
    const email = "eve@example.com";
    const more = {
      id: 999,
      uid: "root@example.com",
      provider: "github",
      tokens: "{}",
      confirmed_at: "2020-01-01",
    };
    const hidden = {
      role: "boss",
      nickname: "late",
      password_hash: "x",
      created_at: 1,
      __proto__: { role: "boss" },
    };
    const answer = await register({ email, password, confirm_success_url, ...more, ...hidden });
    const { data } = await bodyOf(answer);
    expect(data).toMatchObject({ uid: email, provider: "email", role: null, nickname: null });
    expect(data.id).not.toBe(999);
    expect(JSON.stringify(data)).not.toContain("password");
    const signIn = await t.request("POST /auth/sign_in", { body: { email, password } });
    expect((await bodyOf(signIn)).errors[0]).toContain("A confirmation email was sent");
  });

  test("a resource_class parameter is ignored: the path says the model", async () => {
    const email = "resource@example.com";
    expect((await register({ email, password, resource_class: "user" }, "/admin_auth")).status).toBe(200);
    expect(await t.auth.accounts.findByEmail("user", email)).toBeUndefined();
  });

  test("two at the same moment: one succeeds, the other gets 422 (security 32)", async () => {
    const body = { email: "race@example.com", password };
    const answers = await Promise.all([1, 2, 3].map(() => register(body, "/admin_auth")));
    expect(answers.map((one) => one.status).sort()).toEqual([200, 422, 422]);
    for (const late of answers.filter((one) => one.status === 422))
      expect((await bodyOf(late)).errors.email).toEqual(["has already been taken"]);
  });

  test("of a model that takes none: 403", async () => {
    const answer = await register({ email: "x@example.com", password }, "/closed");
    expect([answer.status, await answer.json()]).toEqual([
      403,
      { success: false, errors: ["Registration is closed."], code: "registration_disabled" },
    ]);
  });

  test("mail down: 503, no account, and the same address can register later (security 47)", async () => {
    let down = true;
    const one = await testAuth({
      logger: silent,
      mail: {
        from: "a@example.com",
        send: async () => {
          if (down) throw new Error("no route to 10.0.0.5");
        },
      },
    });
    const body = { email: "ada@example.com", password, confirm_success_url };
    const failed = await one.request("POST /auth", { body });
    expect([failed.status, failed.headers.get("retry-after"), await failed.json()]).toEqual([
      503,
      expect.stringMatching(/^[2-5]$/),
      {
        success: false,
        errors: ["The email could not be sent. Please try again in a moment."],
        code: "mail_unavailable",
      },
    ]);
    expect(await one.auth.accounts.findByEmail("user", body.email)).toBeUndefined();
    down = false;
    expect((await one.request("POST /auth", { body })).status).toBe(200);
    await one.auth.close();
  });
});

describe("a refused registration", () => {
  const nobody = { name: null, age: null, role: null, nickname: null, created_at: null, updated_at: null };
  const user = (email: string) => ({ id: null, provider: "email", uid: email, email, ...nobody });

  test("without confirm_success_url, and no default", async () => {
    for (const blank of [{}, { confirm_success_url: "" }]) {
      const answer = await register({ email: "New@example.com", password, ...blank });
      expect([answer.status, await answer.json()]).toEqual([
        422,
        {
          success: false,
          status: "error",
          data: user("new@example.com"),
          errors: ["Missing 'confirm_success_url' parameter."],
          code: "confirm_success_url_missing",
        },
      ]);
    }
  });

  test("with a confirm_success_url that the allow-list does not have (security 36)", async () => {
    const url = "https://evil.example/?x=$&";
    const answer = await register({ email: "new@example.com", password, confirm_success_url: url });
    expect([answer.status, await answer.json()]).toEqual([
      422,
      {
        success: false,
        status: "error",
        data: user("new@example.com"),
        errors: [`Redirect to '${url}' not allowed.`],
        code: "redirect_refused",
      },
    ]);
  });

  test.each([{}, { config_name: "default", confirm_success_url }, { role: "boss", uid: "a" }])(
    "with nothing that is permitted: %o",
    async (body) => {
      const answer = await register(body);
      expect([answer.status, await answer.json()]).toEqual([
        422,
        {
          success: false,
          status: "error",
          errors: ["Please submit proper sign up data in request body."],
          code: "sign_up_empty",
        },
      ]);
    },
  );

  test("an empty body of no type is one with nothing in it", async () => {
    const answer = await t.request("POST /auth");
    expect([answer.status, (await bodyOf(answer)).status]).toEqual([422, "error"]);
  });

  test.each<[string, object, Record<string, string[]>]>([
    ["blank", { email: " ", password: "" }, { email: ["can't be blank"], password: ["can't be blank"] }],
    ["absent", { name: "x" }, { email: ["can't be blank"], password: ["can't be blank"] }],
    ["null", { email: null, password: null }, { email: ["can't be blank"], password: ["can't be blank"] }],
    ["no e-mail address", { email: "ada@", password }, { email: ["is not an email"] }],
    ["a look-alike @", { email: "ada＠example.com", password }, { email: ["is not an email"] }],
    ["taken", { email: "admin2@example.com", password }, { email: ["has already been taken"] }],
    [
      "too short",
      { email: "n@example.com", password: "short" },
      { password: ["is too short (minimum is 8 characters)"] },
    ],
    [
      "too long",
      { email: "n@example.com", password: "ä".repeat(129) },
      { password: ["is too long (maximum is 128 characters)"] },
    ],
    [
      "too common",
      { email: "n@example.com", password: "password1" },
      { password: ["is too common to be safe"] },
    ],
    [
      "another confirmation",
      { email: "n@example.com", password, password_confirmation: "another" },
      { password_confirmation: ["doesn't match Password"] },
    ],
    [
      "a name too long, an age that is none",
      { email: "n@example.com", password, name: "x".repeat(21), age: "old" },
      { name: ["is too long (maximum is 20 characters)"], age: ["is invalid"] },
    ],
  ])("%s: the messages per field and as sentences (security 25)", async (_name, body, errors) => {
    if (_name === "taken") await register({ email: "admin2@example.com", password, confirm_success_url });
    const answer = await register({ ...body, confirm_success_url });
    const got = await bodyOf(answer);
    const sentences = Object.entries(errors).flatMap(([field, texts]) => {
      const words = field.replaceAll("_", " ");
      return texts.map((text) => `${words.charAt(0).toUpperCase()}${words.slice(1)} ${text}`);
    });
    expect([answer.status, got.status, got.data.id]).toEqual([422, "error", null]);
    expect(got.errors).toEqual({ ...errors, full_messages: sentences });
    expect(got).not.toHaveProperty("success");
    expect(JSON.stringify(got.data)).not.toContain("password");
  });

  test("shows under data the fields as it reads them, and null for what is no value of its field", async () => {
    const body = { email: "n@example.com", password: "short", name: 5, age: "36", role: "admin" };
    const { data } = await bodyOf(await register({ ...body, confirm_success_url }));
    expect(data).toMatchObject({ name: "5", age: 36, role: null, nickname: null });
  });

  test("128 letters of any script and 72 bytes are all the password's own (security 25)", async () => {
    const long = "ä😀".repeat(64);
    const email = "long@example.com";
    expect((await register({ email, password: long }, "/admin_auth")).status).toBe(200);
    const signIn = async (given: string) =>
      (await t.request("POST /admin_auth/sign_in", { body: { email, password: given } })).status;
    expect(await signIn(long)).toBe(200);
    expect(await signIn(`${long.slice(0, -2)}😁`)).toBe(401);
  });

  test("a confirmation of JSON null was not sent", async () => {
    const body = { email: "null@example.com", password, password_confirmation: null };
    expect((await register(body, "/admin_auth")).status).toBe(200);
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bodyOf,
  type Fixture,
  failure,
  newPerson,
  password,
  registerUser,
  signIn,
  startAuth,
} from "../../../test/fixtures/http.js";
import { credentialsOf } from "../../testing/testing.js";

let t: Fixture;
beforeAll(async () => {
  t = await startAuth();
});
afterAll(() => t.auth.close());

/** Somebody new who is signed in. */
async function person(fixture = t) {
  const who = await newPerson(fixture);
  return { ...who, held: await signIn(fixture, who) };
}
type Person = Awaited<ReturnType<typeof person>>;
const put = ({ held }: Person, body: object, fixture = t) =>
  fixture.request("PUT /auth", { body, headers: held });
const validate = async (held: Record<string, string>, fixture = t) =>
  (await fixture.request("GET /auth/validate_token", { headers: held })).status;
const subjects = (to: string) => t.outbox.messages({ to }).map((mail) => mail.subject);

describe("PUT /", () => {
  test.each(["PUT", "PATCH"])("%s: 200 and the user with times and auth headers", async (method) => {
    const ada = await person();
    const answer = await t.request(`${method} /auth`, { body: { name: "Ada" }, headers: ada.held });
    const { status, data } = await bodyOf(answer);
    expect([answer.status, status]).toEqual([200, "success"]);
    const times = { created_at: expect.any(String), updated_at: expect.any(String) };
    const shown = {
      id: expect.any(Number),
      provider: "email",
      uid: ada.email,
      email: ada.email,
      name: "Ada",
    };
    expect(data).toEqual({ ...shown, ...times });
    expect(credentialsOf(answer)).toEqual(ada.held);
  });

  test("takes a form", async () => {
    const ada = await person();
    const init = { method: "PUT", headers: ada.held, body: new URLSearchParams({ name: "Form" }) };
    const answer = await t.auth.handle(new Request("http://localhost:3000/auth", init));
    expect((await bodyOf(answer)).data["name"]).toBe("Form");
  });

  test("not signed in: 404", async () => {
    const answer = await t.request("PUT /auth", { body: { name: "Eve" } });
    const expected = { success: false, status: "error", errors: ["User not found."], code: "user_not_found" };
    expect([answer.status, await answer.json()]).toEqual([404, expected]);
  });

  test.each([{}, { id: 7, uid: "x", provider: "x", tokens: {}, confirmed_at: "x", current_password: "x" }])(
    "nothing that is permitted: %o (security 31)",
    async (body) => {
      const answer = await put(await person(), body);
      const errors = ["Please submit proper account update data in request body."];
      expect([answer.status, await answer.json()]).toEqual([
        422,
        { ...failure(errors[0] ?? ""), status: "error" },
      ]);
      expect(answer.headers.get("access-token")).toBeTruthy();
    },
  );

  test("what may not be written is dropped without a word (security 31)", async () => {
    const ada = await person();
    const answer = await put(ada, {
      name: "Ada",
      id: 7,
      uid: "root@example.com",
      provider: "github",
      created_at: 0,
    });
    expect((await bodyOf(answer)).data).toMatchObject({ name: "Ada", uid: ada.email, provider: "email" });
  });

  test("validation: 422, messages per field, and nothing is changed", async () => {
    const ada = await person();
    const answer = await put(ada, {
      name: "Ada",
      email: "nonsense",
      password: "short",
      password_confirmation: "x",
    });
    const errors = {
      email: ["is not an email"],
      password: ["is too short (minimum is 8 characters)"],
      password_confirmation: ["doesn't match Password"],
      full_messages: [
        "Email is not an email",
        "Password is too short (minimum is 8 characters)",
        "Password confirmation doesn't match Password",
      ],
    };
    expect([answer.status, await answer.json()]).toEqual([
      422,
      {
        status: "error",
        errors,
        code: "invalid",
        codes: {
          email: ["not_an_email"],
          password: ["too_short"],
          password_confirmation: ["mismatch"],
        },
      },
    ]);
    expect((await t.auth.accounts.findByEmail("user", ada.email))?.name).toBeNull();
  });

  test("null and blank parts of a form mean no new password and no current one", async () => {
    const ada = await person();
    const blank = { password: null, password_confirmation: null, current_password: "" };
    expect((await put(ada, { name: "Ada", ...blank })).status).toBe(200);
    expect(await signIn(t, ada)).not.toEqual({});
  });

  test("a new password: other sessions end, this one goes on, a notice is mailed (security 14, 37)", async () => {
    const ada = await person();
    const other = await signIn(t, ada);
    const next = "another violet hour";
    const changed = await put(ada, { password: next, password_confirmation: next });
    expect(changed.status).toBe(200);
    expect([await validate(credentialsOf(changed)), await validate(other)]).toEqual([200, 401]);
    expect(await signIn(t, ada)).toEqual({});
    await t.settled();
    expect(subjects(ada.email)[0]).toMatch(/password/i);
  });

  test("a wrong current password is refused, also where none is required (security 28)", async () => {
    const ada = await person();
    const answer = await put(ada, { name: "Ada", current_password: "wrong" });
    expect([answer.status, (await bodyOf(answer)).errors["current_password"]]).toEqual([422, ["is invalid"]]);
    expect((await put(ada, { name: "Ada", current_password: password })).status).toBe(200);
  });
});

describe("checkCurrentPasswordBeforeUpdate", () => {
  const secret = { password: "another violet hour", password_confirmation: "another violet hour" };
  const changes = { name: { name: "Ada" }, email: { email: "x@example.com" }, password: secret };
  test.each<[false | "attributes" | "password", number[]]>([
    [false, [200, 200, 200]],
    ["attributes", [422, 422, 422]],
    ["password", [200, 422, 422]],
  ])("%s: what name, e-mail and password answer without it (security 28)", async (setting, expected) => {
    const one = await startAuth({ checkCurrentPasswordBeforeUpdate: setting });
    const ada = await person(one);
    const statuses: number[] = [];
    for (const body of Object.values(changes)) statuses.push((await put(ada, body, one)).status);
    expect(statuses).toEqual(expected);
    if (setting !== false) {
      const blank = await put(ada, { ...changes.password, current_password: "" }, one);
      expect((await bodyOf(blank)).errors["current_password"]).toEqual(["can't be blank"]);
      const body = { ...secret };
      expect((await one.request("PUT /auth/password", { body, headers: ada.held })).status).toBe(422);
      const right = { ...changes.name, ...changes.email, ...secret, current_password: password };
      expect((await put(ada, right, one)).status).toBe(200);
    }
    await one.auth.close();
  });
});

describe("DELETE /", () => {
  test("200; account and sessions are gone, and the address is free (security 13)", async () => {
    const ada = await person();
    const other = await signIn(t, ada);
    const answer = await t.request("DELETE /auth", { headers: ada.held });
    const message = `Account with UID '${ada.email}' has been destroyed.`;
    expect([answer.status, await answer.json()]).toEqual([200, { status: "success", message }]);
    expect([await validate(ada.held), await validate(other)]).toEqual([401, 401]);
    await registerUser(t, ada);
    expect(await validate(other)).toBe(401);
  });

  test("not signed in: 404", async () => {
    const answer = await t.request("DELETE /auth");
    const errors = ["Unable to locate account for destruction."];
    expect([answer.status, await answer.json()]).toEqual([
      404,
      { ...failure(errors[0] ?? ""), status: "error" },
    ]);
  });
});

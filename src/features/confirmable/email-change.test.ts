import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bodyOf,
  type Fixture,
  failure,
  newPerson,
  password,
  registerUser,
  signIn,
  silent,
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

describe("a new e-mail address", () => {
  const moved = (who: Person, to: string) =>
    put(who, { email: ` ${to.toUpperCase()} `, redirect_url: "http://localhost:5173/" });
  const visit = async (link: string) =>
    new URL((await t.auth.handle(new Request(link))).headers.get("location") ?? "").searchParams.get(
      "account_confirmation_success",
    );

  test("waits for its link; until then the old one is in force, and is told (security 38)", async () => {
    const ada = await person();
    const answer = await moved(ada, "ada.new@example.com");
    expect((await bodyOf(answer)).data).toMatchObject({ uid: ada.email, email: ada.email });
    expect(await signIn(t, { email: "ada.new@example.com", password })).toEqual({});
    await t.settled();
    expect(subjects(ada.email)).toHaveLength(2);
    expect(t.outbox.messages({ to: ada.email })[0]?.text).not.toContain("confirmation_token");

    expect(await visit(t.linkTo("ada.new@example.com"))).toBe("true");
    expect(await visit(t.linkTo("ada.new@example.com"))).toBe("true");
    const next = await t.request("GET /auth/validate_token", { headers: ada.held });
    expect([next.status, next.headers.get("uid")]).toEqual([200, "ada.new@example.com"]);
    expect((await bodyOf(next)).data["uid"]).toBe("ada.new@example.com");
    expect(await validate({ ...ada.held, uid: "ada.new@example.com" })).toBe(200);
    expect(await signIn(t, ada)).toEqual({});
    expect(await signIn(t, { email: "ada.new@example.com", password })).not.toEqual({});
    await t.settled();
    expect(subjects(ada.email)).toHaveLength(3);
  });

  test("that is taken: 422", async () => {
    const [ada, eve] = [await person(), await person()];
    const answer = await moved(ada, eve.email);
    expect([answer.status, (await bodyOf(answer)).errors["full_messages"]]).toEqual([
      422,
      ["Email has already been taken"],
    ]);
  });

  test("that somebody else takes meanwhile: the link answers false, and the account keeps its own (security 32)", async () => {
    const ada = await person();
    await moved(ada, "wanted@example.com");
    const link = t.linkTo("wanted@example.com");
    await registerUser(t, { email: "wanted@example.com", password: "yet another violet hour" });
    expect(await visit(link)).toBe("false");
    expect(await validate(ada.held)).toBe(200);
    expect(await signIn(t, ada)).not.toEqual({});
  });

  test("a change to another address kills the link of the one before (security 33)", async () => {
    const ada = await person();
    await moved(ada, "first@example.com");
    const first = t.linkTo("first@example.com");
    await moved(ada, "second@example.com");
    expect([await visit(first), await visit(t.linkTo("second@example.com"))]).toEqual(["false", "true"]);
  });

  test("a change of password kills the link that is out", async () => {
    const ada = await person();
    await moved(ada, "thief@example.com");
    const next = "another violet hour";
    await put(ada, { password: next, password_confirmation: next });
    expect(await visit(t.linkTo("thief@example.com"))).toBe("false");
  });

  test("beside a password that is known from a breach: 422, and no mail", async () => {
    const one = await startAuth({ isPasswordBreached: (word) => word === "a breached violet hour" });
    const ada = await person(one);
    const word = "a breached violet hour";
    const body = { email: "unsent@example.com", password: word, password_confirmation: word };
    expect((await put(ada, body, one)).status).toBe(422);
    expect(one.outbox.messages({ to: "unsent@example.com" })).toEqual([]);
    await one.auth.close();
  });

  test("is given up by stating the address that the account has", async () => {
    const ada = await person();
    await moved(ada, "regretted@example.com");
    await moved(ada, ada.email);
    expect(await visit(t.linkTo("regretted@example.com"))).toBe("false");
  });

  test("the same address in another spelling changes nothing and mails nobody", async () => {
    const ada = await person();
    t.outbox.clear();
    expect((await moved(ada, ada.email)).status).toBe(200);
    await t.settled();
    expect(t.outbox.messages()).toEqual([]);
  });

  test("a redirect_url that is not allowed: 422, and no mail (security 36)", async () => {
    const ada = await person();
    const answer = await put(ada, { email: "other@example.com", redirect_url: "https://evil.example/" });
    const errors = ["Redirect to 'https://evil.example/' not allowed."];
    expect([answer.status, await answer.json()]).toEqual([422, failure(errors[0] ?? "")]);
    expect(t.outbox.messages({ to: "other@example.com" })).toEqual([]);
  });

  test("of a model that confirms nothing takes effect at once: data, headers and the old uid are good", async () => {
    const body = { email: "boss@example.com", password };
    const held = credentialsOf(await t.request("POST /admin_auth", { body }));
    const answer = await t.request("PUT /admin_auth", {
      body: { email: "chief@example.com" },
      headers: held,
    });
    expect((await bodyOf(answer)).data).toMatchObject({
      uid: "chief@example.com",
      email: "chief@example.com",
    });
    expect(answer.headers.get("uid")).toBe("chief@example.com");
    const lateUid = await t.request("GET /admin_auth/validate_token", { headers: held });
    expect([lateUid.status, lateUid.headers.get("uid")]).toEqual([200, "chief@example.com"]);
    await t.settled();
    expect(subjects("boss@example.com")).toHaveLength(1);
  });

  test("mail down: 503 with auth headers, and nothing is changed (security 47)", async () => {
    let down = false;
    const caught: string[] = [];
    const one = await startAuth({
      logger: silent,
      mail: {
        from: "a@example.com",
        send: async ({ text }) => {
          if (down) throw new Error("down");
          caught.push(text);
        },
      },
    });
    const ada = { email: "ada@example.com", password };
    await one.request("POST /auth", { body: { ...ada, confirm_success_url: "http://localhost:5173/" } });
    await one.auth.handle(new Request(/https?:\S+/.exec(caught[0] ?? "")?.[0] ?? ""));
    const held = await signIn(one, ada);
    down = true;
    const answer = await put({ ...ada, held }, { name: "New", email: "new@example.com" }, one);
    expect(answer.status).toBe(503);
    expect(credentialsOf(answer)).toEqual(held);
    expect((await one.auth.accounts.findByEmail("user", ada.email))?.name).toBeNull();
    await one.auth.close();
  });
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bodyOf, password } from "../../../test/fixtures/http.js";
import { credentialsOf, testAuth } from "../../testing/testing.js";

const start = (settings: { readonly paranoid?: boolean; readonly rateLimits?: boolean } = {}) =>
  testAuth({
    ...settings,
    maximumAttempts: 10,
    rateLimitRules: { signInFailuresByAccount: { limit: 5, per: "1h" } },
    models: {
      user: {
        mountAt: "/auth",
        confirmable: false,
        lockable: true,
        fields: { username: { type: "string", writable: true }, phone: { type: "string", writable: true } },
        authenticationKeys: ["email", "username", { field: "phone", as: "phone", country: "DE" }],
      },
      staff: {
        mountAt: "/staff_auth",
        confirmable: false,
        fields: { nick: { type: "string", writable: true, required: true } },
        authenticationKeys: ["nick"],
      },
      guest: {
        mountAt: "/guest_auth",
        confirmable: false,
        fields: { username: { type: "string", writable: true } },
      },
    },
  });
type Fixture = Awaited<ReturnType<typeof start>>;

let t: Fixture;
beforeAll(async () => {
  t = await start();
});
afterAll(() => t.auth.close());

let people = 0;
const register = (fields: object, mount = "/auth", one = t) =>
  one.request(`POST ${mount}`, { body: { email: `person${++people}@example.com`, password, ...fields } });
const signIn = (names: object, mount = "/auth", one = t) =>
  one.request(`POST ${mount}/sign_in`, { body: { password, ...names } });
const codesOf = async (answer: Response) => [answer.status, (await bodyOf(answer)).codes];
const idOf = async (answer: Response) => (await bodyOf(answer)).data?.["id"];

describe("signing in by a field", () => {
  test("a name in any spelling, a number however it is written, or any of them as login (shape 29)", async () => {
    const made = await register({ email: "john@example.com", username: " JohnDoe ", phone: "0151 23456789" });
    const { data } = await bodyOf(made);
    expect(data).toMatchObject({ uid: "john@example.com", username: "JohnDoe", phone: "+4915123456789" });
    expect(data).not.toHaveProperty("username_key");
    const names = [
      { email: "John@Example.com" },
      ...["JohnDoe", "johndoe", "ＪＯＨＮＤＯＥ"].flatMap((name) => [{ username: name }, { login: name }]),
      ...["+49 151 23456789", "0049 151 23456789", "0151/23456789"].flatMap((phone) => [
        { phone },
        { login: phone },
      ]),
      { login: " john@example.com " },
    ];
    for (const name of names) {
      const answer = await signIn(name);
      expect([answer.status, name, await idOf(answer)]).toEqual([200, name, data["id"]]);
      expect(credentialsOf(answer)["uid"]).toBe("john@example.com");
    }
    const form = new URLSearchParams({ login: "johndoe", password });
    const request = new Request("http://localhost:3000/auth/sign_in", { method: "POST", body: form });
    expect((await t.auth.handle(request)).status).toBe(200);
  });

  test("each parameter finds its own kind only, and a wrong one is answered as any other (shape 29)", async () => {
    await register({ email: "kim@example.com", username: "kim", phone: "+49 30 5550001" });
    const wrong = [
      { email: "kim" },
      { username: "kim@example.com" },
      { username: "+49305550001" },
      { phone: "kim" },
      { phone: "kim@example.com" },
      { nick: "kim" },
      { login: "" },
      { username: "k\0im" },
      { username: "ki\u200bm" },
      { username: "kim".repeat(100) },
      { login: ["kim"] },
      { username: "kim", password: "another violet hour" },
      { username: "nobody" },
    ];
    const answers = await Promise.all(wrong.map((names) => signIn(names)));
    const [first, ...others] = await Promise.all(
      answers.map(async (one) => [one.status, await one.text(), [...one.headers.keys()]]),
    );
    expect(first?.[0]).toBe(401);
    for (const other of others) expect(other).toEqual(first);
  });

  test("a model without its address among the keys is found by its name alone, and other models know nothing of it", async () => {
    expect((await register({ email: "lea@example.com", nick: "Lea" }, "/staff_auth")).status).toBe(200);
    expect((await signIn({ nick: "lea" }, "/staff_auth")).status).toBe(200);
    expect((await signIn({ login: "LEA" }, "/staff_auth")).status).toBe(200);
    expect((await signIn({ email: "lea@example.com" }, "/staff_auth")).status).toBe(401);
    for (const mount of ["/auth", "/guest_auth"])
      expect((await signIn({ username: "lea", login: "lea", nick: "lea" }, mount)).status).toBe(401);
    await register({ email: "gus@example.com", username: "gus" }, "/guest_auth");
    expect((await signIn({ username: "gus" }, "/guest_auth")).status).toBe(401);
    expect((await register({ email: "gus2@example.com", username: "gus" }, "/guest_auth")).status).toBe(200);
  });
});

describe("a name when an account is made or changed", () => {
  test.each([
    ["johnny", "JOHNNY"],
    ["İpek", "ipek"],
    ["Ａｎｎｅ", "anne"],
    ["Groß", "GROSS"],
    ["Mary Ann", "mary\u00a0ann"],
  ])("%s and %s are one: 422 (shape 29)", async (one, other) => {
    expect((await register({ username: one })).status).toBe(200);
    expect(await codesOf(await register({ username: other }))).toEqual([422, { username: ["taken"] }]);
  });

  test.each<[object, object]>([
    [{ username: "a@b" }, { username: ["invalid"] }],
    [{ username: "john@example.com" }, { username: ["invalid"] }],
    [{ username: "+49 30 123456" }, { username: ["invalid"] }],
    [{ username: "4711" }, { username: ["invalid"] }],
    [{ username: "ad\u200ba" }, { username: ["invalid"] }],
    [{ username: "ada\0" }, { username: ["invalid"] }],
    [{ username: "a".repeat(300) }, { username: ["too_long"] }],
    // Each is eighteen letters when it is compared.
    [{ username: "\ufdfa".repeat(100) }, { username: ["too_long"] }],
    [{ phone: "+49 30 1 ext 7" }, { phone: ["invalid"] }],
    [{ phone: "ada" }, { phone: ["invalid"] }],
  ])("%o: 422", async (fields, codes) => {
    expect(await codesOf(await register(fields))).toEqual([422, codes]);
  });

  test("everything is told at once, in words", async () => {
    await register({ email: "taken@example.com", username: "Taken", phone: "+49 30 5550002" });
    const answer = await register({ email: "taken@example.com", username: "taken", phone: "030 5550002" });
    expect((await bodyOf(answer)).errors["full_messages"]).toEqual([
      "Email has already been taken",
      "Username has already been taken",
      "Phone has already been taken",
    ]);
  });

  test("many accounts have none, and a blank one is none", async () => {
    for (const username of [undefined, "", "  ", null]) {
      const answer = await register({ username, phone: "" });
      expect([answer.status, (await bodyOf(answer)).data["username"]]).toEqual([200, null]);
    }
    expect(await codesOf(await register({ nick: "  " }, "/staff_auth"))).toEqual([422, { nick: ["blank"] }]);
  });

  test("an update changes it, to another spelling too, and frees the old one", async () => {
    const headers = credentialsOf(await register({ username: "Mona" }));
    const update = (body: object) => t.request("PUT /auth", { body, headers });
    await register({ username: "Lisa" });
    expect(await codesOf(await update({ username: "LISA" }))).toEqual([422, { username: ["taken"] }]);
    expect(await codesOf(await update({ username: "m@na" }))).toEqual([422, { username: ["invalid"] }]);
    expect((await bodyOf(await update({ username: "MONA" }))).data["username"]).toBe("MONA");
    expect((await update({ username: "Giselle" })).status).toBe(200);
    expect([
      (await signIn({ username: "mona" })).status,
      (await signIn({ login: "GISELLE" })).status,
    ]).toEqual([401, 200]);
    expect((await register({ username: "mona" })).status).toBe(200);
    expect((await update({ username: "" })).status).toBe(200);
    expect((await signIn({ username: "giselle" })).status).toBe(401);
  });

  test("the app's own code finds, makes and changes accounts by it", async () => {
    const { accounts } = t.auth;
    const made = await accounts.create("user", {
      email: "ines@example.com",
      username: "Inés",
      phone: "030 5550003",
    });
    expect(made.phone).toBe("+49305550003");
    for (const name of [{ username: "INÉS" }, { phone: "0049 30 5550003" }, { email: "INES@example.com" }])
      expect((await accounts.find("user", name))?.id).toBe(made.id);
    expect(await accounts.find("user", { username: "in@es" })).toBeUndefined();
    const taken = accounts.create("user", { email: "ines2@example.com", username: "inés" });
    await expect(taken).rejects.toMatchObject({ code: "invalid" });
    await accounts.update("user", made, { username: "Agnès" });
    expect((await accounts.find("user", { username: "agnès" }))?.username).toBe("Agnès");
    const wrong = [{}, { nick: "a" }, { username: "a", email: "b" }, { username: 7 }] as never[];
    for (const name of wrong) await expect(accounts.find("user", name)).rejects.toThrow(TypeError);
  });
});

describe("guesses", () => {
  test("an account is locked by failures under all of its names together", async () => {
    await register({ email: "max@example.com", username: "max" });
    const wrong = { password: "another violet hour" };
    for (let i = 0; i < 5; i++) {
      await signIn({ username: "Max", ...wrong });
      await signIn({ email: "max@example.com", ...wrong });
    }
    expect((await bodyOf(await signIn({ login: "max" }))).code).toBe("locked");
  });

  test.each([
    { paranoid: false, told: [429, 401] },
    { paranoid: true, told: [401, 401] },
  ])(
    "paranoid: $paranoid, a limit counts an account's names together or tells nothing of them",
    async ({ paranoid, told }) => {
      const one = await start({ rateLimits: true, paranoid });
      await register({ email: "una@example.com", username: "una" }, "/auth", one);
      const guess = async (names: object) =>
        (await signIn({ ...names, password: "another violet hour" }, "/auth", one)).status;
      const statuses: number[] = [];
      for (let i = 0; i < 6; i++) statuses.push(await guess({ username: i % 2 ? "una" : "UNA" }));
      expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
      expect([
        await guess({ email: "una@example.com" }),
        await guess({ email: "nobody@example.com" }),
      ]).toEqual(told);
      const nobody: number[] = [];
      for (let i = 0; i < 6; i++) nobody.push(await guess({ username: "nobody" }));
      expect(nobody).toEqual(statuses);
      await one.auth.close();
    },
  );
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ada, type Fixture, registerUser, signIn, startAuth } from "../../test/fixtures/http.js";
import { AuthError } from "../errors.js";

let t: Fixture;
let eve: { email: string; password: string };
beforeAll(async () => {
  t = await startAuth();
  eve = { ...ada, email: "eve@example.com" };
  await registerUser(t);
  await registerUser(t, eve);
  await t.request("POST /admin_auth", { body: ada });
});
afterAll(() => t.auth.close());

const validate = async (headers: Record<string, string>, mountAt = "/auth") =>
  (await t.request(`GET ${mountAt}/validate_token`, { headers })).status;
const clientOf = (headers: Record<string, string>): string => headers["client"] ?? "";
const tokenOf = (headers: Record<string, string>): string => headers["access-token"] ?? "";

describe("accounts.find and accounts.findByEmail", () => {
  test("find by id, as a number or text, and by any spelling of the address; without secrets", async () => {
    const found = await t.auth.accounts.findByEmail("user", "  ADA@Example.com ");
    expect(found).toMatchObject({ id: 1, uid: ada.email, name: null });
    expect(await t.auth.accounts.find("user", 1)).toEqual(found);
    expect(await t.auth.accounts.find("user", "1")).toEqual(found);
    expect(Object.keys(found ?? {}).sort()).toEqual(
      ["created_at", "email", "id", "name", "provider", "uid", "updated_at"].sort(),
    );
  });

  test("what is not there is undefined, junk too", async () => {
    for (const id of [99, -1, 99n, "x", "", "1 or 1=1", "01", " 1", "9".repeat(40)])
      expect(await t.auth.accounts.find("user", id), String(id)).toBeUndefined();
    for (const email of ["nobody@example.com", "", "@", "a".repeat(1000)])
      expect(await t.auth.accounts.findByEmail("user", email)).toBeUndefined();
  });

  test.each([1.5, Number.NaN, 2 ** 60, {}, { id: null }, undefined, true])(
    "an id that can be none is a TypeError that says what an id is: %s",
    async (id) => {
      await expect(t.auth.accounts.find("user", id as never)).rejects.toThrow(/named by its id/);
      await expect(t.auth.accounts.endSessions("user", id as never)).rejects.toThrow(TypeError);
    },
  );

  test("a model that the configuration does not name is a TypeError", async () => {
    const name = "ghost" as "user";
    await expect(t.auth.accounts.find(name, 1)).rejects.toThrow('There is no model "ghost"');
  });
});

describe("validToken", () => {
  test("says whether a token is good, for this account, client and model, and does not rotate", async () => {
    const held = await signIn(t);
    const [token, client] = [tokenOf(held), clientOf(held)];
    expect(await t.auth.validToken("user", 1, token, client)).toBe(true);
    expect(await t.auth.validToken("user", { id: 1 }, token, client)).toBe(true);
    for (const [model, id, given, of] of [
      ["user", 2, token, client],
      ["admin", 1, token, client],
      ["user", 1, `${token}x`, client],
      ["user", 1, "", client],
      ["user", 1, token, "nobody"],
      ["user", 99, token, client],
    ] as const)
      expect(await t.auth.validToken(model, id, given, of)).toBe(false);
    t.clock.forward("6s");
    expect(await t.auth.validToken("user", 1, token, client)).toBe(true);
    expect(await validate(held)).toBe(200);
  });

  test("not once the session has ended, or its time is over", async () => {
    const [ended, late] = [await signIn(t, eve), await signIn(t, eve)];
    await t.auth.accounts.endSessions("user", 2, { client: clientOf(ended) });
    expect(await t.auth.validToken("user", 2, tokenOf(ended), clientOf(ended))).toBe(false);
    t.clock.forward("15d");
    expect(await t.auth.validToken("user", 2, tokenOf(late), clientOf(late))).toBe(false);
  });
});

describe("values of another kind than the types say", () => {
  test("validToken is false for a token or a client that is no text", async () => {
    const held = await signIn(t);
    for (const wrong of [null, undefined, 1, {}, [tokenOf(held)]]) {
      expect(await t.auth.validToken("user", 1, wrong as never, clientOf(held))).toBe(false);
      expect(await t.auth.validToken("user", 1, tokenOf(held), wrong as never)).toBe(false);
    }
    expect(await t.auth.validToken("user", 1, null as never, null as never)).toBe(false);
  });

  test.each([null, {}, 1])("client %j: a TypeError that names it, and sessions go on", async (wrong) => {
    const held = await signIn(t);
    const client = wrong as never;
    await expect(t.auth.createNewAuthToken("user", 1, client)).rejects.toThrow(/^"client" must be/);
    const built = t.auth.buildAuthHeaders("user", 1, tokenOf(held), client);
    await expect(built).rejects.toThrow(new TypeError('"client" must be a text'));
    const ended = t.auth.accounts.endSessions("user", 1, { client });
    await expect(ended).rejects.toThrow(new TypeError('"client" must be a text'));
    expect(await validate(held)).toBe(200);
  });

  test("options and values that are none: a TypeError that names them, and nothing is made or changed", async () => {
    const { create, update } = t.auth.accounts;
    const values = { email: "wrong@example.com", password: ada.password };
    const before = await t.auth.accounts.find("user", 1);
    for (const [name, wrong] of [
      ["confirmed", { confirmed: "false" }],
      ["mail", { mail: 0 }],
      ["redirectUrl", { redirectUrl: ["http://localhost:5173/"] }],
      ["actor", { actor: {} }],
      ["options", null],
    ] as const) {
      const message = new RegExp(`^"${name}" must be `);
      await expect(create("user", values, wrong as never)).rejects.toThrow(message);
      await expect(update("user", 1, { name: "New" }, wrong as never)).rejects.toThrow(message);
    }
    for (const wrong of [null, undefined, "x", []]) {
      const error = new TypeError('"values" must be an object');
      await expect(create("user", wrong as never)).rejects.toThrow(error);
      await expect(update("user", 1, wrong as never)).rejects.toThrow(error);
    }
    expect(await t.auth.accounts.findByEmail("user", values.email)).toBeUndefined();
    expect(await t.auth.accounts.find("user", 1)).toEqual(before);
  });
});

describe("createNewAuthToken", () => {
  test("opens a session without a password: the five headers, good at once", async () => {
    const headers = await t.auth.createNewAuthToken("user", 1);
    expect(headers).toEqual({
      "access-token": expect.any(String),
      "token-type": "Bearer",
      client: expect.any(String),
      expiry: String(Math.floor(t.clock.now / 1000) + 14 * 24 * 3600),
      uid: ada.email,
    });
    expect(await validate(headers)).toBe(200);
  });

  test("with the client of a session of the account, that session gets the new token and the old one is over", async () => {
    const held = await signIn(t);
    const fresh = await t.auth.createNewAuthToken("user", 1, clientOf(held));
    expect(clientOf(fresh)).toBe(clientOf(held));
    expect([await validate(held), await validate(fresh)]).toEqual([401, 200]);
  });

  test("with a client that nobody has, a session of that name is opened", async () => {
    const headers = await t.auth.createNewAuthToken("user", { id: 1 }, "kiosk-7");
    expect([clientOf(headers), await validate(headers)]).toEqual(["kiosk-7", 200]);
  });

  test.each<[string, "user" | "admin"]>([
    ["another account", "user"],
    ["another model's account of the same id", "admin"],
  ])("with the client of %s: a TypeError that says so, and that session goes on", async (_name, model) => {
    const theirs = model === "user" ? await signIn(t, eve) : await signIn(t, ada, "/admin_auth");
    await expect(t.auth.createNewAuthToken("user", 1, clientOf(theirs))).rejects.toThrow(TypeError);
    await expect(t.auth.createNewAuthToken("user", 1, clientOf(theirs))).rejects.toThrow(/client/);
    expect(await validate(theirs, model === "user" ? "/auth" : "/admin_auth")).toBe(200);
  });

  test.each(["", " ", "a b", "ä", "a\r\nset-cookie: x", "a".repeat(65), ".", "..", "a/b"])(
    "a client that cannot stand in a header or a path is refused: %j",
    async (client) => {
      await expect(t.auth.createNewAuthToken("user", 1, client)).rejects.toThrow(/"client" must be/);
    },
  );

  test("for an account that is not there: a TypeError", async () => {
    await expect(t.auth.createNewAuthToken("user", 99)).rejects.toThrow("There is no user with the id 99");
  });
});

describe("buildAuthHeaders", () => {
  test("the headers for a token that the caller holds, without a rotation", async () => {
    const held = await signIn(t);
    expect(await t.auth.buildAuthHeaders("user", 1, tokenOf(held), clientOf(held))).toEqual(held);
  });

  test("for another's client: a TypeError", async () => {
    const theirs = await signIn(t, eve);
    await expect(t.auth.buildAuthHeaders("user", 1, tokenOf(theirs), clientOf(theirs))).rejects.toThrow(
      "The user with the id 1 has no session of that client",
    );
  });
});

describe("sessions from the server's side", () => {
  test("are listed without secrets", async () => {
    const held = await signIn(t);
    const listed = await t.auth.accounts.listSessions("user", 1);
    expect(listed.map((one) => one.client)).toContain(clientOf(held));
    expect(JSON.stringify(listed)).not.toMatch(/hash|secret|token/i);
  });

  test("end one by one, all of an account, or all of a model; each says how many (security 16)", async () => {
    const one = await startAuth();
    await one.request("POST /admin_auth", { body: ada });
    await one.request("POST /admin_auth", { body: eve });
    const status = async (headers: Record<string, string>) =>
      (await one.request("GET /admin_auth/validate_token", { headers })).status;
    const [first, second] = [await signIn(one, ada, "/admin_auth"), await signIn(one, ada, "/admin_auth")];
    const other = await signIn(one, eve, "/admin_auth");
    expect(await one.auth.accounts.endSessions("admin", 2, { client: clientOf(first) })).toBe(0);
    expect(await one.auth.accounts.endSessions("admin", 1, { client: clientOf(first) })).toBe(1);
    expect([await status(first), await status(second)]).toEqual([401, 200]);
    expect(await one.auth.accounts.endSessions("admin", 1)).toBe(2);
    expect([await status(second), await status(other)]).toEqual([401, 200]);
    expect(await one.auth.accounts.endAllSessions("user")).toBe(0);
    expect(await one.auth.accounts.endAllSessions("admin")).toBe(2);
    expect(await status(other)).toBe(401);
    expect(one.events.filter((event) => event.name === "session.ended").length).toBe(3);
    await one.auth.close();
  });
});

describe("accounts.delete", () => {
  test("takes the sessions along, and is not done twice (security 13)", async () => {
    const gone = { ...ada, email: "gone@example.com" };
    await registerUser(t, gone);
    const held = await signIn(t, gone);
    const account = await t.auth.accounts.findByEmail("user", gone.email);
    if (!account) throw new Error("The account was not made");
    await t.auth.accounts.delete("user", account);
    expect(await validate(held)).toBe(401);
    expect(await t.auth.accounts.find("user", account.id)).toBeUndefined();
    expect(await t.auth.accounts.listSessions("user", account)).toEqual([]);
    const again = t.auth.accounts.delete("user", account);
    await expect(again).rejects.toThrow(AuthError);
    await expect(again).rejects.toMatchObject({ code: "account_not_found" });
  });
});

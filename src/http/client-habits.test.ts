import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ada, bodyOf, type Fixture, registerUser, signIn, startAuth } from "../../test/fixtures/http.js";

/** What clients in use send to devise_token_auth, which takes it. */

let t: Fixture;
beforeAll(async () => {
  t = await startAuth();
  await registerUser(t);
});
afterAll(() => t.auth.close());

const send = (
  route: string,
  body: string | undefined,
  headers: Record<string, string>,
): Promise<Response> => {
  const [method = "", path = ""] = route.split(" ");
  const url = `http://localhost:3000${path}`;
  return t.auth.handle(new Request(url, { method, headers, ...(body === undefined ? {} : { body }) }));
};
const asJson = { "content-type": "application/json" };

// Rails' routes end with `(.:format)`: boozallen/projectjellyfish#364, and `auth/sign_in.json` in clients for Vue and React.
describe("a path that ends with .json", () => {
  test("is the path without it: registration, sign-in, validation, account, password, sign-out", async () => {
    const person = {
      email: "grace@example.com",
      password: ada.password,
      confirm_success_url: "http://localhost:5173/",
    };
    expect((await t.request("POST /auth.json", { body: person })).status).toBe(200);
    const signedIn = await t.request("POST /auth/sign_in.json", { body: ada });
    expect(signedIn.status).toBe(200);
    const held = await signIn(t);
    for (const [route, body] of [
      ["GET /auth/validate_token.json"],
      ["GET /auth/sessions.json"],
      ["PUT /auth.json", { name: "Ada" }],
      ["POST /auth/password.json", { email: ada.email, redirect_url: "http://localhost:5173/" }],
      ["DELETE /auth/sign_out.json"],
    ] as const)
      expect([route, (await t.request(route, { headers: held, ...(body && { body }) })).status]).toEqual([
        route,
        200,
      ]);
    expect((await t.request("GET /auth/validate_token", { headers: held })).status).toBe(401);
  });

  test.each([
    ["GET /auth/sign_in.json", 405],
    ["GET /auth/nothing.json", 404],
    ["GET /auth/validate_token.json.json", 404],
    ["GET /auth/validate_token.xml", 404],
    ["GET /authority.json", 404],
    ["GET /auth/openapi.json", 200],
  ])("%s: %i", async (route, status) => {
    expect((await t.request(route)).status).toBe(status);
  });
});

// nuxt-community/auth-module#95, SaxoBank/openapi-clientlib-js#513: the stored value gets its scheme once more.
describe("Authorization", () => {
  test.each([
    ["Bearer Bearer", 200],
    ["Bearer bearer", 200],
    ["bearer  Bearer ", 200],
    ["Basic Bearer", 401],
    ["BearerBearer", 401],
  ])("%s before the credentials: %i", async (scheme, status) => {
    const signedIn = await t.request("POST /auth/sign_in", { body: ada });
    const value = signedIn.headers.get("authorization")?.replace("Bearer", "").trim();
    const headers = { authorization: `${scheme} ${value}` };
    expect((await t.request("GET /auth/validate_token", { headers })).status).toBe(status);
  });
});

// PHP writes an empty array as a list: workos/workos-php#400, resend/resend-php#65, svix/svix-webhooks#2060.
describe("an empty list as the JSON body", () => {
  test("does not keep anybody signed in", async () => {
    const held = await signIn(t);
    expect((await send("DELETE /auth/sign_out", "[]", { ...asJson, ...held })).status).toBe(200);
    expect((await t.request("GET /auth/validate_token", { headers: held })).status).toBe(401);
  });

  test.each([
    ["POST /auth", 422, "sign_up_empty"],
    ["POST /auth/sign_in", 401, "invalid_credentials"],
    ["POST /auth/password", 401, "redirect_missing"],
  ])("of %s is an empty one: %i", async (route, status, code) => {
    const response = await send(route, "[]", asJson);
    expect([response.status, (await bodyOf(response)).code]).toEqual([status, code]);
  });

  test.each(["[1]", "[{}]", "0", '""', "false"])("%s is malformed all the same", async (body) => {
    const response = await send("POST /auth/sign_in", body, asJson);
    expect([response.status, (await bodyOf(response)).code]).toEqual([400, "malformed_body"]);
  });
});

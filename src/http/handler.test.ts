import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ada, bodyOf, type Fixture, registerUser, signIn, startAuth } from "../../test/fixtures/http.js";
import { paramsOf } from "../../test/fixtures/routes.js";
import { routes as allRoutes } from "../features/list.js";

let t: Fixture;
beforeAll(async () => {
  t = await startAuth({ trustedProxies: ["10.0.0.0/8"] });
  await registerUser(t);
});
afterAll(() => t.auth.close());

describe("every path below a mount point has a JSON answer", () => {
  test.each([
    ["GET /auth", 405, "DELETE, PATCH, POST, PUT"],
    ["DELETE /auth/validate_token", 405, "GET, POST"],
    ["POST /auth/sign_out", 405, "DELETE"],
    ["PUT /auth/sessions/1", 405, "DELETE"],
    ["GET /auth/nothing", 404, null],
    ["GET /auth/sign_in/more", 404, null],
    ["GET /auth/%00", 404, null],
    ["POST /auth/openapi.json", 404, null],
    [`GET /auth/${"a".repeat(20_000)}`, 431, null],
    ["GET /elsewhere", 404, null],
    ["GET /authority/validate_token", 404, null],
  ])("%.40s: %i", async (route, status, allow) => {
    const answer = await t.request(route);
    expect([answer.status, await answer.json()]).toEqual([
      status,
      { success: false, errors: [expect.any(String)], code: expect.stringMatching(/^[a-z_]+$/) },
    ]);
    expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("allow")?.split(", ").sort().join(", ") ?? null).toBe(allow);
  });

  test("a slash at the end changes nothing", async () => {
    expect((await t.request("GET /auth/validate_token/")).status).toBe(401);
    expect((await t.request("DELETE /auth/")).status).toBe(404);
  });
});

describe("openapi.json", () => {
  test.each(["/auth", "/admin_auth"])("of %s lists every route with its parameters", async (mount) => {
    const answer = await t.request(`GET ${mount}/openapi.json`);
    expect(answer.status).toBe(200);
    const document: { openapi: string; paths: Record<string, Record<string, object>> } = JSON.parse(
      await answer.text(),
    );
    expect(document.openapi).toMatch(/^3\.1\./);
    const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routes = allRoutes.filter(
      ({ path }) => path !== "/unlock" && (mount === "/auth" || path !== "/confirmation"),
    );
    const expected = routes.map(({ method, path }) =>
      `${method} ${mount}${path === "/" ? "" : path}`.replace(":id", "{id}"),
    );
    expect(listed.sort()).toEqual(expected.sort());
    for (const route of routes) {
      const { method, path } = route;
      const place = `${mount}${path === "/" ? "" : path}`.replace(":id", "{id}");
      const text = JSON.stringify(document.paths[place]?.[method.toLowerCase()]);
      for (const name of paramsOf(route)) expect(text).toContain(`"${name.replace("!", "")}"`);
    }
  });

  test("names the model's own fields where clients may write them", async () => {
    const user = await (await t.request("GET /auth/openapi.json")).text();
    const admin = await (await t.request("GET /admin_auth/openapi.json")).text();
    expect([user.includes('"name":{"type":"string"'), admin.includes('"name":{"type":"string"')]).toEqual([
      true,
      false,
    ]);
  });
});

describe("what the adapter tells of a request", () => {
  const signInFrom = async (
    info: Parameters<typeof t.auth.handle>[1],
    headers: Record<string, string> = {},
  ) => {
    const held = await signIn(t);
    const request = new Request("http://localhost:3000/auth/sign_in", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(ada),
    });
    const answer = await t.auth.handle(request, info);
    const list = await bodyOf(await t.request("GET /auth/sessions", { headers: held }));
    const rows: { id: string; address: string | null }[] = JSON.parse(JSON.stringify(list.data));
    return rows.find((row) => row.id === answer.headers.get("client"))?.address;
  };

  test("the peer's address stands in the list of sessions", async () => {
    expect(await signInFrom({ peer: "203.0.113.7" })).toBe("203.0.113.7");
  });

  test("X-Forwarded-For is believed of a listed proxy only (security 48)", async () => {
    const forwarded = { "x-forwarded-for": "198.51.100.1" };
    expect(await signInFrom({ peer: "10.1.2.3" }, forwarded)).toBe("198.51.100.1");
    expect(await signInFrom({ peer: "203.0.113.7" }, forwarded)).toBe("203.0.113.7");
  });

  test("a body that a parser before us has read is taken as it is", async () => {
    const ask = (body: unknown, type?: string) => {
      const headers = type === undefined ? {} : { "content-type": type };
      const request = new Request("http://localhost:3000/auth/sign_in", { method: "POST", headers });
      return t.auth.handle(request, { body });
    };
    expect((await ask(ada)).status).toBe(200);
    // Nothing was sent, so nothing is right: not a body that could not be read.
    expect((await ask(null)).status).toBe(401);
    // What express.raw() and express.text() leave.
    const form = new URLSearchParams({ email: ada.email, password: ada.password }).toString();
    expect((await ask(form, "application/x-www-form-urlencoded")).status).toBe(200);
    expect((await ask(Buffer.from(JSON.stringify(ada)), "application/json")).status).toBe(200);
    expect((await ask("not json", "application/json")).status).toBe(400);
    expect((await ask(form)).status).toBe(415);
  });

  test("HEAD has the headers of GET and no content", async () => {
    const headers = await signIn(t);
    const answer = await t.request("HEAD /auth/validate_token", { headers });
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
    expect(answer.headers.get("access-token")).not.toBeNull();
    expect(answer.headers.get("vary")).toBe("Origin");
  });
});

test("a breach check that fails lets the password pass, with an event (security 26)", async () => {
  const one = await startAuth({ isPasswordBreached: () => Promise.reject(new Error("away")) });
  expect((await one.request("POST /admin_auth", { body: ada })).status).toBe(200);
  expect(one.events.map((event) => event.name)).toContain("password.breach_check_failed");
  await one.auth.close();
});

test("a password that is known from a breach is refused (security 26)", async () => {
  const one = await startAuth({ isPasswordBreached: (word) => word === ada.password });
  const answer = await one.request("POST /admin_auth", { body: ada });
  const { errors } = await bodyOf(answer);
  expect([answer.status, errors["full_messages"]]).toEqual([422, ["Password is known from a data breach"]]);
  await one.auth.close();
});

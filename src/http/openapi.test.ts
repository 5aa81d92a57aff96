import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../../scripts/entries.mjs";
import { ada, type Fixture, registerUser, signIn, startAuth } from "../../test/fixtures/http.js";
import { routes } from "../features/list.js";
import { internals } from "../internals.js";
import { testAuth } from "../testing/testing.js";
import { matchRoute } from "./router.js";

let t: Fixture;
beforeAll(async () => {
  t = await startAuth();
  await registerUser(t);
});
afterAll(() => t.auth.close());

const confirm_success_url = "http://localhost:5173/";
const redirect_url = confirm_success_url;
const document = async (mount: string) =>
  JSON.parse(await (await t.request(`GET ${mount}/openapi.json`)).text());

describe("the OpenAPI description", () => {
  test.each(["/auth", "/admin_auth"])(
    "of %s passes a public linter",
    async (mount) => {
      const folder = await mkdtemp(join(tmpdir(), "keyturn-openapi-"));
      const file = join(folder, "openapi.json");
      await writeFile(file, JSON.stringify(await document(mount)));
      // A licence and the responses of redirects are matters of taste; everything else of the recommended rules holds.
      const rules = ["info-license", "no-server-example.com", "operation-2xx-response"];
      const skipped = rules.flatMap((rule) => ["--skip-rule", rule]);
      const linter = join(root, "node_modules/@redocly/cli/bin/cli.js");
      const options = { env: { ...process.env, REDOCLY_TELEMETRY: "off", CI: "true" } };
      const args = [linter, "lint", file, "--extends", "recommended", "--format", "json", ...skipped];
      const { stdout } = await promisify(execFile)(process.execPath, args, options);
      const { totals, problems } = JSON.parse(stdout.slice(stdout.indexOf("{")));
      expect(problems).toEqual([]);
      expect(totals).toMatchObject({ errors: 0, warnings: 0 });
    },
    60_000,
  );

  test("every operation has an id of its own, over all models", async () => {
    const ids = [await document("/auth"), await document("/admin_auth")].flatMap(({ paths }) =>
      Object.values<Record<string, { operationId: string }>>(paths).flatMap((methods) =>
        Object.values(methods).map(({ operationId }) => operationId),
      ),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain("user_signIn");
  });

  test("names the header names that the app has chosen, and no route that the model does not have", async () => {
    const names = { "access-token": "x-token", client: "x-client" } as const;
    const one = await startAuth({ headersNames: names });
    const text = await (await one.request("GET /admin_auth/openapi.json")).text();
    const { components, paths } = JSON.parse(text);
    expect(Object.keys(components.securitySchemes)).toEqual(["x-token", "x-client", "uid"]);
    expect(Object.keys(paths)).not.toContain("/admin_auth/confirmation");
    await one.auth.close();
  });
});

test("the parameters that an app permits for code of its own are described beside those of the action", async () => {
  const permittedParameters = { register: ["invitation"], signOut: ["why"], validateToken: ["app"] };
  const models = { user: { mountAt: "/auth", permittedParameters } } as const;
  const one = await testAuth({ models });
  const { paths } = JSON.parse(await (await one.request("GET /auth/openapi.json")).text());
  const bodyOf = (path: string, method: string) =>
    paths[path][method].requestBody.content["application/json"].schema;
  const { properties, required } = bodyOf("/auth", "post");
  expect(Object.keys(properties)).toEqual(expect.arrayContaining(["email", "password", "invitation"]));
  expect(required).toEqual(["email", "password"]);
  expect(Object.keys(bodyOf("/auth/sign_out", "delete").properties)).toEqual(["why"]);
  expect(paths["/auth/validate_token"].get.parameters).toMatchObject([
    { name: "app", in: "query", required: false },
  ]);
  await one.auth.close();
});

/** What a real response to this request is, beside what the description says of it. */
async function compare(route: string, body?: object, headers: Record<string, string> = {}) {
  const [method = "", path = ""] = route.split(" ");
  const model = t.auth[internals].registry.model("user");
  const match = matchRoute(routes, model, method, path.slice("/auth".length).split("?")[0] ?? "");
  if (!match || !("route" in match)) throw new TypeError(`There is no route ${route}`);
  const response = await t.request(route, { headers, ...(body ? { body } : {}) });
  const { paths } = await document("/auth");
  const place = `/auth${match.route.path === "/" ? "" : match.route.path}`.replace(":id", "{id}");
  const documented = paths[place][method.toLowerCase()].responses[String(response.status)];
  return { response, route: match.route, model, documented };
}

describe("real responses are what the description says", () => {
  test.each<[string, object | undefined, boolean]>([
    ["POST /auth", { ...ada, email: "new@example.com", confirm_success_url }, false],
    ["POST /auth/confirmation", { email: "new@example.com" }, false],
    ["POST /auth/sign_in", ada, false],
    ["GET /auth/validate_token", undefined, true],
    ["POST /auth/validate_token", undefined, true],
    ["PUT /auth", { name: "Ada" }, true],
    ["POST /auth/password", { email: ada.email, redirect_url }, false],
    ["PUT /auth/password", { password: ada.password, password_confirmation: ada.password }, true],
    ["GET /auth/sessions", undefined, true],
    ["DELETE /auth/sessions", undefined, true],
    ["DELETE /auth/sign_out", undefined, true],
  ])("%s", async (route, body, signedIn) => {
    const held = signedIn ? await signIn(t) : {};
    const { response, route: matched, model, documented } = await compare(route, body, held);
    expect([response.status, documented?.description]).toEqual([200, "Done"]);
    if (matched.output === "redirect") throw new TypeError("a redirect has no body");
    const result = matched.output(model).safeParse(await response.json());
    expect(result.error).toBeUndefined();
  });

  test.each<[string, object | undefined, boolean]>([
    ["POST /auth", { email: "nonsense", confirm_success_url }, false],
    ["POST /auth", {}, false],
    ["POST /auth", { email: "x@example.com" }, false],
    ["POST /auth/confirmation", { email: "nobody@example.com" }, false],
    ["POST /auth/confirmation", {}, false],
    ["POST /auth/confirmation", ada, false],
    ["POST /auth/sign_in", { ...ada, password: "wrong" }, false],
    ["GET /auth/sign_in", undefined, false],
    ["DELETE /auth/sign_out", undefined, false],
    ["GET /auth/validate_token", undefined, false],
    ["PUT /auth", { name: "Ada" }, false],
    ["PUT /auth", { nothing: 1 }, true],
    ["PUT /auth", { email: "nonsense" }, true],
    ["DELETE /auth", undefined, false],
    ["POST /auth/password", {}, false],
    ["POST /auth/password", { redirect_url: "//evil.example" }, false],
    ["POST /auth/password", { redirect_url, email: "nobody@example.com" }, false],
    ["PUT /auth/password", {}, false],
    ["PUT /auth/password", {}, true],
    ["GET /auth/sessions", undefined, false],
    ["DELETE /auth/sessions/nobody", undefined, true],
  ])("an error of %s, with %j: its code is documented for its status", async (route, body, signedIn) => {
    const held = signedIn ? await signIn(t) : {};
    const { response, documented } = await compare(route, body, held);
    expect(response.status).toBeGreaterThanOrEqual(400);
    const { code, errors } = JSON.parse(await response.text());
    expect(documented?.description.replace("Error: ", "").split(", ")).toContain(code);
    expect(errors).toBeTruthy();
  });
});

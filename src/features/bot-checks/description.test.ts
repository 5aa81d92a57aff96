import { turnstile } from "keyturn/checks";
import { expect, onTestFinished, test } from "vitest";
import { password } from "../../../test/fixtures/http.js";
import { testAuth } from "../../testing/testing.js";

const botCheck = { check: turnstile({ secretKey: "x" }), for: ["register"] } as const;

async function start(environment: "development" | "test") {
  const warned: string[] = [];
  const logger = {
    info() {},
    error() {},
    warn: (_details: object, sentence?: string) => void warned.push(sentence ?? ""),
  };
  const t = await testAuth({ botCheck, environment, logger });
  onTestFinished(() => t.auth.close());
  return { ...t, warned };
}

test("the OpenAPI description names the token and the errors of an action with a bot check, and of no other", async () => {
  const { request } = await start("test");
  const { paths } = JSON.parse(await (await request("GET /auth/openapi.json")).text());
  const of = (path: string) => {
    const { requestBody, responses } = paths[path].post;
    const { properties } = requestBody.content["application/json"].schema;
    return [Object.keys(properties).includes("cf-turnstile-response"), responses["503"].description];
  };
  expect(of("/auth")).toEqual([true, expect.stringContaining("bot_check_unavailable")]);
  expect(of("/auth/sign_in")).toEqual([false, expect.not.stringContaining("bot_check")]);
});

test("in development nobody is told that the token of the widget was dropped", async () => {
  const { request, warned } = await start("development");
  const body = { email: "ada@example.com", password: `${password}!`, nick: "ada" };
  await request("POST /auth/sign_in", { body: { ...body, "cf-turnstile-response": "x" } });
  expect(warned.join()).toContain('"nick"');
  expect(warned.join()).not.toContain("turnstile");
});

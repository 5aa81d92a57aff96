import { expect, test } from "vitest";
import { credentialsOf, testAuth } from "./testing.js";

const person = { email: "ada@example.com", password: "a quiet violet hour", name: "Ada" };

test("the whole life of an account, without a server and without a mock", async () => {
  const { auth, clock, request, linkTo, events } = await testAuth();
  const body = { ...person, confirm_success_url: "http://localhost:5173/" };
  expect((await request("POST /auth", { body })).status).toBe(200);
  expect((await auth.handle(new Request(linkTo(person.email)))).status).toBe(302);
  const signedIn = await request("POST /auth/sign_in", { body: person });
  const first = credentialsOf(signedIn);
  clock.forward("5s");
  const answer = await request("GET /auth/validate_token", { headers: first });
  const second = credentialsOf(answer, first);
  expect(second["access-token"]).not.toBe(first["access-token"]);
  expect(credentialsOf(signedIn, second)).toBe(second);
  expect(events.map((event) => event.name)).toContain("account.confirmed");
  await auth.close();
});

test("models and settings of one's own take the place of the usual ones", async () => {
  const { auth, request } = await testAuth({
    models: {
      player: {
        mountAt: "/players",
        confirmable: false,
        fields: { score: { type: "integer", writable: true } },
      },
    },
    batchRequestBufferThrottle: "0s",
  });
  const answer = await request("POST /players", { body: { ...person, score: 7 } });
  expect(await answer.json()).toMatchObject({ data: { score: 7 } });
  const held = credentialsOf(answer);
  const next = credentialsOf(await request("GET /players/validate_token", { headers: held }), held);
  expect(next["access-token"]).not.toBe(held["access-token"]);
  const account = await auth.accounts.find("player", 1);
  expect(account?.score).toBe(7);
  await auth.close();
});

test("a clock that is told nonsense says so", async () => {
  const { auth, clock, linkTo } = await testAuth();
  expect(() => clock.forward("soon")).toThrow(/not a duration/);
  expect(() => linkTo("nobody@example.com")).toThrow(/no mail/);
  await auth.close();
});

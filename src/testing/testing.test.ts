import { createClient } from "keyturn/client";
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

test("the client of an app runs against it without a network: offline and an expired session included", async () => {
  const { auth, clock } = await testAuth({ models: { user: { mountAt: "/auth", confirmable: false } } });
  let isOffline = false;
  const client = createClient<typeof auth>({
    apiUrl: "http://localhost:3000",
    storage: "memory",
    async fetch(request) {
      if (isOffline) throw new TypeError("offline");
      return auth.handle(request);
    },
  });
  await client.register({ email: person.email, password: person.password });
  expect(client.state).toMatchObject({ status: "signed-in", stale: false });
  isOffline = true;
  await expect(client.validate()).rejects.toMatchObject({ code: "network" });
  expect(client.state).toMatchObject({ status: "signed-in", stale: true });
  isOffline = false;
  clock.forward("3w");
  expect(await client.validate()).toBeNull();
  expect(client.state).toMatchObject({ status: "signed-out", reason: "expired" });
  client.dispose();
  await auth.close();
});

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ada,
  bodyOf,
  type Fixture,
  password,
  registerUser,
  signIn,
  startAuth,
} from "../../../test/fixtures/http.js";

/** Findings C19: the routes say what is true, and in paranoid mode the same to everybody. */
const confirm_success_url = "http://localhost:5173/";

let open: Fixture;
let paranoid: Fixture;
beforeAll(async () => {
  open = await startAuth();
  paranoid = await startAuth({ paranoid: true });
  for (const one of [open, paranoid]) {
    await registerUser(one);
    await one.request("POST /auth", { body: { email: "new@example.com", password, confirm_success_url } });
    await one.settled();
  }
});
afterAll(async () => {
  await open.auth.close();
  await paranoid.auth.close();
});

const resend = (t: Fixture, email: string) => t.request("POST /auth/confirmation", { body: { email } });

describe("paranoid", () => {
  test("the right password of an unconfirmed account gets the common answer", async () => {
    const answers = await Promise.all(
      [
        { email: "new@example.com", password },
        { email: "new@example.com", password: "wrong violet hour" },
        { email: "nobody@example.com", password },
        { ...ada, password: "wrong violet hour" },
      ].map((body) => paranoid.request("POST /auth/sign_in", { body })),
    );
    const texts = await Promise.all(answers.map((one) => one.text()));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(new Set(texts).size).toBe(1);
    expect(JSON.parse(texts[0] ?? "").code).toBe("invalid_credentials");
  });

  test("a resend is answered alike for a new, a confirmed, a waiting and an unknown address", async () => {
    const held = await signIn(paranoid);
    await paranoid.request("PUT /auth", { headers: held, body: { email: "wanted@example.com" } });
    for (const email of ["new@example.com", ada.email, "wanted@example.com", "nobody@example.com"]) {
      const answer = await resend(paranoid, email);
      expect([answer.status, (await bodyOf(answer)).message]).toEqual([
        200,
        `An email has been sent to '${email}' containing instructions for confirming your account.`,
      ]);
    }
    await paranoid.settled();
    const mailed = (to: string) => paranoid.outbox.messages({ to }).length;
    expect([mailed("new@example.com"), mailed("wanted@example.com"), mailed("nobody@example.com")]).toEqual([
      2, 2, 0,
    ]);
  });

  test("nothing that depends on the account is done before the response has left (security 55)", async () => {
    let leave = (): void => undefined;
    const asked: string[] = [];
    const one = await startAuth({
      paranoid: true,
      mail: { from: "a@example.com", send: async ({ to }) => void asked.push(to) },
    });
    await one.request("POST /auth", { body: { ...ada, confirm_success_url } });
    await one.settled();
    const before = asked.length;
    const request = new Request("http://localhost:3000/auth/password", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: ada.email, redirect_url: confirm_success_url }),
    });
    const answer = await one.auth.handle(request, {
      afterResponse: (work) => {
        leave = work;
      },
    });
    expect(answer.status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([
      asked.length - before,
      one.events.filter(({ name }) => name.startsWith("password.")).length,
    ]).toEqual([0, 0]);
    leave();
    await one.auth.close();
    expect(asked.slice(before)).toEqual([ada.email]);
  });
});

describe("in the open", () => {
  test.each(["POST", "GET"])(
    "%s /confirmation of a model that confirms nothing is not there",
    async (method) => {
      const body = method === "POST" ? { body: { email: ada.email } } : {};
      const answer = await open.request(`${method} /admin_auth/confirmation`, body);
      expect([answer.status, (await bodyOf(answer)).code]).toEqual([404, "not_found"]);
    },
  );

  test("a resend for a confirmed account says that it is confirmed, and mails nothing", async () => {
    open.outbox.clear();
    const answer = await resend(open, ada.email);
    expect([answer.status, (await bodyOf(answer)).code]).toEqual([422, "already_confirmed"]);
    expect(open.outbox.messages()).toEqual([]);
  });

  test("a resend for an address that waits to replace the old one mails its link again, which works", async () => {
    const held = await signIn(open);
    await open.request("PUT /auth", { headers: held, body: { email: "wanted@example.com" } });
    open.outbox.clear();
    expect((await resend(open, " Wanted@example.com ")).status).toBe(200);
    await open.auth.handle(new Request(open.linkTo("wanted@example.com")));
    expect(await open.auth.accounts.findByEmail("user", "wanted@example.com")).toBeDefined();
    // Nobody waits for it any more.
    expect((await bodyOf(await resend(open, "wanted@example.com"))).code).toBe("already_confirmed");
    expect((await bodyOf(await resend(open, ada.email))).code).toBe("email_unknown");
  });

  test("an address that waited and whose link has expired is unknown", async () => {
    const one = await startAuth({ confirmWithin: "1h" });
    await registerUser(one);
    await one.request("PUT /auth", { headers: await signIn(one), body: { email: "late@example.com" } });
    one.clock.forward("61m");
    expect((await resend(one, "late@example.com")).status).toBe(404);
    await one.auth.close();
  });
});

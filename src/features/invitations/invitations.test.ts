import { afterEach, describe, expect, test } from "vitest";
import { bodyOf, password, silent } from "../../../test/fixtures/http.js";
import type { Settings } from "../../config/config.js";
import { credentialsOf, testAuth } from "../../testing/testing.js";

const email = "ada@example.com";
const page = "http://localhost:5173/sign-up";
const confirm_success_url = "http://localhost:5173/";
const fields = {
  name: { type: "string", writable: true },
  plan: { type: "string" },
} as const;
const models = {
  user: { mountAt: "/auth", registration: "invitation", fields },
  guest: { mountAt: "/guests", registration: "invitation", confirmable: false },
  open: { mountAt: "/open" },
  closed: { mountAt: "/closed", registration: false },
} as const;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(settings: Partial<Settings> = {}) {
  const t = await testAuth({ models, logger: silent, defaultInvitationUrl: page, ...settings });
  closing.push(() => t.auth.close());
  const signUp = (body: object = {}, mount = "/auth") =>
    t.request(`POST ${mount}`, { body: { email, password, confirm_success_url, ...body } });
  const codeOf = async (response: Response | Promise<Response>) =>
    `${(await response).status} ${(await bodyOf(await response)).code ?? ""}`.trim();
  /** The parameters that a link leads to the page with. */
  const follow = async (link: string): Promise<Readonly<Record<string, string>>> => {
    const response = await t.auth.handle(new Request(link));
    const location = new URL(response.headers.get("location") ?? "");
    return { page: location.origin + location.pathname, ...Object.fromEntries(location.searchParams) };
  };
  return { ...t, signUp, codeOf, follow };
}

describe('a model with registration: "invitation"', () => {
  test("takes nobody without one, and says so before it looks at anything else", async () => {
    const { signUp, codeOf } = await start();
    expect(await codeOf(signUp())).toBe("403 invitation_required");
    expect(await codeOf(signUp({ password: "x" }))).toBe("403 invitation_required");
  });

  test("has one code and one text for an invitation that is unknown, used, expired, withdrawn, another model's, or for another address", async () => {
    const { auth, clock, signUp, events } = await start();
    const { accounts } = auth;
    const used = await accounts.createInvitation("user");
    expect((await signUp({ email: "first@example.com", invitation_token: used.token })).status).toBe(200);
    const expired = await accounts.createInvitation("user", {}, { expiresIn: "1h" });
    clock.forward("1h");
    const withdrawn = await accounts.createInvitation("user");
    expect(await accounts.withdrawInvitation("user", withdrawn.id)).toBe(true);
    expect(await accounts.withdrawInvitation("user", withdrawn.id)).toBe(false);
    const foreign = await accounts.createInvitation("guest");
    const bound = await accounts.createInvitation("user", { email: "eve@example.com" });
    const before = events.length;
    const said = [];
    for (const token of [
      "x".repeat(43),
      used.token,
      expired.token,
      withdrawn.token,
      foreign.token,
      bound.token,
    ])
      said.push(await (await signUp({ invitation_token: token })).text());
    expect(new Set(said).size).toBe(1);
    expect(JSON.parse(said[0] ?? "")).toMatchObject({ code: "invitation_invalid", success: false });
    expect(events.slice(before).map(({ name }) => name)).toEqual(Array(6).fill("invitation.refused"));
    expect(await accounts.findByEmail("user", email)).toBeUndefined();
  });

  test("an invitation without an address lets anybody in, once, who confirms the address by mail", async () => {
    const { auth, signUp, codeOf, outbox } = await start();
    const { token } = await auth.accounts.createInvitation("user");
    const responses = await Promise.all(
      Array.from({ length: 8 }, (_, i) => signUp({ email: `p${i}@example.com`, invitation_token: token })),
    );
    const codes = await Promise.all(responses.map(codeOf));
    expect(codes.filter((code) => code === "200")).toHaveLength(1);
    expect(codes.filter((code) => code === "403 invitation_invalid")).toHaveLength(7);
    expect(outbox.messages()).toHaveLength(1);
    expect(credentialsOf(responses.find(({ ok }) => ok) as Response)).toEqual({});
  });

  test("its fields are the new account's, also those that clients cannot write, whatever the client sends", async () => {
    const { auth, signUp } = await start();
    const { token } = await auth.accounts.createInvitation("user", { plan: "team", name: "Ada" });
    const { data } = await bodyOf(await signUp({ invitation_token: token, name: "Eve", plan: "free" }));
    expect(data).toMatchObject({ plan: "team", name: "Ada", email });
  });

  test("a sign-up with a mistake, or whose confirmation mail cannot be sent, leaves the invitation as it was", async () => {
    let isDown = true;
    const mail = {
      from: "a@example.com",
      send: async () => {
        if (isDown) throw new Error("no route");
      },
    };
    const { auth, signUp, codeOf } = await start({ mail });
    const { token } = await auth.accounts.createInvitation("user");
    expect(await codeOf(signUp({ invitation_token: token, password: "x" }))).toBe("422 invalid");
    expect(await codeOf(signUp({ invitation_token: token }))).toBe("503 mail_unavailable");
    isDown = false;
    expect(await codeOf(signUp({ invitation_token: token }))).toBe("200");
    expect(await codeOf(signUp({ email: "b@example.com", invitation_token: token }))).toBe(
      "403 invitation_invalid",
    );
  });

  test("the app's own code makes accounts without one", async () => {
    const { auth } = await start();
    expect(await auth.accounts.create("user", { email, password }, { confirmed: true })).toMatchObject({
      email,
    });
  });
});

describe("an invitation by mail", () => {
  test("leads to the page with its token; the address counts as confirmed, need not be typed again, and its owner is signed in at once", async () => {
    const { auth, signUp, outbox, linkTo, follow, events } = await start();
    const mailed = await auth.accounts.mailInvitation("user", { email: " Ada@Example.com ", plan: "team" });
    expect(Object.keys(mailed)).toEqual(["id", "expiresAt"]);
    expect(outbox.messages({ to: email })[0]?.subject).toBe("Invitation instructions");
    const link = linkTo(email);
    expect(link.startsWith("http://localhost:3000/auth/invitation?")).toBe(true);
    const arrived = await follow(link);
    expect(arrived).toEqual({
      page,
      invitation: "true",
      invitation_token: expect.stringMatching(/^[\w-]{43}$/),
    });
    // A mail scanner was there first.
    expect(await follow(link)).toEqual(arrived);
    const response = await signUp({ email: undefined, invitation_token: arrived["invitation_token"] });
    const { data } = await bodyOf(response);
    expect([response.status, data["email"], data["plan"]]).toEqual([200, email, "team"]);
    expect(credentialsOf(response)["uid"]).toBe(email);
    expect(outbox.messages({ to: email })).toHaveLength(1);
    expect(await follow(link)).toEqual({ page, invitation: "false" });
    const told = events.filter(({ name }) => name === "invitation.created");
    expect(told).toMatchObject([{ owasp: "authz_admin", model: "user", actor: { kind: "code" } }]);
    expect(JSON.stringify(events)).not.toContain(arrived["invitation_token"]);
  });

  test("is for its address: with another one it is refused, and stays good for its own", async () => {
    const { auth, signUp, codeOf, linkTo, follow } = await start();
    await auth.accounts.mailInvitation("user", { email });
    const invitation_token = (await follow(linkTo(email)))["invitation_token"];
    expect(await codeOf(signUp({ email: "eve@example.com", invitation_token }))).toBe(
      "403 invitation_invalid",
    );
    expect(await codeOf(signUp({ invitation_token }))).toBe("200");
  });

  test("handed over by other ways it proves no address", async () => {
    const { auth, signUp, outbox } = await start();
    const { token, link } = await auth.accounts.createInvitation("user", { email });
    expect(link).toContain(`invitation_token=${token}`);
    const response = await signUp({ invitation_token: token });
    expect(credentialsOf(response)).toEqual({});
    expect(outbox.messages({ to: email }).map(({ subject }) => subject)).toEqual([
      "Confirmation instructions",
    ]);
  });

  test("that cannot be sent is none", async () => {
    const mail = { from: "a@example.com", send: () => Promise.reject(new Error("no route")) };
    const { auth, events } = await start({ mail });
    await expect(auth.accounts.mailInvitation("user", { email })).rejects.toMatchObject({
      code: "mail_unavailable",
    });
    const [failed] = events.filter(({ name }) => name === "mail.failed");
    expect(failed).toMatchObject({ model: "user", reason: "invitation_instructions" });
    expect(failed).not.toHaveProperty("accountId");
  });

  test("is written in the language that a field of the new account says", async () => {
    const { auth, outbox } = await start({
      locales: ["en", "de"],
      chooseLocale: ({ account }) => (account?.["plan"] === "Gold" ? "de" : undefined),
    });
    await auth.accounts.mailInvitation("user", { email, plan: "Gold" });
    expect(outbox.messages({ to: email })[0]?.subject).toBe("Sie sind eingeladen");
  });
});

describe("what cannot be an invitation", () => {
  test("is told to whoever makes it", async () => {
    const { auth } = await start({ defaultInvitationUrl: undefined } as unknown as Settings);
    const { accounts } = auth;
    await accounts.create("user", { email, password }, { confirmed: true });
    const codes = (error: unknown) =>
      Object.fromEntries((error as { problems: Map<string, unknown> }).problems);
    expect(codes(await accounts.createInvitation("user", { email }).catch((error) => error))).toEqual({
      email: [{ code: "taken" }],
    });
    expect(codes(await accounts.createInvitation("user", { email: "ada" }).catch((error) => error))).toEqual({
      email: [{ code: "not_an_email" }],
    });
    expect((await accounts.createInvitation("user")).link).toBeUndefined();
    const refused = accounts.mailInvitation("user", { email: "b@example.com" });
    await expect(refused).rejects.toMatchObject({ code: "redirect_missing" });
    const elsewhere = accounts.createInvitation("user", {}, { redirectUrl: "https://evil.example/" });
    await expect(elsewhere).rejects.toMatchObject({ code: "redirect_refused" });
    await expect(accounts.createInvitation("open")).rejects.toThrow(
      'models.open needs registration: "invitation"',
    );
    await expect(accounts.createInvitation("user", {}, { expiresIn: "soon" })).rejects.toThrow(
      '"expiresIn" must be',
    );
    await expect(accounts.createInvitation("user", { plna: 1 } as never)).rejects.toThrow(
      '"plna" is no field',
    );
  });

  test("models that need none have no such route, and take the parameter for nothing", async () => {
    const { request, signUp, codeOf } = await start();
    expect(await codeOf(request("GET /open/invitation?invitation_token=x"))).toBe("404 not_found");
    expect(await codeOf(signUp({ invitation_token: "x" }, "/open"))).toBe("200");
    expect(await codeOf(signUp({ invitation_token: "x" }, "/closed"))).toBe("403 registration_disabled");
  });
});

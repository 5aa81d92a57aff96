import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bodyOf, password } from "../../test/fixtures/http.js";
import { internals } from "../internals.js";
import { credentialsOf, testAuth } from "../testing/testing.js";

const next = "another violet hour";
const start = () =>
  testAuth({
    models: {
      user: {
        mountAt: "/auth",
        lockable: true,
        disableable: true,
        fields: { name: { type: "string", writable: true } },
      },
    },
    defaultPasswordResetUrl: "http://localhost:5173/",
    checkCurrentPasswordBeforeUpdate: false,
  });

let t: Awaited<ReturnType<typeof start>>;
beforeAll(async () => {
  t = await start();
});
afterAll(() => t.auth.close());

type Functions = Awaited<ReturnType<typeof start>>["auth"]["accounts"];
type Mailed = Readonly<Record<"old" | "new", readonly string[]>>;
const none: Mailed = { old: [], new: [] };
/** A row of the table in docs/accounts.md. `client`: the same by the owner, where there is such a route. */
interface Change {
  readonly what: string;
  by?(accounts: Functions, id: number | string, email: string): Promise<unknown>;
  readonly client?: readonly [route: string, body: (email: string) => object];
  readonly mailed: Mailed;
}
const changes: readonly Change[] = [
  {
    what: "a field",
    by: (accounts, id) => accounts.update("user", id, { name: "Ada" }),
    client: ["PUT /auth", () => ({ name: "Ada" })],
    mailed: none,
  },
  {
    what: "the password",
    by: (accounts, id) => accounts.setPassword("user", id, next),
    client: ["PUT /auth/password", () => ({ password: next, password_confirmation: next })],
    mailed: { old: ["Password changed"], new: [] },
  },
  {
    what: "an address that its link has to prove",
    by: (accounts, id, email) => accounts.update("user", id, { email }),
    client: ["PUT /auth", (email) => ({ email })],
    mailed: { old: ["Email change requested"], new: ["Email change instructions"] },
  },
  {
    what: "an address that is the account's at once",
    by: (accounts, id, email) => accounts.update("user", id, { email }, { confirmed: true }),
    mailed: { old: ["Email changed"], new: [] },
  },
  { what: "a confirmation", by: (accounts, id) => accounts.confirm("user", id), mailed: none },
  { what: "a shut out account", by: (accounts, id) => accounts.disable("user", id), mailed: none },
  { what: "one that is let in again", by: (accounts, id) => accounts.enable("user", id), mailed: none },
  { what: "a lock that is taken away", by: (accounts, id) => accounts.unlock("user", id), mailed: none },
  {
    what: "ended sessions",
    by: (accounts, id) => accounts.endSessions("user", id),
    client: ["DELETE /auth/sessions", () => ({})],
    mailed: none,
  },
  {
    what: "forgotten devices",
    by: (accounts, id) => accounts.forgetKnownDevices("user", id),
    mailed: none,
  },
  {
    what: "a link for a new password, mailed",
    by: (accounts, id) => accounts.mailPasswordLink("user", id),
    mailed: { old: ["Reset password instructions"], new: [] },
  },
  {
    what: "a link for a new password, handed over",
    by: (accounts, id) => accounts.createPasswordLink("user", id),
    mailed: none,
  },
  {
    what: "a deleted account",
    by: (accounts, id) => accounts.delete("user", id),
    client: ["DELETE /auth", () => ({})],
    mailed: none,
  },
];

let people = 0;
/** Somebody who is signed in, and an address that nobody has. No mail has gone to either. */
async function person() {
  const i = ++people;
  const [email, newEmail] = [`before${i}@example.com`, `after${i}@example.com`];
  const account = await t.auth.accounts.create("user", { email, password }, { confirmed: true });
  const held = credentialsOf(await t.request("POST /auth/sign_in", { body: { email, password } }));
  return { account, held, email, newEmail };
}

/** The subjects of the mails that have gone to the two addresses. */
async function mailedTo({ email, newEmail }: { email: string; newEmail: string }): Promise<Mailed> {
  await t.settled();
  const subjects = (to: string) => t.outbox.messages({ to }).map(({ subject }) => subject);
  return { old: subjects(email), new: subjects(newEmail) };
}

describe("who is told by mail of a change", () => {
  test.each(changes)("of $what: the same by code and at the command line", async ({ by, mailed }) => {
    for (const accounts of [t.auth.accounts, t.auth[internals].accountsBy("root")]) {
      const one = await person();
      await by?.(accounts, one.account.id, one.newEmail);
      expect(await mailedTo(one)).toEqual(mailed);
    }
  });

  test.each(changes.filter(({ client }) => client))(
    "of $what: and by its owner",
    async ({ client, mailed }) => {
      const [route, body] = client ?? ["", () => ({})];
      const one = await person();
      const response = await t.request(route, { headers: one.held, body: body(one.newEmail) });
      expect([response.status, (await bodyOf(response)).errors]).toEqual([200, undefined]);
      expect(await mailedTo(one)).toEqual(mailed);
    },
  );

  test("docs/accounts.md says it", () => {
    const docs = readFileSync(new URL("../../docs/accounts.md", import.meta.url), "utf8");
    for (const name of [
      "password_changed_notice",
      "email_change_notice",
      "email_changed_notice",
      "email_change_instructions",
    ])
      expect(docs).toContain(`\`${name}\``);
  });
});

import { describe, expect, onTestFinished, test } from "vitest";
import { presentEngines } from "../../test/fixtures/databases.js";
import {
  day,
  type Held,
  overOwn,
  show,
  signIn,
  type TestEngine,
  testEngine,
  user,
} from "../../test/fixtures/sessions.js";
import type { Account } from "../accounts/models.js";
import { hashSecret, newSecret } from "./token.js";

/** Every change that a session asks for. Each resolves to whether it was made. */
const changes: Record<string, (engine: TestEngine, account: Account, by: string) => Promise<boolean>> = {
  "an update": async ({ store }, { id }, by) =>
    (await store.accounts.update(user, String(id), { cancelsEmailChange: true, by })) !== undefined,
  "a new address": async ({ store }, { id }, by) =>
    (await store.accounts.update(user, String(id), { email: `new.${id}@example.com`, by })) !== undefined,
  "a new password": async ({ store }, { id }, by) => {
    const renewed = { tokenHash: hashSecret(newSecret()), lifespan: day };
    const password = { hash: "new", keep: by, renewed, endOthers: true };
    return (await store.accounts.update(user, String(id), { password, by })) !== undefined;
  },
  "deleting the account": ({ store }, { id }, by) => store.accounts.delete(user, String(id), by),
  "ending the other sessions": async ({ store }, { id }, by) =>
    (await store.sessions.endAll(user, String(id), by)) !== undefined,
  "a link to change the address": ({ store }, { id }, by) =>
    store.tickets.issue(user, {
      hash: `change of ${id}`,
      kind: "email_change",
      accountId: String(id),
      email: `new.${id}@example.com`,
      lifespan: day,
      by,
    }),
};

describe.each(presentEngines)("$name", ({ create }) => {
  const opened = async () => {
    const engine = await testEngine(overOwn(create));
    onTestFinished(() => engine.close());
    const server = engine.server();
    const account = await engine.register();
    const [asks, other] = [await signIn(server, account), await signIn(server, account)];
    const end = (): Promise<boolean> => engine.store.sessions.end(user, String(account.id), asks.client);
    const stands = async (held: Held): Promise<boolean> => (await show(server, held)) !== undefined;
    return { engine, account, asks, other, end, stands };
  };

  describe.each(Object.entries(changes))("%s", (_name, change) => {
    test("is made when the session that asks is there", async () => {
      const { engine, account, asks } = await opened();
      expect(await change(engine, account, asks.client)).toBe(true);
    });

    test("is not made when the session that asks ends just before the statement", async () => {
      const { engine, account, asks, other, end, stands } = await opened();
      const before = await engine.store.accounts.find(user, String(account.id));
      engine.interrupt = async () => {
        engine.interrupt = undefined;
        await end();
      };
      expect(await change(engine, account, asks.client)).toBe(false);
      expect(engine.interrupt).toBeUndefined();
      expect(await engine.store.accounts.find(user, String(account.id))).toEqual(before);
      expect(await stands(other)).toBe(true);
      expect(
        await engine.store.tickets.find(user, "email_change", `change of ${account.id}`),
      ).toBeUndefined();
    });

    test("is not made for a session of another account, or one that only sets the password", async () => {
      const { engine, account, other, stands } = await opened();
      const stranger = await signIn(engine.server(), await engine.register());
      const limited = await engine.store.sessions.create(user, {
        client: "limited",
        accountId: String(account.id),
        tokenHash: hashSecret(newSecret()),
        limitedTo: "a reset link",
        passwordHash: null,
        lifespan: day,
        lifetime: null,
        userAgent: null,
        address: null,
        label: null,
        limit: 10,
      });
      expect(limited).toBeDefined();
      const before = await engine.store.accounts.find(user, String(account.id));
      for (const by of [stranger.client, "limited", "nobody", ""])
        expect(await change(engine, account, by)).toBe(false);
      expect(await engine.store.accounts.find(user, String(account.id))).toEqual(before);
      expect(await stands(other)).toBe(true);
    });

    test("is made whole or not at all when the session that asks ends at that very moment", async () => {
      for (let round = 0; round < 3; round++) {
        const { engine, account, asks, other, end, stands } = await opened();
        const before = await engine.store.accounts.find(user, String(account.id));
        const [, made] = await Promise.all([end(), change(engine, account, asks.client)]);
        expect(await stands(asks)).toBe(false);
        if (made) continue;
        expect(await engine.store.accounts.find(user, String(account.id))).toEqual(before);
        expect(await stands(other)).toBe(true);
      }
    });
  });
});

import assert from "node:assert/strict";
import { AuthError } from "../../errors.js";
import type { AccountRecord, NewAccount } from "../account-port.js";
import type { NewIdentity } from "../identity-port.js";
import {
  type ContractCase,
  type ContractWorld,
  lifespan,
  member,
  newEmail,
  newHash,
  storeOf,
} from "./world.js";

async function invite(world: ContractWorld): Promise<string> {
  const hash = newHash();
  await world.stores[0].flows.put({ kind: "invitation", hash, data: "{}", lifespan });
  return hash;
}

function newcomer(invitation: string, email = newEmail()): NewAccount {
  return {
    provider: "email",
    uid: email,
    email,
    passwordHash: "hash",
    confirmed: true,
    fields: {},
    invitation,
  };
}

function identityOf(subject: string): NewIdentity {
  const nothing = { name: null, email: null, tokens: null };
  return { id: newHash(), issuer: "https://id.example", subject, provider: "example", ...nothing };
}

/** Whether an account came about; `false`: its invitation was no good. */
async function isMade(making: Promise<AccountRecord | "taken">): Promise<boolean> {
  try {
    assert.notEqual(await making, "taken");
    return true;
  } catch (error) {
    if (error instanceof AuthError && error.code === "invitation_invalid") return false;
    throw error;
  }
}

/** An invitation is used up with the account that it lets in, or not at all. */
export const invitationContract: readonly ContractCase[] = [
  {
    name: "of 20 that sign up with one invitation at the same moment exactly one has an account, by a password or a provider",
    async run(world) {
      const hash = await invite(world);
      const made = await Promise.all(
        Array.from({ length: 20 }, (_, i) => {
          const { accounts, identities } = storeOf(world, i);
          const account = newcomer(hash);
          return isMade(
            i % 2 === 0
              ? accounts.create(member, account)
              : identities.register(member, { ...account, provider: "example" }, identityOf(account.uid)),
          );
        }),
      );
      assert.equal(made.filter(Boolean).length, 1);
    },
  },
  {
    name: "a sign-up whose address is taken leaves the invitation as it was",
    async run(world) {
      const [first, second] = [await invite(world), await invite(world)];
      const email = newEmail();
      const { accounts, flows, identities } = storeOf(world, 0);
      assert(await isMade(accounts.create(member, newcomer(first, email))));
      assert.equal(await accounts.create(member, newcomer(second, email)), "taken");
      assert.equal((await flows.find("invitation", second))?.usedAt, null);
      const other = { ...newcomer(second, email), provider: "example" };
      assert.equal(await identities.register(member, other, identityOf(email)), "taken");
      assert.equal((await flows.find("invitation", second))?.usedAt, null);
      assert(await isMade(accounts.create(member, newcomer(second))));
    },
  },
  {
    name: "an expired, unknown or foreign entry lets nobody in, and no account is left",
    async run(world) {
      const expired = await invite(world);
      world.clock.now += lifespan;
      const code = newHash();
      const { accounts, flows } = storeOf(world, 0);
      await flows.put({ kind: "code", hash: code, data: "{}", lifespan });
      for (const hash of [expired, newHash(), code]) {
        const email = newEmail();
        assert.equal(await isMade(accounts.create(member, newcomer(hash, email))), false);
        assert.equal(await accounts.findByEmail(member, email), undefined);
      }
    },
  },
];

import assert from "node:assert/strict";
import type { AccountQuery } from "../account-port.js";
import { type ContractCase, type ContractWorld, idOf, member, newAccount, newEmail } from "./world.js";

/** What an operator sees of all accounts, and confirms. */
export const listingContract: readonly ContractCase[] = [
  {
    name: "every account stands on one page, also while others are added and deleted (shape 31)",
    async run(world) {
      const [{ accounts }] = world.stores;
      const mark = newMark();
      const made: string[] = [];
      for (let i = 0; i < 7; i++) made.push(await marked(world, mark));
      const seen: string[] = [];
      let after: string | null = null;
      for (let page = 0; page < 9; page++) {
        const { records, total, isLast } = await accounts.list(member, { search: mark, after, limit: 2 });
        assert(records.length <= 2);
        assert.equal(total, made.length);
        seen.push(...records.map(({ account }) => idOf(account)));
        after = seen.at(-1) ?? null;
        if (page === 0) {
          // A page that began at a number would show the third account again, or leave it out.
          assert(await accounts.delete(member, made.shift() ?? ""));
          made.push(await marked(world, mark));
        }
        if (isLast) break;
      }
      assert.deepEqual(seen.slice(1), made);
    },
  },
  {
    name: "a search finds a part of an address or of a text field in any case, on all pages, and the total counts it (shape 31)",
    async run(world) {
      const mark = newMark();
      const named = await marked(world, mark, { nickname: "Zoë Ångström" });
      const other = await marked(world, mark, { nickname: "Zoe Angstrom" });
      await marked(world, newMark(), { nickname: "Zoë Ångström" });
      assert.deepEqual(await found(world, mark.toUpperCase()), [named, other]);
      const { total } = await world.stores[0].accounts.list(member, { ...all, search: mark, limit: 1 });
      assert.equal(total, 2);
      for (const search of ["zoë ångström", "ZOË ÅNGSTRÖM", "Ångst"])
        assert((await found(world, search)).includes(named), search);
      // Whoever types an accent means it.
      assert(!(await found(world, "zoë ångström")).includes(other));
    },
  },
  {
    name: "no character of a search stands for others (shape 31)",
    async run(world) {
      const mark = newMark();
      for (const text of [
        "%",
        "_",
        "*",
        "?",
        ".",
        "[",
        "]",
        "^",
        "!",
        "\\",
        "(",
        "$",
        "'",
        "-",
        "{",
        "|",
        "+",
      ]) {
        const nickname = `${mark}a${text}b`;
        const id = await marked(world, newMark(), { nickname });
        await marked(world, newMark(), { nickname: `${mark}axb` });
        await marked(world, newMark(), { nickname: `${mark}ab` });
        assert.deepEqual(await found(world, `${mark.toUpperCase()}A${text}B`), [id], text);
      }
    },
  },
  {
    name: "an account that is confirmed by hand is, and the links that would confirm it end (shape 30)",
    async run(world) {
      const [store] = world.stores;
      const { account } = await newAccount(world, { confirmed: false });
      const { account: other } = await newAccount(world, { confirmed: false });
      const ticket = { kind: "confirmation", email: null, lifespan: 60_000 } as const;
      const hashes = [newMark(), newMark()] as const;
      assert(await store.tickets.issue(member, { ...ticket, accountId: idOf(account), hash: hashes[0] }));
      assert(await store.tickets.issue(member, { ...ticket, accountId: idOf(other), hash: hashes[1] }));
      assert.equal(await store.accounts.confirm(member, idOf(account)), true);
      assert.notEqual((await store.accounts.find(member, idOf(account)))?.confirmedAt, null);
      assert.equal(await store.tickets.confirm(member, hashes[0]), undefined);
      assert.equal(await store.accounts.confirm(member, idOf(account)), false);
      assert.equal(await store.accounts.confirm(member, "999999999"), false);
      assert.equal((await store.tickets.confirm(member, hashes[1]))?.first, true);
    },
  },
];

const all: AccountQuery = { search: null, after: null, limit: 1000 };
let marks = 0;
const newMark = (): string => `mark-${++marks}-${newEmail().split("@", 1)[0]}`;

async function marked(world: ContractWorld, mark: string, fields: Record<string, unknown> = {}) {
  return idOf((await newAccount(world, { email: `${mark}-${newEmail()}`, fields })).account);
}

async function found({ stores: [{ accounts }] }: ContractWorld, search: string): Promise<readonly string[]> {
  return (await accounts.list(member, { ...all, search })).records.map(({ account }) => idOf(account));
}

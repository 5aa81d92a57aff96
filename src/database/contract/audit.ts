import assert from "node:assert/strict";
import { randomId } from "../../engine/random.js";
import { type AuditRow, type AuditTerms, type FoldedAuditRow, firstAuditId } from "../audit-port.js";
import { type ContractCase, type ContractWorld, second, storeOf } from "./world.js";

const day = 24 * 3600 * second;
const terms: AuditTerms = {
  attemptsFor: 90 * day,
  changesFor: 365 * day,
  addressesFor: 90 * day,
  maximumRows: 1_000_000,
};
const nothing = { model: null, accountId: null, names: null, from: null, to: null, after: null };

let made = 0;
function rowAt(at: number, given: Partial<AuditRow> = {}): AuditRow {
  made++;
  return {
    id: firstAuditId(at).slice(0, 12) + made.toString(16).padStart(20, "0"),
    term: "attempt",
    at,
    times: 1,
    lastAt: at,
    name: "sign_in.succeeded",
    owasp: "authn_login_success",
    model: "member",
    accountId: "1",
    client: randomId(),
    address: "192.0.2.7",
    userAgent: "Browser/1.0",
    reason: null,
    actorKind: null,
    actorName: null,
    ...given,
  };
}

/** All rows of an account, the newest first. */
const rowsOf = ({ stores: [store] }: ContractWorld, accountId: string): Promise<readonly AuditRow[]> =>
  store.audit.list({ ...nothing, model: "member", accountId, limit: 5000 });

/** Sweeps until nothing is left to do, by one server after the other. Returns how many rows went. */
async function sweepAll(world: ContractWorld, given: Partial<AuditTerms> = {}): Promise<number> {
  let swept = 0;
  for (let i = 0; i < 6; i++) swept += await storeOf(world, i).audit.sweep({ ...terms, ...given }, 0);
  return swept;
}

/** The audit log's part of the contract. */
export const auditContract: readonly ContractCase[] = [
  {
    name: "rows of the audit log come back as they were, with the longest texts, and stay as they are when they are added again",
    async run(world) {
      const [{ audit }] = world.stores;
      const accountId = randomId();
      const full = rowAt(world.clock.now, {
        accountId,
        term: "change",
        name: "n".repeat(64),
        owasp: "o".repeat(64),
        address: "a".repeat(64),
        userAgent: "😀".repeat(512),
        reason: "ü".repeat(255),
        actorKind: "cli",
        actorName: "字".repeat(255),
      });
      const empty = rowAt(world.clock.now + 1, { accountId, client: null, address: null, userAgent: null });
      const many = Array.from({ length: 150 }, (_, i) => rowAt(world.clock.now + 2 + i, { accountId }));
      await audit.add([]);
      await audit.add([full, empty]);
      await audit.add([empty, ...many, { ...full, times: 9 }]);
      assert.deepEqual(await rowsOf(world, accountId), [full, empty, ...many].toReversed());
    },
  },
  {
    name: "a page of the audit log goes on behind a row, whatever is added, and shows what is asked for alone",
    async run(world) {
      const [{ audit }] = world.stores;
      const [accountId, other] = [randomId(), randomId()];
      const { now } = world.clock;
      const rows = Array.from({ length: 9 }, (_, i) =>
        rowAt(now + i, { accountId, name: i % 3 ? "sign_in.failed" : "token.late" }),
      );
      const admins = rowAt(now, { accountId, model: "admin" });
      await audit.add([...rows, rowAt(now, { accountId: other }), admins]);
      const query = { ...nothing, model: "member", accountId };
      const first = await audit.list({ ...query, limit: 4 });
      await audit.add([rowAt(now + 20, { accountId })]);
      const second = await audit.list({ ...query, after: first.at(-1)?.id ?? "", limit: 4 });
      const third = await audit.list({ ...query, after: second.at(-1)?.id ?? "", limit: 4 });
      assert.deepEqual([...first, ...second, ...third], rows.toReversed());
      const late = await audit.list({ ...query, names: ["token.late", "token.reused"], limit: 9 });
      assert.deepEqual(late, [rows[6], rows[3], rows[0]]);
      assert.deepEqual(await audit.list({ ...query, from: now + 2, to: now + 4, limit: 9 }), [
        rows[3],
        rows[2],
      ]);
      assert.deepEqual(await audit.list({ ...query, accountId: "%", limit: 9 }), []);
      const all = await audit.list({ ...nothing, from: now, to: now + 1, limit: 1000 });
      assert.deepEqual(
        all.filter((row) => row.accountId === accountId).map(({ model }) => model),
        ["admin", "member"],
      );
    },
  },
  {
    name: "of rows with one fold there is one, which has happened as often as all of them, over every connection at one moment",
    async run(world) {
      const accountId = randomId();
      const { now } = world.clock;
      const folds = Array.from({ length: 20 }, () => randomId());
      const batchOf = (i: number): readonly FoldedAuditRow[] =>
        folds.map((fold) => ({
          ...rowAt(now + i, { accountId, times: 2, lastAt: now + 100 + i }),
          fold,
        }));
      await Promise.all(Array.from({ length: 30 }, (_, i) => storeOf(world, i).audit.addTimes(batchOf(i))));
      const rows = await rowsOf(world, accountId);
      assert.equal(rows.length, 20);
      for (const row of rows) assert.deepEqual([row.times, row.lastAt], [60, now + 129]);
    },
  },
  {
    name: "attempts and changes of the audit log go when their terms are over, some hundred at once",
    async run(world) {
      const [{ audit }] = world.stores;
      world.clock.now += 1000 * day;
      await sweepAll(world);
      const accountId = randomId();
      const { now } = world.clock;
      const attempts = Array.from({ length: 1200 }, (_, i) => rowAt(now + i, { accountId }));
      const change = rowAt(now, { accountId, term: "change" });
      const young = rowAt(now + 2 * day, { accountId });
      await audit.add([...attempts, change, young]);
      world.clock.now = now + terms.attemptsFor - 1;
      assert.equal(await sweepAll(world), 0);
      world.clock.now += day;
      assert.equal(await sweepAll(world), 1200);
      assert.deepEqual(
        (await rowsOf(world, accountId)).map(({ id }) => id),
        [young.id, change.id],
      );
      world.clock.now = now + terms.changesFor + 1;
      assert.equal(await sweepAll(world), 2);
      assert.deepEqual(await rowsOf(world, accountId), []);
    },
  },
  {
    name: "after their term rows of the audit log say nothing of the caller, and share nothing with later ones",
    async run(world) {
      const [{ audit }] = world.stores;
      const accountId = randomId();
      const { now } = world.clock;
      const changes = Array.from({ length: 600 }, (_, i) => rowAt(now + i, { accountId, term: "change" }));
      const folded = { ...rowAt(now, { accountId }), fold: randomId() };
      const young = rowAt(now + 2 * day, { accountId });
      await audit.add([...changes, young]);
      await audit.addTimes([folded]);
      world.clock.now = now + 31 * day;
      await sweepAll(world, { addressesFor: 30 * day });
      const blank = { address: null, userAgent: null };
      const { fold, ...row } = folded;
      const rows = await rowsOf(world, accountId);
      assert.deepEqual(rows[0], young);
      const wanted = [...changes, row].toSorted((one, other) => (one.id < other.id ? 1 : -1));
      assert.deepEqual(
        rows.slice(1),
        wanted.map((one) => ({ ...one, ...blank })),
      );
      await audit.addTimes([{ ...rowAt(now, { accountId }), fold }]);
      assert.equal((await rowsOf(world, accountId)).length, rows.length + 1);
    },
  },
  {
    name: "of an account that was deleted the audit log keeps ids and events, and of others everything",
    async run(world) {
      const [{ audit }] = world.stores;
      const [accountId, other] = [randomId(), randomId()];
      const { now } = world.clock;
      const visits = Array.from({ length: 700 }, (_, i) => rowAt(now + i, { accountId }));
      const end = rowAt(now + 1000, { accountId, term: "deletion", name: "account.deleted" });
      // Another server writes a moment later.
      const late = rowAt(now + 2000, { accountId });
      const kept = [rowAt(now, { accountId: other }), rowAt(now, { accountId, model: "admin" })];
      await audit.add([...visits, end, late, ...kept]);
      world.clock.now = now + 50 * second;
      await sweepAll(world);
      assert.equal((await rowsOf(world, accountId))[0]?.address, "192.0.2.7");
      world.clock.now = now + 70 * second;
      await sweepAll(world);
      const blank = { address: null, userAgent: null };
      const wanted = [late, { ...end, term: "change" }, ...visits.toReversed()];
      assert.deepEqual(
        await rowsOf(world, accountId),
        wanted.map((row) => ({ ...row, ...blank })),
      );
      assert.deepEqual(await rowsOf(world, other), [kept[0]]);
      assert.deepEqual(await audit.list({ ...nothing, model: "admin", accountId, limit: 9 }), [kept[1]]);
    },
  },
  {
    name: "past its number of rows the audit log loses the oldest attempts, and changes only when there is nothing else",
    async run(world) {
      const [{ audit }] = world.stores;
      world.clock.now += 1000 * day;
      await sweepAll(world);
      const accountId = randomId();
      const { now } = world.clock;
      const changes = Array.from({ length: 1000 }, (_, i) => rowAt(now + i, { accountId, term: "change" }));
      const attempts = Array.from({ length: 1000 }, (_, i) => rowAt(now + 5000 + i, { accountId }));
      await audit.add([...changes, ...attempts]);
      const sweepTo = async (maximumRows: number): Promise<number> => {
        world.clock.now += 3600 * second;
        return sweepAll(world, { maximumRows });
      };
      const left = async () => (await rowsOf(world, accountId)).map(({ id }) => id).toReversed();
      assert.equal(await sweepTo(2000), 0);
      assert.equal(await sweepTo(1300), 700);
      assert.deepEqual(
        await left(),
        [...changes, ...attempts.slice(700)].map(({ id }) => id),
      );
      assert.equal(await sweepTo(600), 700);
      assert.deepEqual(
        await left(),
        changes.slice(400).map(({ id }) => id),
      );
    },
  },
  {
    name: "of several servers one sweeps the audit log within the interval",
    async run(world) {
      const interval = 60 * second;
      await sweepAll(world);
      world.clock.now += interval;
      const old = world.clock.now - 200 * day;
      await storeOf(world, 0).audit.add(Array.from({ length: 10 }, (_, i) => rowAt(old + i)));
      const counts = await Promise.all([0, 1, 2].map((i) => storeOf(world, i).audit.sweep(terms, interval)));
      assert.deepEqual(counts.toSorted(), [0, 0, 10]);
      await storeOf(world, 0).audit.add([rowAt(old)]);
      assert.equal(await storeOf(world, 1).audit.sweep(terms, interval), 0);
      world.clock.now += interval;
      assert.equal(await storeOf(world, 1).audit.sweep(terms, interval), 1);
    },
  },
];

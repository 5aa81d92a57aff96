import { type RawBuilder, sql } from "kysely";
import { type AuditTerm, lastAuditId } from "../audit-port.js";
import type { SqlExecutor } from "../driver.js";
import { type Place, type Statement, statement } from "../statement.js";

/** Ids from one, and below another. */
export interface Span {
  readonly from: string;
  readonly below: string;
}

/** An account that was deleted, and the row that says so. */
export interface Deletion {
  readonly id: string;
  readonly at: number;
  readonly model: string;
  readonly accountId: string;
}

/** The steps of which a sweep of the audit log is made: each is short, whatever the table holds. */
export interface AuditSteps {
  /** Deletes the oldest rows of a term, at most `most`. Returns how many. */
  drop(term: AuditTerm, below: string, most: number): Promise<number>;
  /** Takes addresses and user agents out of a term's next rows. Returns where the next step begins; `undefined`: there are no more. */
  blankTerm(term: AuditTerm, span: Span, most: number): Promise<string | undefined>;
  /** The same with the rows of an account. */
  blankAccount(deletion: Deletion, span: Span, most: number): Promise<string | undefined>;
  /** The oldest deletion that nobody has followed to its end. */
  nextDeletion(below: string): Promise<Deletion | undefined>;
  /** Nothing is left of the account but its ids. */
  endDeletion(deletion: Deletion): Promise<void>;
  /** Counts the next rows. */
  count(from: string, most: number): Promise<{ readonly rows: number; readonly next: string | undefined }>;
}

/** The first id that comes behind one. */
const behind = (id: string): string => `${id}0`;

interface OfTerm extends Span {
  term: string;
}
interface OfAccount extends Span {
  model: string;
  accountId: string;
}

export function createAuditSteps(executor: SqlExecutor): AuditSteps {
  const { kysely } = executor;
  const inSpan = (place: Place<Span>): RawBuilder<boolean> =>
    sql<boolean>`(id >= ${place("from")} and id < ${place("below")})`;
  const ofTerm = (place: Place<OfTerm>): RawBuilder<boolean> =>
    sql<boolean>`(term = ${place("term")} and ${inSpan(place)})`;
  const ofAccount = (place: Place<OfAccount>): RawBuilder<boolean> =>
    sql<boolean>`(model = ${place("model")} and account_id = ${place("accountId")} and ${inSpan(place)})`;
  /** The id of the row so many behind the first one. */
  const nth = <Values extends Span>(condition: (place: Place<Values>) => RawBuilder<boolean>) =>
    statement<Values & { offset: number }>(executor, (place) =>
      kysely
        .selectFrom("keyturn_audit_log")
        .select("id")
        .where(condition(place as Place<Values>))
        .orderBy("id")
        .limit(1)
        .offset(place("offset") as RawBuilder<number>),
    );
  const blank = <Values extends Span>(condition: (place: Place<Values>) => RawBuilder<boolean>) =>
    statement<Values>(executor, (place) =>
      kysely
        .updateTable("keyturn_audit_log")
        // The fold is a hash of the address too, and addresses are few enough to try them all.
        .set({ address: null, user_agent: null, fold: null })
        .where(condition(place))
        .where(sql<boolean>`(address is not null or user_agent is not null or fold is not null)`),
    );
  const [nthOfTerm, nthOfAccount] = [nth(ofTerm), nth(ofAccount)];
  const [blankOfTerm, blankOfAccount] = [blank(ofTerm), blank(ofAccount)];
  const dropSpan = statement<OfTerm>(executor, (place) =>
    kysely.deleteFrom("keyturn_audit_log").where(ofTerm(place)),
  );
  const firstDeletion = statement<{ below: string }>(executor, (place) =>
    kysely
      .selectFrom("keyturn_audit_log")
      .select(["id", "at", "model", "account_id"])
      .where("term", "=", "deletion")
      .where("id", "<", place("below"))
      .orderBy("id")
      .limit(1),
  );
  const settle = statement<{ id: string }>(executor, (place) =>
    kysely.updateTable("keyturn_audit_log").set({ term: "change" }).where("id", "=", place("id")),
  );
  const countFrom = statement<{ from: string; most: number }>(executor, (place) =>
    kysely
      .selectFrom(
        kysely
          .selectFrom("keyturn_audit_log")
          .select("id")
          .where("id", ">=", place("from"))
          .orderBy("id")
          .limit(place("most"))
          .as("next"),
      )
      .select([sql<number>`count(*)`.as("counted"), sql<string>`max(id)`.as("last")]),
  );

  return {
    async drop(term, below, most) {
      const span = { term, from: "", below };
      const row = (await nthOfTerm.run({ ...span, offset: most - 1 })).rows[0];
      return (await dropSpan.run(row ? { ...span, below: behind(String(row[0])) } : span)).changes;
    },
    blankTerm: (term, span, most) => blankNext(nthOfTerm, blankOfTerm, { term, ...span }, most),
    blankAccount: ({ model, accountId }, span, most) =>
      blankNext(nthOfAccount, blankOfAccount, { model, accountId, ...span }, most),
    async nextDeletion(below) {
      const row = (await firstDeletion.run({ below })).rows[0];
      if (!row) return undefined;
      const [id, at, model, accountId] = row;
      return { id: String(id), at: Number(at), model: String(model), accountId: String(accountId) };
    },
    async endDeletion({ id }) {
      await settle.run({ id });
    },
    async count(from, most) {
      const [counted = 0, last = lastAuditId] = (await countFrom.run({ from, most })).rows[0] ?? [];
      const rows = Number(counted);
      return { rows, next: rows < most ? undefined : behind(String(last)) };
    },
  };
}

async function blankNext<Values extends Span>(
  nth: Statement<Values & { offset: number }>,
  blank: Statement<Values>,
  values: Values,
  most: number,
): Promise<string | undefined> {
  const row = (await nth.run({ ...values, offset: most - 1 })).rows[0];
  const next = row && behind(String(row[0]));
  await blank.run(next === undefined ? values : { ...values, below: next });
  return next;
}

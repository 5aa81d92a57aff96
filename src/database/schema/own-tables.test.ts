import { hash as bcrypt } from "bcryptjs";
import { createAuth } from "keyturn";
import { describe, expect, onTestFinished, test } from "vitest";
import { engines, presentEngines } from "../../../test/fixtures/databases.js";
import { modelOf, openTables, type TableFixture } from "../../../test/fixtures/tables.js";
import type { IdType, ModelConfig } from "../../accounts/models.js";
import { randomId } from "../../engine/random.js";
import { hashSecret, newSecret } from "../../engine/token.js";
import type { BoundQuery } from "../driver.js";
import { createSqlStore } from "../sql-store.js";

// Moments that do not tell their zone are UTC, wherever the server stands.
process.env["TZ"] = "America/New_York";

const columns = {
  id: "person_id",
  email: "mail",
  passwordHash: "encrypted_password",
  createdAt: "joined_at",
} as const;
const uuid = "0b5b6f0e-8f0f-4f6e-9d53-0a4b9a2c7a11";

describe.each(presentEngines)("$name", ({ name, create }) => {
  const opened = async (): Promise<TableFixture> => {
    const tables = await openTables(await create());
    onTestFinished(() => tables.drop());
    return tables;
  };
  const idTypes: Record<IdType, string> = {
    integer: {
      sqlite: "integer primary key",
      postgres: "serial primary key",
      mysql: "int auto_increment primary key",
    }[name],
    bigint: {
      sqlite: "integer primary key",
      postgres: "bigserial primary key",
      mysql: "bigint auto_increment primary key",
    }[name],
    uuid: { sqlite: "text primary key", postgres: "uuid primary key", mysql: "char(36) primary key" }[name],
  };
  const moment = { sqlite: "text", postgres: "timestamp", mysql: "datetime" }[name];
  const people = (id: IdType): string =>
    `create table people (person_id ${idTypes[id]}, mail varchar(200) not null unique, encrypted_password varchar(255), shoe_size integer, joined_at ${moment})`;
  const person = (id: number | string, mail: string, hash = "x"): string =>
    `insert into people (person_id, mail, encrypted_password, shoe_size, joined_at) values ('${id}', '${mail}', '${hash}', 43, '2020-02-03 04:05:06')`;

  test("accounts of an existing table sign in with their bcrypt hashes, and what Keyturn lacked is added", async () => {
    const tables = await opened();
    const password = "a quiet violet hour";
    await tables.run(people("integer"), person(7, "ann@example.com", await bcrypt(password, 4)));
    const auth = createAuth({
      baseUrl: "http://localhost:3000",
      database: tables.database,
      mail: { from: "no-reply@example.com", send: async () => undefined },
      models: {
        person: {
          mountAt: "/auth",
          table: "people",
          columns,
          fields: { size: { type: "integer", column: "shoe_size" } },
        },
      },
    });
    onTestFinished(() => auth.close());
    const post = (path: string, body: unknown, headers = {}): Promise<Response> =>
      auth.handle(
        new Request(`http://localhost:3000/auth${path}`, {
          method: "POST",
          headers: { "content-type": "application/json", ...headers },
          body: JSON.stringify(body),
        }),
      );
    const signedIn = await post("/sign_in", { email: "ann@example.com", password });
    expect(await signedIn.json()).toMatchObject({
      data: {
        id: 7,
        email: "ann@example.com",
        uid: "ann@example.com",
        provider: "email",
        size: 43,
      },
    });
    expect(signedIn.headers.get("access-token")).toMatch(/./);
    expect(await auth.accounts.find("person", 7)).toMatchObject({ created_at: "2020-02-03T04:05:06.000Z" });
    // By name: SQLite in Node 22 does not see a column in `*` that another connection has added.
    const [row] = await tables.rows(
      "select person_id, mail, shoe_size, provider, encrypted_password from people",
    );
    expect(row).toMatchObject({ person_id: 7, mail: "ann@example.com", shoe_size: 43, provider: "email" });
    expect(row?.["encrypted_password"]).toMatch(/^\$argon2id\$/);
    const registered = await post("", {
      email: "bob@example.com",
      password,
      confirm_success_url: "http://localhost:1/",
    });
    expect(registered.status).toBe(200);
    expect(await auth.accounts.findByEmail("person", "bob@example.com")).toMatchObject({
      id: expect.any(Number),
      size: null,
    });
  });

  test.each([
    ["integer", 12],
    ["bigint", "9007199254740993"],
    ["uuid", uuid],
  ] as const)(
    "ids of an existing table are found to be %s, and sessions join by them",
    async (idType, id) => {
      const tables = await opened();
      await tables.run(people(idType), person(id, "ann@example.com"));
      const model = modelOf({ columns });
      const store = createSqlStore(tables.executor, [model]);
      await store.migrate("apply");
      expect((await store.accounts.findByEmail(model, "ann@example.com"))?.account.id).toBe(id);
      expect((await store.accounts.find(model, String(id)))?.account.id).toBe(id);
      const client = await openSession(store, model, String(id));
      expect((await store.sessions.find(model, client))?.account).toMatchObject({
        id,
        uid: "ann@example.com",
      });
      const tokenHash =
        (await store.sessions.find(model, client))?.session.tokenHash ?? hashSecret(newSecret());
      const next = hashSecret(newSecret());
      const rotation = {
        client,
        uid: "ann@example.com",
        tokenHash,
        nextTokenHash: next,
        nonce: "n",
        window: 0,
        lifespan: 60_000,
        address: null,
      };
      expect(await store.sessions.rotate(model, rotation)).toMatchObject({
        account: { id },
        session: { tokenHash: next },
      });
      expect(await store.accounts.update(model, String(id), { email: "new@example.com" })).toMatchObject({
        account: { uid: "new@example.com" },
      });
      expect((await store.sessions.find(model, client))?.session.previousUid).toBe("ann@example.com");
      expect(await store.accounts.delete(model, String(id))).toBe(true);
      expect(await store.sessions.find(model, client)).toBeUndefined();
    },
  );

  test.each(["integer", "bigint", "uuid"] as const)("a new table has ids of the type %s", async (idType) => {
    const tables = await opened();
    const model = modelOf({ idType });
    const store = createSqlStore(tables.executor, [model]);
    await store.migrate("apply");
    await store.migrate("check");
    const made = await store.accounts.create(model, newAccount("ann@example.com"));
    if (made === "taken") throw new Error("taken");
    const { id } = made.account;
    if (idType === "uuid") expect(id).toMatch(/^[0-9a-f-]{36}$/);
    else expect(id).toBe(1);
    const client = await openSession(store, model, String(id));
    expect((await store.sessions.find(model, client))?.account.id).toBe(id);
    // Opened again without being told: the table says it.
    const again = createSqlStore(await tables.newEngine(), [modelOf()]);
    await again.migrate("check");
    expect(await again.sessions.list(model, String(id))).toHaveLength(1);
  });

  test("an id that the model cannot have is nobody's, and no error", async () => {
    const tables = await opened();
    const numbered = modelOf();
    const named = modelOf({ table: "others", idType: "uuid" });
    const store = createSqlStore(tables.executor, [numbered, named]);
    await store.migrate("apply");
    await store.accounts.create(numbered, newAccount("ann@example.com"));
    for (const id of ["1a", "x", "", "1.0", "99999999999999999999", uuid])
      expect(await store.accounts.find(numbered, id)).toBeUndefined();
    for (const id of ["1", "x", ""]) expect(await store.accounts.find(named, id)).toBeUndefined();
  });

  test("a column that makes its ids itself is left to do so", async () => {
    const tables = await opened();
    const id = {
      sqlite: "text primary key default ('made here')",
      postgres: "text primary key default 'made here'",
      mysql: "varchar(36) primary key default 'made here'",
    }[name];
    await tables.run(`create table people (id ${id})`);
    const model = modelOf();
    const store = createSqlStore(tables.executor, [model]);
    await store.migrate("apply");
    expect(await store.accounts.create(model, newAccount("ann@example.com"))).toMatchObject({
      account: { id: "made here" },
    });
  });

  test("accounts that are there when confirmation begins count as confirmed, later ones do not", async () => {
    const tables = await opened();
    await tables.run(people("integer"), person(1, "ann@example.com"));
    const model = modelOf({ columns });
    const store = createSqlStore(tables.executor, [model]);
    await store.migrate("apply");
    await tables.run(
      "insert into people (person_id, mail, provider, uid) values (2, 'bob@example.com', 'email', 'bob@example.com')",
    );
    expect((await store.accounts.findByEmail(model, "ann@example.com"))?.confirmedAt).toBeGreaterThan(0);
    expect((await store.accounts.findByEmail(model, "bob@example.com"))?.confirmedAt).toBeNull();
  });
});

const [, postgres] = engines;

test.skipIf(postgres.missing).each(["integer", "bigint", "uuid"] as const)(
  "PostgreSQL finds the account of a session by the primary key, with ids of the type %s",
  async (idType) => {
    const tables = await openTables(await postgres.create());
    onTestFinished(() => tables.drop());
    const model = modelOf({ idType });
    const store = createSqlStore(tables.executor, [model]);
    await store.migrate("apply");
    const id = idType === "uuid" ? "gen_random_uuid()" : "n";
    await tables.run(
      `insert into people (id, provider, uid, email, created_at, updated_at)
        select ${id}, 'email', n || '@x', n || '@x', now(), now() from generate_series(1, 3000) as n`,
      "analyze people",
    );
    const [account] = await tables.rows("select id from people limit 1 offset 1500");
    const client = await openSession(store, model, String(account?.["id"]));
    const seen: string[] = [];
    const { run } = tables.executor;
    const spy = async (query: BoundQuery) => {
      seen.push(query.sql);
      return run(query);
    };
    const spied = createSqlStore({ ...tables.executor, run: spy }, [model]);
    await spied.sessions.find(model, client);
    const plan = await tables.rows(
      `explain ${seen[0]?.replace("$1", `'${client}'`).replace("$2", `'${client}'`).replace("$3", "'person'")}`,
    );
    const text = plan.map((row) => row["QUERY PLAN"]).join("\n");
    expect(text).toContain("people_pkey");
    expect(text).not.toContain("Seq Scan on people");
  },
);

test("names of columns are checked with everything else of the configuration", () => {
  const withModel = (model: Partial<ModelConfig>) => () =>
    createAuth({
      baseUrl: "http://localhost:3000",
      database: { connect: () => Promise.reject(new Error("not opened")) },
      models: { person: { mountAt: "/auth", ...model } },
    });
  expect(withModel({ columns: { email: "e mail" } })).toThrow(/models\.person\.columns\.email/);
  expect(withModel({ columns: { email: "UID" } })).toThrow(
    /columns\.email: "UID"|"uid" is already the column of/i,
  );
  expect(withModel({ fields: { mail: { type: "string", column: "email" } } })).toThrow(
    /"email" is already the column of columns\.email/,
  );
  expect(withModel({ table: "keyturn_sessions" })).toThrow(/models\.person\.table/);
});

function newAccount(email: string) {
  return { provider: "email", uid: email, email, passwordHash: "h", confirmed: true, fields: {} };
}

async function openSession(
  store: ReturnType<typeof createSqlStore>,
  model: ReturnType<typeof modelOf>,
  accountId: string,
): Promise<string> {
  const session = await store.sessions.create(model, {
    client: randomId(),
    accountId,
    tokenHash: hashSecret(newSecret()),
    limitedTo: null,
    lifespan: 60_000,
    lifetime: null,
    userAgent: null,
    address: null,
    label: null,
    limit: 10,
    passwordHash: null,
  });
  if (!session) throw new Error("There is no such account");
  return session.client;
}

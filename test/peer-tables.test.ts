import { hash as bcrypt } from "@node-rs/bcrypt";
import { createAuth } from "keyturn";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ModelConfig } from "../src/accounts/models.js";
import { migrationStatus } from "../src/cli/migrate.js";
import type { MailMessage } from "../src/mail/message.js";
import { presentEngines } from "./fixtures/databases.js";
import { djangoTable, type PeerTable, peerTables } from "./fixtures/peer-tables.js";
import { openTables, type TableFixture } from "./fixtures/tables.js";

const password = "a quiet violet hour";

describe.each(presentEngines)("$name", ({ name, create }) => {
  const opened = async (statements: readonly string[]): Promise<TableFixture> => {
    const tables = await openTables(await create());
    onTestFinished(() => tables.drop());
    await tables.run(...statements);
    return tables;
  };
  const check = (tables: TableFixture, model: ModelConfig) =>
    migrationStatus({ models: { user: model } }, { DATABASE_URL: tables.url });

  const started = (tables: TableFixture, model: ModelConfig) => {
    const mails: MailMessage[] = [];
    const logged: string[] = [];
    const log = (_details: unknown, message?: string): void => void logged.push(message ?? "");
    const auth = createAuth({
      baseUrl: "http://localhost:3000",
      database: tables.database,
      mail: { from: "no-reply@example.com", send: async (mail) => void mails.push(mail) },
      logger: { info: log, warn: log, error: log },
      models: { user: model },
    });
    onTestFinished(() => auth.close());
    const request = (method: string, path: string, body?: object, headers = {}): Promise<Response> =>
      auth.handle(
        new Request(`http://localhost:3000/auth${path}`, {
          method,
          headers: { "content-type": "application/json", ...headers },
          ...(body && { body: JSON.stringify(body) }),
        }),
      );
    const linkTo = async (to: string): Promise<string> => {
      await expect.poll(() => mails.some((mail) => mail.to === to)).toBe(true);
      const { text = "" } = mails.findLast((mail) => mail.to === to) ?? {};
      return /http:\/\/localhost:3000\/\S+/.exec(text)?.[0] ?? "";
    };
    return { auth, request, linkTo, logged };
  };

  describe.each(peerTables)("a table that $name made", (peer: PeerTable) => {
    const statements = async () => peer.statements(name, await bcrypt(password, 4));

    test("keyturn migrate --check says of every column what it is, and that it fits", async () => {
      const tables = await opened(await statements());
      const { text, isUpToDate } = await check(tables, peer.model);
      expect(isUpToDate).toBe(false);
      const said = findingsIn(text);
      for (const [place, finding] of Object.entries(said)) {
        const expected = peer.findings[place] ?? "fine";
        const here = typeof expected === "string" ? expected : expected[name];
        expect([place, finding]).toEqual([place, finding === "is added" ? finding : here]);
      }
      expect(Object.keys(said)).toEqual(expect.arrayContaining(Object.keys(peer.findings)));
      expect(text).not.toMatch(/ann@example/);
    });

    test("its people sign in, and whoever had not confirmed does not", async () => {
      const tables = await opened(await statements());
      const { auth, request } = started(tables, peer.model);
      const [ann, bob] = await Promise.all(
        ["ann@example.com", "bob@example.com"].map((email) =>
          request("POST", "/sign_in", { email, password }),
        ),
      );
      expect(ann?.status).toBe(peer.hasPasswords ? 200 : 401);
      expect(bob?.status).toBe(401);
      if (peer.hasPasswords) expect(await bob?.json()).toMatchObject({ code: "unconfirmed" });
      expect(await auth.accounts.findByEmail("user", "ann@example.com")).toMatchObject({
        uid: "ann@example.com",
        provider: "email",
        created_at: "2020-02-03T04:05:06.000Z",
      });
    });

    test("somebody new registers, confirms and signs in, and the row is one that its own library reads", async () => {
      const tables = await opened(await statements());
      const { request, linkTo, auth } = started(tables, peer.model);
      const cat = { email: "cat@example.com", password };
      const registered = await request("POST", "", {
        ...cat,
        name: "Cat",
        confirm_success_url: "http://localhost:5173/",
      });
      expect([registered.status, await registered.text()]).toEqual([200, expect.stringContaining("success")]);
      expect((await request("POST", "/sign_in", cat)).status).toBe(401);
      await auth.handle(new Request(await linkTo(cat.email)));
      expect((await request("POST", "/sign_in", cat)).status).toBe(200);
      const quote = name === "mysql" ? "`" : '"';
      const { confirmedAt = "confirmed_at" } = peer.model.columns ?? {};
      const types = await tables.rows(
        `select count(distinct ${{ sqlite: `typeof(${quote}${confirmedAt}${quote})`, postgres: "1", mysql: "1" }[name]}) as kinds
          from ${quote}${peer.model.table}${quote} where ${quote}${confirmedAt}${quote} is not null`,
      );
      // SQLite keeps whatever is written: of one column, all values are written alike.
      expect(Number(types[0]?.["kinds"])).toBe(1);
    });
  });

  const django = {
    mountAt: "/auth",
    table: "auth_user",
    columns: { passwordHash: "password", createdAt: "date_joined" },
    fields: { is_active: { type: "boolean" } },
  } as const;

  test("Django's auth_user is refused while people could register: its columns have no defaults", async () => {
    const tables = await opened(djangoTable(name));
    const { text, isUpToDate } = await check(tables, django);
    expect(isUpToDate).toBe(false);
    for (const column of ["is_superuser", "username", "first_name", "last_name", "is_staff"])
      expect(text).toMatch(new RegExp(`^  ${column} +not mapped .* change it to have a default`, "m"));
    expect(text).toMatch(/5 columns have to change/);
    const { auth } = started(tables, django);
    await expect(auth.ready()).rejects.toThrow(
      /"username" is .*change it to have a default.*registration to false/,
    );
  });

  test("Django's people keep their accounts, and are told to set a new password: PBKDF2 cannot be verified", async () => {
    const tables = await opened(djangoTable(name));
    const model = { ...django, registration: false };
    const { text } = await check(tables, model);
    expect(findingsIn(text)["fields.is_active"]).toBe("fine");
    expect(text).toMatch(/2 values of the column "password" are hashes that Keyturn cannot verify/);
    expect(text).toMatch(/1 value of the column "email" has capitals/);
    await tables.run("update auth_user set email = lower(email)");
    const { auth, request, linkTo, logged } = started(tables, model);
    await auth.ready();
    expect(logged.join("\n")).toMatch(/2 values of the column "password" are hashes/);
    const ann = { email: "ann@example.com", password };
    expect((await request("POST", "/sign_in", ann)).status).toBe(401);
    await request("POST", "/password", { email: ann.email, redirect_url: "http://localhost:5173/" });
    const redirect = await auth.handle(new Request(await linkTo(ann.email)));
    const { searchParams } = new URL(redirect.headers.get("location") ?? "");
    const credentials = {
      "access-token": searchParams.get("access-token") ?? searchParams.get("token") ?? "",
      client: searchParams.get("client") ?? searchParams.get("client_id") ?? "",
      uid: searchParams.get("uid") ?? "",
    };
    const set = { password, password_confirmation: password };
    expect((await request("PUT", "/password", set, credentials)).status).toBe(200);
    expect((await request("POST", "/sign_in", ann)).status).toBe(200);
    expect(await auth.accounts.findByEmail("user", ann.email)).toMatchObject({
      is_active: true,
      created_at: "2020-02-03T04:05:06.000Z",
    });
    expect(await auth.accounts.findByEmail("user", "bob@example.com")).toMatchObject({ is_active: false });
  });
});

/** The last cell of each column's line, by what the column is mapped as. */
function findingsIn(text: string): Readonly<Record<string, string>> {
  const lines = text.split("\n").map((line) => line.trim().split(/ {2,}/));
  return Object.fromEntries(
    lines.flatMap(([, place = "", , , finding = ""]) =>
      /^(columns|fields)\./.test(place) ? [[place, finding]] : [],
    ),
  );
}

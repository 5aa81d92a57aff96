import { createHash, createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import {
  admin,
  authentication,
  day,
  defaults,
  firstKey,
  generationOf,
  type Held,
  models,
  show,
  signIn,
  testEngine,
  user,
} from "../../test/fixtures/sessions.js";
import { sqliteExecutor } from "../database/sqlite/sqlite.js";
import { openSqlite } from "../database/sqlite/sqlite-driver.js";
import { createTokenIssuer, type Secret } from "./token.js";

const window = defaults.batchRequestBufferThrottle;

describe("what is not a token of this client", async () => {
  const engine = await testEngine();
  const server = engine.server();
  const held = await signIn(server, await engine.register());
  const other = await signIn(server, await engine.register());
  const theirs = await signIn(server, await engine.register(admin, held.uid), admin);
  const foreign = createTokenIssuer([Buffer.alloc(32, 99)], "user");

  const refusedWithoutQuery = async (shown: Held): Promise<void> => {
    engine.traffic.statements = 0;
    engine.events.length = 0;
    for (const models of [[user], [user, admin]] as const)
      expect(await show(server, shown, { models })).toBeUndefined();
    expect(engine.traffic.statements).toBe(0);
    expect(engine.events).toEqual([]);
  };

  const { token } = held;
  const bare = foreign.issue(held.client, 0, engine.clock.now, Buffer.alloc(32) as Secret);
  test.each([
    ["nothing", { token: "" }],
    ["a word", { token: "undefined" }],
    ["a truncated token", { token: token.slice(0, -1) }],
    ["a token and more", { token: `${token}A` }],
    ["a megabyte", { token: token.repeat(13_000) }],
    ["a token without its tag", { token: token.slice(0, 58).padEnd(80, "A") }],
    ["a token tagged with another server's key", { token: bare }],
    ["the token of another account", { token: other.token }],
    ["a token with a foreign client", { client: other.client }],
    ["a client that is too long", { client: "x".repeat(10_000) }],
    ["a client with blanks and quotes", { client: "' or 1=1 --" }],
    ["a client of another spelling", { client: `${held.client} ` }],
    ["no client", { client: "" }],
  ])("%s is refused without a query (security 10)", async (_what, changed) => {
    await refusedWithoutQuery({ ...held, ...changed });
  });

  test("a token of another model is refused without a query, and good for its own (security 10)", async () => {
    engine.traffic.statements = 0;
    expect(await show(server, theirs, { models: [user] })).toBeUndefined();
    expect(await show(server, held, { models: [admin] })).toBeUndefined();
    expect(await show(server, held, { models: [] })).toBeUndefined();
    expect(engine.traffic.statements).toBe(0);
    expect(await show(server, theirs, { models: [user, admin] })).toMatchObject({ model: admin });
    expect(await show(server, held, { models: [admin, user] })).toMatchObject({ model: user });
  });

  test("anything at random is refused without a query and without an error (security 10)", async () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.string({ minLength: 80, maxLength: 80, unit: fc.constantFrom(..."AZaz09-_") }),
      fc.constantFrom(held.client, "__proto__", "\0", "%00", "null"),
    );
    await fc.assert(
      fc.asyncProperty(text, text, text, (raw, client, uid) =>
        refusedWithoutQuery({ token: raw, client, uid, expiry: 0 }),
      ),
      { numRuns: 500 },
    );
  });

  test("a token with a single character changed is refused without a query (security 10)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(79), fc.constantFrom(..."ABCxyz019-_ ~"), async (at, character) => {
        fc.pre(token[at] !== character);
        await refusedWithoutQuery({ ...held, token: token.slice(0, at) + character + token.slice(at + 1) });
      }),
    );
  });

  test("the right credentials are let in after all of that", async () => {
    expect((await show(server, held))?.account.uid).toBe(held.uid);
  });
});

describe("a dump of the database, together with the server key", async () => {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-dump-"));
  const file = join(folder, "app.db");
  const engine = await testEngine(async (now) => sqliteExecutor(await openSqlite(file), now));
  const server = engine.server({ settings: { lostResponses: "recover" } });
  await engine.store.serverKey();
  const account = await engine.register();
  const issued: Held[] = [await signIn(server, account)];
  for (let i = 0; i < 4; i++) {
    engine.clock.forward(window);
    const last = issued.at(-1);
    if (last) issued.push(await authentication(server, last));
  }
  await engine.store.tickets.issue(user, {
    hash: "aGFzaA",
    kind: "password_reset",
    accountId: String(account.id),
    email: null,
    lifespan: day,
  });
  const [newest] = issued.slice(-1);

  const connection = await openSqlite(file);
  const tables = connection
    .prepare("select name from sqlite_schema where type = 'table'")
    .run([], false).rows;
  const dump = tables.flatMap(([name]) =>
    connection.prepare(`select * from "${name}"`).run([], false).rows.flat(),
  );
  afterAll(() => {
    connection.close();
    rmSync(folder, { recursive: true });
  });

  test("holds no token and no secret of one, in no spelling (security 2)", () => {
    const bytes = readFileSync(file).toString("latin1");
    expect(bytes).toContain(newest?.client);
    for (const { token } of issued) {
      const secret = Buffer.from(token, "base64url").subarray(12, 44);
      for (const spelling of [token, token.slice(16, 58)]) expect(bytes).not.toContain(spelling);
      for (const encoding of ["base64url", "base64", "hex", "latin1"] as const)
        expect(bytes).not.toContain(secret.toString(encoding));
    }
  });

  test("makes no token that is accepted, from any of its columns (security 2)", async () => {
    expect(newest && generationOf(newest.token)).toBe(4);
    const sized = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc(32)], 32);
    const texts = [...new Set(dump.map(String))];
    const nonces = texts.filter((text) => text.length === 22);
    const sources = [
      ...texts.map((text) => sized(Buffer.from(text))),
      ...texts.map((text) => sized(Buffer.from(text, "base64url"))),
      Buffer.alloc(32),
      firstKey,
    ];
    // One step of whatever the engine itself does with a secret: hash it, derive the next one from it, sign it.
    const steps = (bytes: Buffer): Buffer[] => [
      createHash("sha256").update(bytes).digest(),
      createHmac("sha256", firstKey).update(bytes).digest(),
      ...nonces.map((nonce) => createHmac("sha256", bytes).update(nonce).digest()),
      ...nonces.map((nonce) => createHmac("sha256", nonce).update(bytes).digest()),
    ];
    const secrets = [
      ...sources,
      ...sources.flatMap(steps),
      ...sources.flatMap(steps).slice(0, 200).flatMap(steps),
    ];
    const clients = texts.filter((text) => text === newest?.client);
    expect(clients).toHaveLength(1);
    expect(nonces.length).toBeGreaterThanOrEqual(2);
    let tried = 0;
    for (const model of models) {
      const issuer = createTokenIssuer([firstKey], model.name);
      for (const secret of secrets) {
        for (const generation of [2, 3, 4, 5]) {
          const token = issuer.issue(clients[0] ?? "", generation, engine.clock.now, secret as Secret);
          const shown = { token, client: clients[0] ?? "", uid: account.uid, expiry: 0 };
          expect(await show(server, shown, { models: [model] })).toBeUndefined();
          tried++;
        }
      }
    }
    expect(tried).toBeGreaterThan(3000);
    expect(new Set(engine.events.slice(1).map((event) => event.name))).toEqual(
      new Set(["token.reused", "token.forged", "token.ahead"]),
    );
  });

  test("and the same with the real secret is accepted, so the attempts above were made rightly", async () => {
    const secret = Buffer.from(newest?.token ?? "", "base64url").subarray(12, 44) as Secret;
    const token = createTokenIssuer([firstKey], "user").issue(
      newest?.client ?? "",
      4,
      engine.clock.now,
      secret,
    );
    const shown = { token, client: newest?.client ?? "", uid: account.uid, expiry: 0 };
    expect(await show(server, shown)).toBeDefined();
  });
});

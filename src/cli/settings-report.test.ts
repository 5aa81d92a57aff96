import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandFolder } from "../../test/fixtures/command-line.js";

const config = `import { sqlite } from "keyturn/sqlite";
import { github } from "keyturn/providers";
export default {
  database: sqlite("app.db"),
  models: { user: { mountAt: "/auth", omniauthable: true } },
  providers: { github: github() },
  tokenLifespan: "90m",
  mail: { from: "Acme <no-reply@example.com>", send: async () => {} },
};`;
const place = commandFolder({ "keyturn.config.mjs": config });
afterAll(() => place.remove());
const args = ["--config", "keyturn.config.mjs"];

async function settings(env: Record<string, string> = {}) {
  const { stdout } = await place.run(["config", "--json", ...args], { env });
  const list: readonly { name: string; value: string; origin: string }[] = JSON.parse(stdout);
  return new Map(list.map(({ name, value, origin }) => [name, `${value} from ${origin}`]));
}

test("keyturn config says what each setting is, and where that was said (shape 32)", async () => {
  place.write(".env", "KEYTURN_LOST_RESPONSES=recover\n");
  const all = await settings({ KEYTURN_PARANOID: "true", PORT: "4000" });
  expect(all.get("tokenLifespan")).toBe("90m from keyturn.config.mjs");
  expect(all.get("batchRequestBufferThrottle")).toBe("5s from default");
  expect(all.get("paranoid")).toBe("true from KEYTURN_PARANOID");
  expect(all.get("lostResponses")).toBe("recover from KEYTURN_LOST_RESPONSES (.env)");
  expect(all.get("baseUrl")).toBe("http://localhost:4000 from PORT");
  expect(all.get("models.user.mountAt")).toBe("/auth from keyturn.config.mjs");
  expect(all.get("models.user.confirmable")).toBe("true from default");
  expect(all.get("mail.from")).toBe("Acme <no-reply@example.com> from keyturn.config.mjs");
  expect(all.get("mail.send")).toBe("(a function) from keyturn.config.mjs");
  const table = await place.run(["config", ...args]);
  expect(table.stdout).toMatch(/^tokenLifespan +90m +keyturn\.config\.mjs$/m);
  expect(table.stderr).toBe("Read .env.\n");
});

test("keyturn config names the file that was found in place of keyturn.config.js", async () => {
  const all: readonly { name: string; origin: string }[] = JSON.parse(
    (await place.run(["config", "--json"])).stdout,
  );
  expect(all.find(({ name }) => name === "tokenLifespan")?.origin).toBe("keyturn.config.mjs");
});

test("keyturn config shows no secret", async () => {
  const secret = "a-secret-of-more-than-32-characters";
  const env = {
    KEYTURN_SERVER_KEYS: `${secret},${secret}2`,
    GITHUB_SECRET: secret,
    DATABASE_URL: `postgres://app:${secret}@localhost/app?password=${secret}`,
  };
  const all = await settings(env);
  expect(JSON.stringify([...all])).not.toContain(secret);
  expect(all.get("serverKeys")).toBe("(2, hidden) from KEYTURN_SERVER_KEYS");
  expect(all.get("database")).toContain("postgres://app:hidden@localhost/app");
  expect(all.get("providers")).toBe("github from keyturn.config.mjs");
});

const asInstance = config
  .replace(
    "export default {",
    'import { createAuth } from "keyturn";\nexport const auth = createAuth({ baseUrl: "http://localhost:3000",',
  )
  .replace(/};$/, "});");

describe.each([
  ["keyturn.config.mjs", config],
  ["auth.mjs", asInstance],
])("a secret is missing in %s", (file, text) => {
  beforeAll(() => place.write(file, text));

  test.each(["migrate", "config", "accounts list"])("which %s does not need (shape 32)", async (command) => {
    expect(await place.run([...command.split(" "), "--config", file])).toMatchObject({ code: 0 });
  });

  test("serve names it (shape 32)", async () => {
    const served = await place.run(["serve", "--config", file], { env: { PORT: "0" } });
    expect(served.code).toBe(1);
    expect(served.stderr).toContain("GITHUB_SECRET");
  });
});

test("a file that is not there, and a database that is not told, are named", async () => {
  const without = await place.run(["migrate", "--config", "none.json"]);
  expect(without.stderr).toContain("There is no file");
  place.write("none.json", '{ "models": { "user": { "mountAt": "/auth" } } }');
  expect((await place.run(["migrate", "--config", "none.json"])).stderr).toContain("DATABASE_URL");
});

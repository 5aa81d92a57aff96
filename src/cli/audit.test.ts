import { userInfo } from "node:os";
import { afterAll, expect, test } from "vitest";
import { commandFolder } from "../../test/fixtures/command-line.js";

const config = (rest: string): string => `import { sqlite } from "keyturn/sqlite";
export default {
  database: sqlite("app.db"),
  models: { user: { mountAt: "/auth", disableable: true }, admin: { mountAt: "/admin_auth", confirmable: false } },
  ${rest}
};`;
const place = commandFolder({
  "keyturn.config.js": config("auditLog: true,"),
  "off.config.js": config(""),
  "package.json": '{ "type": "module" }',
});
afterAll(() => place.remove());
const run = (args: string, input = "") => place.run(args.split(" "), { input });

test("keyturn audit list shows what happened and who did it, also to an account that is named by its address", async () => {
  await run("accounts create -m user ada@example.com --confirmed --password-stdin", "a quiet violet hour");
  await run("accounts create -m admin eve@example.com --confirmed --password-stdin", "a quiet violet hour");
  await run("accounts disable -m user 1");
  const all = await run("audit list");
  const by = `by cli ${userInfo().username}`;
  const lines = all.stdout.trimEnd().split("\n");
  expect(lines.map((line) => line.replace(/^\d{4}-\S+Z {2}/, ""))).toEqual([
    `account.disabled  user 1  ${by}`,
    `account.registered  admin 1  ${by}`,
    `account.registered  user 1  ${by}`,
    "3 entries.",
  ]);
  const page = await run("audit list -m user --account ada@example.com --limit 1 --json");
  const { entries, next } = JSON.parse(page.stdout);
  expect(entries).toMatchObject([{ name: "account.disabled", actor: { kind: "cli" } }]);
  const rest = await run(`audit list -m user -a 1 -e account.registered -e account.deleted --after ${next}`);
  expect(rest.stdout).toMatch(/Z {2}account\.registered {2}user 1 {2}.*\n1 entry\.\n$/);
});

test.each([
  ["audit list --account 1", "Name one of the models with --model: user, admin."],
  ["audit list --model usr", 'There is no model "usr"'],
  ["audit list --event sign_in", 'There is no event "sign_in"'],
  ["audit list --from yesterday", '"from" must be a Date'],
  ["audit list -c off.config.js", "The configuration needs auditLog: true"],
])("keyturn %s: a sentence, and nothing on stdout", async (args, sentence) => {
  const { code, stdout, stderr } = await run(args);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(sentence);
});

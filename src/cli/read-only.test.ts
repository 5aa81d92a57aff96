import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { commandFolder } from "../../test/fixtures/command-line.js";

/** Commands that only look, in a folder whose database nobody has made. */

const files = {
  "package.json": '{ "type": "module" }',
  "keyturn.config.js": `import { sqlite } from "keyturn/sqlite";
export default { database: sqlite("app.db"), models: { user: { mountAt: "/auth", lockable: true, disableable: true } }, locales: ["en", "sv"], texts: { sv: {} } };`,
};
function emptyPlace() {
  const place = commandFolder(files);
  onTestFinished(() => place.remove());
  return { ...place, names: () => readdirSync(place.folder).sort() };
}

test.each([
  ["accounts list"],
  ["accounts find ada@example.com"],
  ["accounts confirm 7"],
  ["accounts end-sessions 7"],
  ["accounts set-password 7 --password-stdin"],
])("keyturn %s says that there is no database, and makes none", async (command) => {
  const place = emptyPlace();
  const { code, stdout, stderr } = await place.run(command.split(" "), { input: "a quiet violet hour" });
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain("There are no accounts: the database has no tables yet");
  expect(place.names()).toEqual(Object.keys(files).sort());
});

test.each([["config"], ["migrate --status"], ["migrate --sql"]])(
  "keyturn %s makes no database either",
  async (command) => {
    const place = emptyPlace();
    expect((await place.run(command.split(" "))).stdout).not.toBe("");
    expect(place.names()).toEqual(Object.keys(files).sort());
  },
);

test("a database that lacks something is not brought up to date by a command that only looks", async () => {
  const place = emptyPlace();
  expect((await place.run(["migrate"])).code).toBe(0);
  expect(await place.run(["accounts", "list"])).toMatchObject({ code: 0, stderr: "" });
  const more = (files["keyturn.config.js"] ?? "").replace(
    '"/auth",',
    '"/auth", fields: { age: { type: "integer" } },',
  );
  place.write("keyturn.config.js", more);
  const { code, stderr } = await place.run(["accounts", "list"]);
  expect([code, stderr]).toEqual([1, expect.stringContaining('Run "keyturn migrate" first')]);
  expect((await place.run(["migrate", "--status"])).code).toBe(1);
});

test("keyturn views copies for a language of the configuration, and for none and no model that nobody has", async () => {
  const place = emptyPlace();
  const dd = await place.run(["views", "mails", "--locale", "dd"]);
  expect([dd.code, dd.stdout]).toEqual([1, ""]);
  expect(dd.stderr).toMatch(/There is no language "dd": en, de, .*, sv\./);
  const staff = await place.run(["views", "mails", "--model", "staff"]);
  expect([staff.code, staff.stderr]).toEqual([
    1,
    expect.stringContaining('There is no model "staff": user.'),
  ]);
  expect(place.names()).toEqual(Object.keys(files).sort());
  expect(await place.run(["views", "mails", "--locale", "sv", "--model", "user"])).toMatchObject({ code: 0 });
  expect(readdirSync(join(place.folder, "mails/user"))).toContain("layout.sv.html.eta");
});

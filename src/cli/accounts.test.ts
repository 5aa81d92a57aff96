import { userInfo } from "node:os";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { commandFolder } from "../../test/fixtures/command-line.js";

const password = "a quiet violet hour";
const config = `import { sqlite } from "keyturn/sqlite";
export default {
  database: sqlite("app.db"),
  models: {
    user: { mountAt: "/auth", disableable: true, lockable: true, fields: { name: { type: "string" }, age: { type: "integer" } } },
    admin: { mountAt: "/admin_auth", registration: false },
    member: { mountAt: "/member_auth", fields: { username: { type: "string" } }, authenticationKeys: ["email", "username"] },
  },
  onEvent: (event) => process.stderr.write("event " + JSON.stringify(event) + "\\n"),
};`;
const files = {
  "keyturn.config.js": config,
  "pool.config.js": `setInterval(() => {}, 1000);\n${config}`,
  "package.json": '{ "type": "module" }',
};
const place = commandFolder(files);
afterAll(() => place.remove());

const accounts = (args: string, input = "", env: Record<string, string> = {}) =>
  place.run(["accounts", ...args.split(" ")], { input, env });
const eventsIn = (stderr: string) =>
  [...stderr.matchAll(/^event (.*)$/gm)].map(([, text = ""]) => JSON.parse(text));

describe("keyturn accounts create", () => {
  const first = "create --model admin ada@example.com --confirmed --if-absent --password-stdin";

  test("makes the first administrator on an empty database, and events say who did (shape 28, 31)", async () => {
    const made = await accounts(first, `${password}\n`);
    expect(made).toMatchObject({ code: 0, stdout: "Created admin 1, ada@example.com (confirmed).\n" });
    const actor = { kind: "cli", name: userInfo().username };
    expect(eventsIn(made.stderr)).toMatchObject([{ name: "account.registered", model: "admin", actor }]);
  });

  test("with --if-absent succeeds a second time, and touches nothing (shape 28)", async () => {
    const before = await accounts("find --model admin ada@example.com --json");
    const again = await accounts(first, "another violet hour");
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/^Nothing was changed: there is already admin 1/);
    expect(eventsIn(again.stderr)).toEqual([]);
    expect((await accounts("find --model admin ada@example.com --json")).stdout).toBe(before.stdout);
    const without = await accounts("create -m admin ada@example.com --confirmed --password-stdin", password);
    expect([without.code, without.stdout]).toEqual([1, ""]);
    expect(without.stderr).toContain("Email has already been taken.");
  });

  test("two at once make one account on an empty database, and both succeed (shape 28)", async () => {
    const empty = commandFolder(files);
    onTestFinished(() => empty.remove());
    const args = ["accounts", ...first.split(" "), "--json"];
    const make = () => empty.run(args, { input: password });
    const done = await Promise.all([make(), make()]);
    expect(done.map(({ code }) => code)).toEqual([0, 0]);
    expect(done.map(({ stdout }) => JSON.parse(stdout).created).sort()).toEqual([false, true]);
  });

  test("takes no password as an argument, and does not repeat it (shape 27)", async () => {
    for (const given of ["--password=geheim", "--password geheim"]) {
      const refused = await accounts(`create -m user bob@example.com ${given}`);
      expect([refused.code, refused.stdout]).toEqual([1, ""]);
      expect(refused.stderr).toContain("--password-stdin");
      expect(refused.stderr).not.toContain("geheim");
    }
  });

  test("takes no password as a field either, and no second address", async () => {
    const link = "--print-link --redirect-url http://localhost:5173/";
    for (const given of [
      "--set password=geheim",
      "--set=password=geheim",
      "--set password_confirmation=geheim",
    ]) {
      const refused = await accounts(`create -m user bob@example.com ${given} ${link}`);
      expect([refused.code, refused.stdout]).toEqual([1, ""]);
      expect(refused.stderr).toContain("--password-stdin");
      expect(refused.stderr).not.toContain("geheim");
    }
    const second = await accounts(`create -m user bob@example.com --set email=eve@example.com ${link}`);
    expect(second).toMatchObject({ code: 1, stderr: "The address is the argument, not a field of --set.\n" });
  });

  test("says all that is wrong, without a stack, and asks for nothing without a terminal (shape 27)", async () => {
    const short = await accounts("create -m user bob --set age=old --password-stdin", "short");
    expect(short).toMatchObject({ code: 1, stdout: "" });
    expect(short.stderr).toBe(
      "Email is not an email.\nPassword is too short (minimum is 8 characters).\nAge is invalid.\n",
    );
    const unasked = await accounts("create -m user bob@example.com");
    expect(unasked.code).toBe(1);
    expect(unasked.stderr).toMatch(/^There is no terminal/);
    const misspelt = await accounts(
      "create -m user bob@example.com --set nmae=Bob --print-link --redirect-url http://localhost:5173/",
    );
    expect(misspelt.stderr).toBe('"nmae" is no field of models.user\n');
  });

  test("prints a link instead of a password, or mails one (shape 27)", async () => {
    const redirect = "--redirect-url http://localhost:5173/";
    const printed = await accounts(`create -m user bob@example.com --set name=Bob --print-link ${redirect}`);
    expect(printed.stdout).toMatch(
      /^http:\/\/localhost:3000\/auth\/password\/edit\?.*reset_password_token=/m,
    );
    const mailed = await accounts(`create -m user cleo@example.com --mail-link ${redirect}`);
    // In development, and without a transport, the mail is printed.
    expect(mailed.stderr).toContain("reset_password_token=");
    expect(mailed.stdout).toMatch(/mailed\.$/m);
  });

  test("without a page for the link to lead to makes no account, and says where to name one", async () => {
    for (const link of ["--print-link", "--mail-link"])
      for (const command of [`create -m user eve@example.com ${link}`, `set-password -m user 1 ${link}`]) {
        const refused = await accounts(command);
        expect(refused).toMatchObject({ code: 1, stdout: "" });
        expect(refused.stderr).toMatch(/--redirect-url, or set defaultPasswordResetUrl\.\n$/);
      }
    const foreign = "--print-link --redirect-url https://evil.example/";
    expect((await accounts(`create -m user eve@example.com ${foreign}`)).code).toBe(1);
    const passwordless = config
      .replace("registration: false", "databaseAuthenticatable: false, omniauthable: true")
      .replace("export default {", "export default { providers: { github: github() },");
    place.write("passwordless.config.js", `import { github } from "keyturn/providers";\n${passwordless}`);
    const redirect = "--print-link --redirect-url http://localhost:5173/ --config passwordless.config.js";
    const refused = await accounts(`create -m admin eve@example.com ${redirect}`);
    expect(refused.stderr).toContain("has no password");
    for (const model of ["user", "admin"])
      expect((await accounts(`find -m ${model} eve@example.com`)).stderr).toContain("There is no");
  });
});

describe("other commands about accounts", () => {
  test("list is a table, or JSON with all pages' total and no hash (shape 31)", async () => {
    const page = JSON.parse((await accounts("list -m user --limit 1 --json")).stdout);
    expect(page).toMatchObject({
      total: 2,
      next: 1,
      accounts: [{ account: { name: "Bob" }, disabledAt: null }],
    });
    const next = await accounts("list -m user --limit 1 --after 1 --search EXAMPLE.com");
    expect(next.stdout).toMatch(/^2 +cleo@example\.com +not confirmed +\d{4}-/m);
    expect(next.stdout).toContain("1 of 2.");
    expect((await accounts("list -m user --search b_b")).stdout).toBe("0 of 0.\n");
    expect((await accounts("list -m admin --json")).stdout).not.toMatch(/argon2|hash/);
  });

  test("confirm, set-password, disable, enable, unlock and end-sessions change it and say so", async () => {
    expect((await accounts("confirm -m user bob@example.com")).stdout).toBe(
      "Confirmed user 1, bob@example.com (confirmed).\n",
    );
    const set = await accounts("set-password -m user 1 --password-stdin", password);
    expect(set.code).toBe(0);
    expect(eventsIn(set.stderr)).toMatchObject([{ name: "password.changed", actor: { kind: "cli" } }]);
    // The notice to the owner.
    expect(set.stderr).toContain("bob@example.com");
    expect((await accounts("set-password -m user 1 --password-stdin", "password1")).code).toBe(1);
    expect((await accounts("disable -m user 1")).stdout).toContain("(confirmed, disabled)");
    expect((await accounts("enable -m user 1")).stdout).toContain("(confirmed)");
    expect((await accounts("unlock -m user 1")).code).toBe(0);
    expect((await accounts("end-sessions -m user 1")).stdout).toBe("Ended 0 sessions.\n");
    expect((await accounts("disable -m admin 1")).stderr).toContain("needs disableable: true");
  });

  test("an account is found by its name too, which no other account may have (shape 29)", async () => {
    const make = (email: string, username: string) =>
      accounts(`create -m member ${email} --confirmed --password-stdin --set username=${username}`, password);
    expect((await make("ada@example.com", "Ada")).code).toBe(0);
    expect((await make("eve@example.com", "ADA")).stderr).toBe("Username has already been taken.\n");
    expect((await make("eve@example.com", "a@b")).stderr).toBe("Username is invalid.\n");
    for (const name of ["ADA", "1", "ada@example.com"])
      expect((await accounts(`find -m member ${name}`)).stdout).toMatch(/^member 1, ada@example\.com/);
    expect((await accounts("find -m member bob")).stderr).toBe("There is no member bob.\n");
  });

  test("what is not there is a sentence and exit code 1", async () => {
    for (const [args, sentence] of [
      ["find -m user nobody@example.com", "There is no user nobody@example.com."],
      ["confirm -m user 99", "There is no user 99."],
      ["list", "Name one of the models with --model: user, admin, member."],
      ["list -m ghost", 'There is no model "ghost". The configuration names: user, admin, member.'],
    ] as const)
      expect(await accounts(args)).toEqual({ code: 1, stdout: "", stderr: `${sentence}\n` });
  });

  test("a command ends although the configuration file keeps something open", async () => {
    expect(await accounts("list -m admin --config pool.config.js")).toMatchObject({ code: 0 });
  });

  test("only a command that sends a mail needs a transport in production, and names it (shape 32)", async () => {
    const env = { NODE_ENV: "production", KEYTURN_BASE_URL: "https://api.example.com" };
    expect((await accounts("list -m user", "", env)).code).toBe(0);
    expect((await accounts("disable -m user 1", "", env)).code).toBe(0);
    const refused = await accounts("create -m user dan@example.com --password-stdin", password, env);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("SMTP_URL");
    expect((await accounts("find -m user dan@example.com", "", env)).code).toBe(1);
  });
});

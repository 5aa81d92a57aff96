import { afterAll, describe, expect, test } from "vitest";
import { commandFolder } from "../../test/fixtures/command-line.js";

const place = commandFolder({
  "keyturn.config.js": `import { sqlite } from "keyturn/sqlite";
export default {
  database: sqlite("app.db"),
  models: {
    user: { mountAt: "/auth", registration: "invitation", fields: { plan: { type: "string" } } },
    admin: { mountAt: "/admin_auth", registration: false },
  },
  onEvent: (event) => process.stderr.write("event " + JSON.stringify(event) + "\\n"),
};`,
  "package.json": '{ "type": "module" }',
});
afterAll(() => place.remove());

const page = "--redirect-url http://localhost:5173/sign-up";
const invite = (args: string, env: Record<string, string> = {}) =>
  place.run(["accounts", "invite", ...args.split(" ")], { env });

describe("keyturn accounts invite", () => {
  test("mails an invitation, and events say who did", async () => {
    const { code, stdout, stderr } = await invite(
      `ada@example.com -m user --set plan=team --expires-in 3d ${page}`,
    );
    expect([code, stderr.includes("You are invited")]).toEqual([0, true]);
    expect(stdout).toMatch(/^Invited ada@example\.com to be a user, until 2\d{3}-.*Z\.\n$/);
    // Without a transport the mail is printed, and the link of it is nowhere else.
    expect(stdout).not.toContain("invitation_token");
    expect(stderr).toContain("/auth/invitation?");
    expect(stderr).toMatch(/"name":"invitation\.created".*"kind":"cli"/);
  });

  test("with --print-link mails nothing, for an address or for anybody", async () => {
    const one = JSON.parse((await invite(`ada@example.com -m user --print-link --json ${page}`)).stdout);
    expect(one.link).toContain(`invitation_token=${one.token}`);
    const { stdout, stderr } = await place.run([
      "accounts",
      "invite",
      "-m",
      "user",
      "--print-link",
      ...page.split(" "),
    ]);
    expect(stdout).toMatch(/^Whoever has this link can sign up as a user, until .*:\nhttp:\/\/localhost/);
    expect(stderr).not.toContain("You are invited");
  });

  test("refuses what could be no invitation, in a sentence", async () => {
    for (const [args, sentence] of [
      ["ada@example.com -m user", "--redirect-url, or set defaultInvitationUrl."],
      [`ada@example.com -m admin ${page}`, 'models.admin has no registration: "invitation".'],
      [`-m user ${page}`, "Name the address to mail it to, or take --print-link."],
      [`ada -m user ${page}`, "Email is not an email"],
      [`ada@example.com -m user --expires-in soon ${page}`, '"expiresIn" must be a duration'],
    ] as const) {
      const { code, stdout, stderr } = await invite(args);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toContain(sentence);
    }
  });
});

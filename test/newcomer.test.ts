import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compile, folderWith, freePort, installInto, keyturn, start } from "./fixtures/init-app.js";

/** What somebody new does in an empty folder, with the built package: `keyturn init`, then one change after the other. */

const ends: (() => void)[] = [];
let folder: string;
let app: Awaited<ReturnType<typeof start>>;
const password = "a long passphrase";

/** Puts `to` in the place of a line that `init` has written. */
function change(file: string, from: string, to: string): void {
  const path = join(folder, file);
  const text = readFileSync(path, "utf8");
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
}

beforeAll(async () => {
  folder = folderWith({}, (end) => ends.push(end));
  expect(keyturn(folder, "init", "--yes", "--no-install")).toMatchObject({ status: 0, stderr: "" });
  installInto(folder);
  // A field.
  change(
    "auth.ts",
    "fields: {",
    'fields: { nickname: { type: "string", writable: true }, level: { type: "integer" },',
  );
  // A second model, and a group.
  expect(keyturn(folder, "init", "Admin", "/admin_auth", "--yes")).toMatchObject({ status: 0, stderr: "" });
  change("auth.ts", "// groups:", "groups:");
  change(
    "server.ts",
    "const port =",
    `app.get("/everybody", authenticate(auth, "member"), (req, res) => {
  res.json({ model: res.locals.model, email: req.account.email });
});

const port =`,
  );
  // An override.
  change(
    "auth.ts",
    "// overrides: ",
    `overrides: {
    user: {
      validateToken: async (call, original) => {
        const { status, body } = await original();
        return { status, body: { ...body, data: { ...body.data, thetan: (call.account.level ?? 0) + 1 } } };
      },
    },
  },
  // overrides: `,
  );
  // Mails of one's own: a brand, and a language.
  change(
    "auth.ts",
    "// mail: {",
    `mail: { from: "Acme <no-reply@acme.example>", appName: "Acme", colors: { button: "#7a1fa2", darkButton: "#c77dff" },
    send: async (mail) => console.log(JSON.stringify({ subject: mail.subject, html: mail.html, text: mail.text })) },
  // mail: {`,
  );
  change("auth.ts", '// locales: ["en", "de", "pt-BR"]', 'locales: ["en", "de"]');
  change(
    "auth.ts",
    "// texts: ",
    'texts: { de: { mails: { confirmation_instructions: { button: "Hinein" } } } },\n  // texts: ',
  );
  compile(folder);
  app = await start(folder, "dist/server.js", await freePort(), (end) => ends.push(end));
}, 120_000);

afterAll(() => {
  for (const end of ends.toReversed()) end();
});

interface Sent {
  readonly path: string;
  readonly body?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask({ path, body, headers = {} }: Sent) {
  const response = await fetch(app.origin + path, {
    ...(body ? { method: "POST", body: JSON.stringify(body) } : {}),
    headers: { "content-type": "application/json", ...headers },
    redirect: "manual",
  });
  const text = await response.text();
  const authorization = response.headers.get("authorization") ?? "";
  return { status: response.status, body: text ? JSON.parse(text) : undefined, authorization };
}

/** The mails that the app has printed, one a line. */
function mailsTo(): { readonly subject: string; readonly html: string; readonly text: string }[] {
  return app
    .output()
    .split("\n")
    .filter((line) => line.startsWith('{"subject"'))
    .map((line) => JSON.parse(line));
}

/** Registers and confirms, as the owner of the mailbox does. */
async function register(email: string, language: string) {
  const count = mailsTo().length;
  const registered = await ask({
    path: "/auth",
    body: { email, password, nickname: "Lovelace", confirm_success_url: `${app.origin}/` },
    headers: { "accept-language": language },
  });
  expect(registered.status).toBe(200);
  await expect.poll(() => mailsTo().length).toBe(count + 1);
  const mail = mailsTo().at(-1);
  const link = new URL(/http\S+\/auth\/confirmation\?\S+/.exec(mail?.text ?? "")?.[0] ?? "");
  const confirmed = await fetch(app.origin + link.pathname + link.search, { redirect: "manual" });
  expect(confirmed.status).toBe(302);
  const signedIn = await ask({ path: "/auth/sign_in", body: { email, password } });
  expect(signedIn.status).toBe(200);
  return { mail, signedIn };
}

test("a field is written at sign-up and shown", async () => {
  const { signedIn } = await register("field@example.com", "en");
  expect(signedIn.body.data).toMatchObject({ email: "field@example.com", nickname: "Lovelace" });
});

test("an override adds to what the action responds with, and the token turns all the same", async () => {
  const { signedIn } = await register("override@example.com", "en");
  const { authorization } = signedIn;
  const validated = await ask({ path: "/auth/validate_token", headers: { authorization } });
  expect(validated.body).toMatchObject({ success: true, data: { email: "override@example.com", thetan: 1 } });
  expect(validated.authorization).not.toBe("");
});

test("a mail has the app's name, its colour, the reader's language and a word of the app's own", async () => {
  const { mail } = await register("mail@example.com", "de-AT, en;q=0.5");
  expect(mail?.subject).toContain("Acme");
  expect(mail?.html).toContain("#7a1fa2");
  expect(mail?.html).toContain("Hinein");
  expect(mail?.html).toMatch(/lang="de"/);
});

test("the first administrator comes from the command line, nobody registers as one, and the group lets both in", async () => {
  const stranger = await ask({ path: "/admin_auth", body: { email: "me@example.com", password } });
  expect(stranger).toMatchObject({ status: 403, body: { code: "registration_disabled" } });
  const main = join(folder, "node_modules/keyturn/dist/cli/main.js");
  const words = ["accounts", "create", "root@example.com", "--model", "admin", "--confirmed", "--if-absent"];
  const create = () =>
    spawnSync(process.execPath, [main, ...words, "--password-stdin"], {
      cwd: folder,
      env: { PATH: process.env["PATH"], NODE_NO_WARNINGS: "1" },
      input: password,
      encoding: "utf8",
    });
  expect(create()).toMatchObject({ status: 0 });
  expect(create()).toMatchObject({ status: 0 });
  const root = await ask({ path: "/admin_auth/sign_in", body: { email: "root@example.com", password } });
  const { signedIn } = await register("group@example.com", "en");
  const asked = await Promise.all(
    [root, signedIn].map(({ authorization }) => ask({ path: "/everybody", headers: { authorization } })),
  );
  expect(asked.map(({ body }) => body)).toEqual([
    { model: "admin", email: "root@example.com" },
    { model: "user", email: "group@example.com" },
  ]);
  const alone = await ask({ path: "/members_only", headers: { authorization: root.authorization } });
  expect(alone.status).toBe(401);
});

test("a second run of init finds nothing to write", () => {
  rmSync(join(folder, "dist"), { recursive: true });
  expect(keyturn(folder, "init", "--yes", "--no-install").stdout).toContain("Nothing to write");
});

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "keyturn-serve-"));
const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

function run(
  args: readonly string[],
  environment: Record<string, string> = {},
  cwd = folder,
): { child: ChildProcess; output: () => string } {
  const env = { PATH: process.env["PATH"], LOG_LEVEL: "error", ...environment };
  const child = spawn(process.execPath, [main, ...args], { env, cwd });
  children.push(child);
  let text = "";
  child.stdout?.on("data", (chunk) => (text += chunk));
  child.stderr?.on("data", (chunk) => (text += chunk));
  return { child, output: () => text };
}

async function start(
  config: string,
  environment: Record<string, string> = {},
  { args = [], cwd = folder }: { readonly args?: readonly string[]; readonly cwd?: string } = {},
) {
  const { child, output } = run(["serve", "--config", config, ...args], { PORT: "0", ...environment }, cwd);
  const url = await new Promise<string>((resolve, reject) => {
    child.once("exit", () => reject(new Error(output())));
    child.stdout?.on("data", () => {
      const found = /Keyturn is at (\S+)/.exec(output())?.[1];
      if (found) resolve(found);
    });
  });
  return { child, url, output };
}

// Outside of the project, so that "keyturn" is found only because the command finds it.
const config = join(folder, "keyturn.config.mjs");
writeFileSync(
  config,
  `import { sqlite } from "keyturn/sqlite";
export default {
  database: sqlite(":memory:"),
  models: { member: { mountAt: "/members", confirmable: false, fields: { name: { type: "string", writable: true } } } },
};`,
);

const signUp = { email: "ann@example.com", password: "a quiet violet hour", name: "Ann" };

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

function credentials(answer: Response): Record<string, string> {
  return Object.fromEntries(
    ["access-token", "client", "uid"].map((name) => [name, answer.headers.get(name) ?? ""]),
  );
}

test("serve runs any configuration file, with its models, and a variable overrides a setting", async () => {
  const { url } = await start(config, { KEYTURN_BATCH_REQUEST_BUFFER_THROTTLE: "0s" });
  const first = await post(`${url}/members`, signUp);
  expect(first.status).toBe(200);
  const second = await fetch(`${url}/members/validate_token`, { headers: credentials(first) });
  expect(await second.json()).toMatchObject({ data: { name: "Ann" } });
  expect(second.headers.get("access-token")).not.toBe(first.headers.get("access-token"));
});

test("a database URL may take the place of the file's database, and keeps what was written", async () => {
  const DATABASE_URL = `sqlite:${join(folder, "kept", "app.db")}`;
  const before = await start(config, { DATABASE_URL });
  const signedIn = await post(`${before.url}/members`, signUp);
  before.child.kill("SIGTERM");
  await once(before.child, "exit");
  const after = await start(config, { DATABASE_URL });
  const answer = await fetch(`${after.url}/members/validate_token`, { headers: credentials(signedIn) });
  expect(answer.status).toBe(200);
});

test("--port goes before PORT, and .env.local before .env, which it says once (shape 32)", async () => {
  const own = mkdtempSync(join(folder, "own-"));
  writeFileSync(join(own, ".env.local"), "KEYTURN_PASSWORD_MIN_LENGTH=30\nHOST=127.0.0.1\n");
  writeFileSync(join(own, ".env"), "KEYTURN_PASSWORD_MIN_LENGTH=8\n");
  const { url, output } = await start(config, { PORT: "99999" }, { args: ["--port", "0"], cwd: own });
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(output().match(/^Read .*$/gm)).toEqual(["Read .env.local and .env."]);
  expect((await post(`${url}/members`, signUp)).status).toBe(422);
});

test("SIGTERM ends it cleanly, also when SIGINT comes too", async () => {
  const { child, output } = await start(config);
  child.kill("SIGINT");
  child.kill("SIGTERM");
  const [code, signal] = await once(child, "exit");
  expect({ code, signal }).toEqual({ code: 0, signal: null });
  expect(output()).not.toMatch(/error/i);
});

test("a second SIGTERM ends it at once, also while it waits for a mail that never leaves", async () => {
  const stuck = join(folder, "stuck.config.mjs");
  const send = 'send() { console.log("sending"); return new Promise(() => {}); }';
  writeFileSync(
    stuck,
    `export default { database: ":memory:", models: { user: { mountAt: "/auth" } }, mail: { ${send} } };`,
  );
  const { child, url, output } = await start(stuck);
  const body = { ...signUp, confirm_success_url: "http://localhost:5173/" };
  const pending = post(`${url}/auth`, body).catch((error: unknown) => error);
  await expect.poll(output).toContain("sending");
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await expect.poll(() => fetch(url).catch(() => "refused")).toBe("refused");
  expect(child.exitCode).toBeNull();
  child.kill("SIGTERM");
  expect((await exit)[0]).toBe(143);
  await pending;
});

test("mistakes in the configuration are reported together, without a stack", async () => {
  const bad = join(folder, "bad.json");
  writeFileSync(
    bad,
    JSON.stringify({
      database: ":memory:",
      models: { user: { mountAt: "auth" } },
      tokenLifespan: "soon",
      colour: 1,
    }),
  );
  const { child, output } = run(["serve", "--config", bad], { KEYTURN_BATCH_RESPONSES: "maybe" });
  const [code] = await once(child, "exit");
  expect(code).toBe(1);
  for (const part of ["models.user.mountAt", "tokenLifespan", "colour", "batchResponses"])
    expect(output()).toContain(part);
  expect(output()).not.toContain("    at ");
});

test("a port that is taken ends with an error, not with a server that nobody hears", async () => {
  const { url } = await start(config);
  const { child, output } = run(["serve", "--config", config], { PORT: new URL(url).port });
  const [code] = await once(child, "exit");
  expect(code).toBe(1);
  expect(output()).toContain("EADDRINUSE");
});

test("without a mail transport production starts, says so, and answers 503 where a mail is needed", async () => {
  const confirmable = join(folder, "confirmable.json");
  writeFileSync(
    confirmable,
    JSON.stringify({
      database: ":memory:",
      models: { user: { mountAt: "/auth" } },
      redirectAllowlist: ["https://app.example.com/*"],
    }),
  );
  const { url, output } = await start(confirmable, { NODE_ENV: "production", LOG_LEVEL: "warn" });
  expect(output()).toContain("SMTP_URL");
  const refused = await post(`${url}/auth`, { ...signUp, confirm_success_url: "http://localhost:5173/" });
  expect(refused.status).toBe(422);
  const answer = await post(`${url}/auth`, { ...signUp, confirm_success_url: "https://app.example.com/" });
  expect(answer.status).toBe(503);
  expect((await fetch(`${url}/inbox/messages`)).status).toBe(404);
});

test("migrate creates the tables, and --check tells when they are missing", async () => {
  const DATABASE_URL = join(folder, "migrated.db");
  const check = run(["migrate", "--check", "--config", config], { DATABASE_URL });
  expect((await once(check.child, "exit"))[0]).toBe(1);
  expect(check.output()).toContain("keyturn migrate");
  const apply = run(["migrate", "--config", config], { DATABASE_URL });
  expect((await once(apply.child, "exit"))[0]).toBe(0);
  const again = run(["migrate", "--check", "--config", config], { DATABASE_URL });
  expect((await once(again.child, "exit"))[0]).toBe(0);
});

test("views copies the templates out and keeps what was edited", async () => {
  const out = join(folder, "templates");
  const first = run(["views", out]);
  expect((await once(first.child, "exit"))[0]).toBe(0);
  expect(first.output()).toContain("wrote");
  const second = run(["views", out]);
  await once(second.child, "exit");
  expect(second.output()).toContain("kept");
  expect(second.output()).not.toContain("wrote");
});

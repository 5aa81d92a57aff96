import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { root } from "../scripts/entries.mjs";

/** The commands in README's life of an account, run as they are against the demo. */

const text = readFileSync(`${root}README.md`, "utf8");
const script =
  [...text.matchAll(/^```sh\n(.*?)^```$/gms)]
    .map(([, code = ""]) => code)
    .find((code) => /\bapi=/.test(code)) ?? "";
const children: ReturnType<typeof spawn>[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
});

test.skipIf(!isThere("curl") || !isThere("bash"))(
  "the commands of README lead an account from registration to sign-out, and a replayed token is refused",
  async () => {
    // A shorter window than the demo's, and so shorter waits.
    const url = await startDemo({ KEYTURN_BATCH_REQUEST_BUFFER_THROTTLE: "1s" });
    const commands = script.replaceAll("http://localhost:3000", url).replaceAll("sleep 5", "sleep 1.2");
    const { stdout } = await promisify(execFile)("bash", ["-euc", commands]);
    const output = stdout.split("\n").filter((line) => line.trim() !== "");

    const expected = [
      /^{"status":"success","data":{"id":1,.*"name":"Ada"/,
      /account_confirmation_success=true$/,
      /^{"data":{"id":1,/,
      /^{"data":{"message":"Welcome Ada",/,
      /^{"data":{"message":"Welcome Ada",/,
      /^{"data":{"message":"Welcome Ada",/,
      /^first:access-token: /,
      /^second:access-token: /,
      /^third:access-token: /,
      /^ +5 access-token: /,
      /^HTTP\/1.1 401 /,
    ];
    for (const [at, pattern] of expected.entries()) expect(output[at]).toMatch(pattern);
    const tokens = output.slice(6, 9).map((line) => line.split(": ")[1]);
    expect(new Set(tokens).size).toBe(3);
    const refused = expect.stringMatching(
      /^{"errors":\["You need to sign in or sign up before continuing\."\],"code":/,
    );
    const last = output.slice(output.lastIndexOf("token.reused"));
    expect(last).toEqual([
      "token.reused",
      expect.stringMatching(/^{"success":true,"message":"An email has been sent to /),
      expect.stringMatching(/^{"success":true,.*successfully updated/),
      refused,
      expect.stringMatching(/^{"data":{"message":"Welcome Ada",/),
      '{"success":true}',
    ]);
  },
);

async function startDemo(settings: Record<string, string>): Promise<string> {
  const environment = {
    PATH: process.env.PATH,
    PORT: String(await freePort()),
    DATABASE_URL: ":memory:",
    LOG_LEVEL: "error",
    ...settings,
  };
  const args = ["--import", "jiti/register", "demo/main.ts"];
  const child = spawn(process.execPath, args, { cwd: root, env: environment });
  children.push(child);
  let output = "";
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error(output)));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.stdout.on("data", (chunk) => {
      output += chunk;
      const url = /Keyturn is at (\S+)/.exec(output)?.[1];
      if (url) resolve(url);
    });
  });
}

// Links in mails begin with the port that the configuration names, so the port must be known before the start.
async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function isThere(command: string): boolean {
  try {
    execFileSync(command, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

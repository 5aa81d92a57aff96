import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { toNodeListener } from "../adapters/node.js";
import type { SendMail } from "../mail/message.js";
import { testAuth } from "../testing/testing.js";
import { closeServer } from "./close-server.js";

/** A server whose own route `/slow` responds when it is told to, and what is logged while it closes. */
async function start(send?: SendMail) {
  const { auth } = await testAuth(send ? { mail: { from: "test@example.com", send } } : {});
  const release: (() => void)[] = [];
  const server = createServer(toNodeListener(auth, (_req, res) => void release.push(() => res.end("done"))));
  onTestFinished(() => server.closeAllConnections());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const warnings: string[] = [];
  const logger = {
    info() {},
    error() {},
    warn: (_details: object, message: string) => warnings.push(message),
  };
  return {
    url,
    release,
    warnings,
    close: (closeTimeout: number) => closeServer({ server, auth, closeTimeout, logger }),
  };
}

const stuck: SendMail = () => new Promise(() => undefined);
const never = 60_000;

function register(url: string): Promise<unknown> {
  const body = {
    email: "ada@example.com",
    password: "a quiet violet hour",
    confirm_success_url: "http://localhost:1/",
  };
  return fetch(`${url}/auth`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch((error: unknown) => error);
}

test("an idle server closes at once, and gives up nothing", async () => {
  const { close, warnings } = await start();
  await close(never);
  expect(warnings).toEqual([]);
});

test("a request that is running gets its response before the server closes", async () => {
  const { url, close, release, warnings } = await start();
  const asked = fetch(`${url}/slow`);
  await expect.poll(() => release.length).toBe(1);
  const closed = close(never);
  release[0]?.();
  expect(await (await asked).text()).toBe("done");
  await closed;
  expect(warnings).toEqual([]);
});

test("a request that never ends is given up after the limit, and the log says so (security 54)", async () => {
  const { url, close, release, warnings } = await start();
  const asked = fetch(`${url}/slow`).catch(() => "cut off");
  await expect.poll(() => release.length).toBe(1);
  await close(50);
  expect(await asked).toBe("cut off");
  expect(warnings).toEqual([
    "The server stops without waiting any longer for requests that were still running (1)",
  ]);
});

test("a mail transport that never responds does not keep the server from closing (security 54)", async () => {
  let sending = false;
  const { url, close, warnings } = await start((mail) => {
    sending = true;
    return stuck(mail);
  });
  const asked = register(url);
  await expect.poll(() => sending).toBe(true);
  await close(50);
  await asked;
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/^The server stops without waiting any longer for /);
});

test("a limit of zero waits for nothing but the database", async () => {
  const { url, close, release, warnings } = await start();
  const asked = fetch(`${url}/slow`).catch(() => "cut off");
  await expect.poll(() => release.length).toBe(1);
  await close(0);
  expect(await asked).toBe("cut off");
  expect(warnings).toHaveLength(1);
});

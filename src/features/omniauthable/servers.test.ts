import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import helmet from "helmet";
import { Hono } from "hono";
import { describe, expect, onTestFinished, test } from "vitest";
import { presentEngines } from "../../../test/fixtures/databases.js";
import { silent } from "../../../test/fixtures/http.js";
import { example, models, newBrowser, resultOf } from "../../../test/fixtures/oauth.js";
import { startProvider } from "../../../test/fixtures/provider-server.js";
import { keyturn as expressKeyturn } from "../../adapters/express.js";
import { keyturn as honoKeyturn } from "../../adapters/hono.js";
import { toNodeListener } from "../../adapters/node.js";
import { type Auth, createAuth } from "../../auth.js";
import { sqlite } from "../../database/sqlite/sqlite.js";

/** A server whose own address is its baseUrl: a real browser's way, over HTTP. */
async function listen(listenerOf: (auth: Auth) => Parameters<typeof createServer>[1]) {
  const provider = await startProvider();
  let listener: ReturnType<typeof listenerOf>;
  const server = createServer((req, res) => listener?.(req, res));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const auth = createAuth({
    baseUrl,
    environment: "test",
    database: sqlite(":memory:"),
    logger: silent,
    models,
    providers: { example: example(provider) },
  });
  listener = listenerOf(auth as unknown as Auth);
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await auth.close();
  });
  const browser = newBrowser((request) =>
    fetch(new URL(new URL(request.url).pathname + new URL(request.url).search, baseUrl), {
      method: request.method,
      redirect: "manual",
      headers: { cookie: request.headers.get("cookie") ?? "" },
    }),
  );
  return { browser };
}

describe("the callback is a route of ours", () => {
  test.each<[string, (auth: Auth) => Parameters<typeof createServer>[1]]>([
    ["node:http", (auth) => toNodeListener(auth, (_req, res) => void res.writeHead(418).end())],
    [
      "Express, behind helmet",
      (auth) => express().use(helmet()).use(express.urlencoded()).use(expressKeyturn(auth)),
    ],
    ["Hono", (auth) => getRequestListener(new Hono().use(honoKeyturn(auth)).fetch)],
  ])("in %s", async (_name, listenerOf) => {
    const { browser } = await listen(listenerOf);
    const response = await browser.signIn("/auth/example", { omniauth_window_type: "newWindow" });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("deliverCredentials");
    // Whatever helmet says elsewhere: the popup keeps its opener, and the page's own script may run.
    expect(response.headers.get("cross-origin-opener-policy")).toBe("unsafe-none");
    expect(response.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; .*script-src 'sha256-/,
    );
  });
});

describe.each(presentEngines)("several servers over one database ($name)", ({ create }) => {
  test("one begins a sign-in and another finishes it; of many callbacks on both one exchanges the code (case 11)", async () => {
    const provider = await startProvider();
    const { database, drop } = await create();
    const servers = [1, 2].map(() =>
      createAuth({
        baseUrl: "http://localhost:3000",
        environment: "test",
        database,
        logger: silent,
        models,
        providers: { example: example(provider) },
      }),
    );
    for (const auth of servers) await auth.ready();
    onTestFinished(async () => {
      for (const auth of servers) await auth.close();
      await drop();
    });
    let turn = 0;
    const browser = newBrowser((request) => {
      const auth = servers[turn++ % servers.length];
      if (!auth) throw new Error("There is no server");
      return auth.handle(request);
    });
    const callback = await browser.consent(await browser.begin("/auth/example"));
    const responses = await Promise.all(Array.from({ length: 6 }, () => browser.visit(callback)));
    const won = responses.filter(({ status }) => status === 302);
    expect([won.length, provider.counts.tokens]).toEqual([1, 1]);
    expect(won.map((response) => resultOf(response)["uid"])).toEqual(["ada-1815"]);
    expect(responses.filter(({ status }) => status === 409)).toHaveLength(5);
  });

  test("20 sign-ins at once of somebody new make one account", async () => {
    const provider = await startProvider();
    const { database, drop } = await create();
    const auth = createAuth({
      baseUrl: "http://localhost:3000",
      environment: "test",
      database,
      logger: silent,
      models,
      maxNumberOfDevices: 50,
      providers: { example: example(provider) },
    });
    onTestFinished(async () => {
      await auth.close();
      await drop();
    });
    const results = await Promise.all(
      Array.from({ length: 20 }, async () =>
        resultOf(await newBrowser((request) => auth.handle(request)).signIn("/auth/example")),
      ),
    );
    expect(results.flatMap(({ error }) => error ?? [])).toEqual([]);
    expect(results.filter(({ oauth_registration }) => oauth_registration)).toHaveLength(1);
    const account = await auth.accounts.findByEmail("user", "ada@example.com");
    expect(await auth.accounts.listSessions("user", account?.id ?? 0)).toHaveLength(20);
  });
});

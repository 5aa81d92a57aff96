import { expect, onTestFinished, test } from "vitest";
import { silent } from "../../test/fixtures/http.js";
import { openMemoryTelemetry } from "../../test/fixtures/telemetry.js";
import type { Database, Store } from "../database/port.js";
import { sqlite } from "../database/sqlite/sqlite.js";
import { openTelemetry } from "../opentelemetry/opentelemetry.js";
import type { FileConfig } from "./load-config.js";
import { serve } from "./serve.js";

const models = { user: { mountAt: "/auth", confirmable: false } };

async function start(config: Partial<FileConfig> = {}, environment: Readonly<Record<string, string>> = {}) {
  const given = { database: sqlite(":memory:"), models, logger: silent, ...config };
  const serving = await serve(given, { PORT: "0", HOST: "127.0.0.1", ...environment });
  onTestFinished(() => serving.close());
  return serving;
}

/** SQLite in memory with single functions of its store replaced. */
function databaseWith(change: (store: Store) => Partial<Store>): Database {
  return {
    async connect(options) {
      const store = await sqlite(":memory:").connect(options);
      return { ...store, ...change(store) };
    },
  };
}

async function look(url: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(url);
  return { status: response.status, body: await response.json() };
}

test("a server is alive and ready, and both are for GET and HEAD only", async () => {
  const { url } = await start();
  expect(await look(`${url}/healthz`)).toEqual({ status: 200, body: { alive: true } });
  expect(await look(`${url}/readyz`)).toEqual({ status: 200, body: { ready: true } });
  for (const path of ["/healthz", "/readyz"]) {
    const head = await fetch(url + path, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect(head.headers.get("cache-control")).toBe("no-store");
    expect((await fetch(url + path, { method: "POST" })).status).toBe(404);
  }
});

test("while the tables are being brought up to date it is alive and not ready (case 23)", async () => {
  let finish = (): void => undefined;
  const held = new Promise<void>((resolve) => (finish = resolve));
  const database = databaseWith(({ migrate }) => ({ migrate: (mode) => held.then(() => migrate(mode)) }));
  const port = 20_000 + (process.pid % 20_000);
  const starting = start({ database }, { PORT: String(port) });
  const url = `http://127.0.0.1:${port}`;
  await expect.poll(() => look(`${url}/healthz`).catch(() => undefined)).toMatchObject({ status: 200 });
  expect(await look(`${url}/readyz`)).toEqual({ status: 503, body: { ready: false, reason: "opening" } });
  finish();
  await starting;
  await expect.poll(() => look(`${url}/readyz`)).toMatchObject({ status: 200 });
});

test("a database that is away makes it unready and leaves it alive, and asks it once in a second", async () => {
  let probes = 0;
  const database = databaseWith(() => ({
    probe: () => {
      probes += 1;
      return Promise.reject(new Error("away"));
    },
  }));
  const { url } = await start({ database });
  const began = performance.now();
  const all = await Promise.all(Array.from({ length: 100 }, () => look(`${url}/readyz`)));
  for (const one of all)
    expect(one).toEqual({ status: 503, body: { ready: false, reason: "database_away" } });
  const seconds = (performance.now() - began) / 1000;
  expect(probes).toBeGreaterThan(0);
  expect(probes).toBeLessThanOrEqual(1 + seconds);
  expect((await look(`${url}/healthz`)).status).toBe(200);
});

test("a database that never responds is away after a second", async () => {
  const { url } = await start({ database: databaseWith(() => ({ probe: () => new Promise(() => {}) })) });
  const began = performance.now();
  expect(await look(`${url}/readyz`)).toEqual({
    status: 503,
    body: { ready: false, reason: "database_away" },
  });
  expect(performance.now() - began).toBeGreaterThan(950);
});

test("a database that takes no writes makes it unready", async () => {
  const database = databaseWith(() => ({ probe: async () => ({ isReadOnly: true, now: Date.now() }) }));
  const { url } = await start({ database });
  expect(await look(`${url}/readyz`)).toEqual({
    status: 503,
    body: { ready: false, reason: "database_read_only" },
  });
});

test("while it closes it is alive and not ready, on the port for metrics to the end", async () => {
  let finish: (() => void) | undefined;
  const send = () => new Promise<void>((resolve) => (finish = resolve));
  const {
    url,
    metricsUrl = "",
    close,
  } = await serve(
    {
      database: sqlite(":memory:"),
      logger: silent,
      models: { user: { mountAt: "/auth" } },
      mail: { from: "Test <test@example.com>", send },
    },
    { PORT: "0", HOST: "127.0.0.1", METRICS_PORT: "0" },
  );
  const body = JSON.stringify({
    email: "ada@example.com",
    password: "a quiet violet hour",
    confirm_success_url: "http://localhost:5173/",
  });
  const headers = { "content-type": "application/json", connection: "close" };
  const pending = fetch(`${url}/auth`, { method: "POST", headers, body });
  await expect.poll(() => finish, { timeout: 5000 }).toBeDefined();
  const closed = close();
  const watched = new URL(metricsUrl).origin;
  expect(await look(`${watched}/readyz`)).toEqual({ status: 503, body: { ready: false, reason: "closing" } });
  expect((await look(`${watched}/healthz`)).status).toBe(200);
  finish?.();
  await closed;
  await pending;
  await expect(fetch(metricsUrl)).rejects.toThrow();
});

test("the figures are on another port, in the text format of Prometheus, and nowhere else", async () => {
  const { url, metricsUrl = "" } = await start({}, { METRICS_PORT: "0" });
  expect(metricsUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ email: "ada@example.com", password: "a quiet violet hour" });
  await fetch(`${url}/auth`, { method: "POST", headers, body });
  const response = await fetch(metricsUrl);
  expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
  const text = await response.text();
  expect(text).toContain('keyturn_registrations_total{keyturn_model="user"} 1');
  expect(text).toContain("# TYPE keyturn_request_duration_seconds histogram");
  expect(text).toContain("keyturn_password_waiting 0");
  expect((await fetch(`${url}/metrics`)).status).toBe(404);
  expect((await fetch(new URL("/auth", metricsUrl))).status).toBe(404);
  expect((await fetch(metricsUrl, { method: "POST" })).status).toBe(404);
});

test("without a port for them there is none, and a telemetry of the configuration's own still gets all", async () => {
  expect((await start()).metricsUrl).toBeUndefined();
  const memory = openMemoryTelemetry();
  onTestFinished(memory.close);
  const { tracerProvider, meterProvider } = memory;
  const telemetry = openTelemetry({ tracerProvider, meterProvider });
  const { url, metricsUrl = "" } = await start({ telemetry }, { METRICS_PORT: "0" });
  await fetch(`${url}/auth/sign_in`, { method: "POST" });
  const figure = { "keyturn.model": "user", "keyturn.outcome": "failed" };
  expect(await memory.figureOf("keyturn.sign_ins", figure)).toBe(1);
  expect(memory.spans().map(({ name }) => name)).toContain("POST /auth/sign_in");
  expect(await (await fetch(metricsUrl)).text()).toContain("keyturn_sign_ins_total");
});

test("a model in the place of one of the paths is a mistake that is told at start", async () => {
  await expect(start({ models: { user: { mountAt: "/healthz", confirmable: false } } })).rejects.toThrow(
    "mountAt: /healthz is where keyturn serve tells of its health",
  );
});

test("a port that is taken, or is none, ends the start and leaves nothing open", async () => {
  const { metricsUrl = "" } = await start({}, { METRICS_PORT: "0" });
  await expect(start({}, { METRICS_PORT: new URL(metricsUrl).port })).rejects.toThrow("EADDRINUSE");
  await expect(start({}, { METRICS_PORT: "http" })).rejects.toThrow('METRICS_PORT: "http" is not a port');
});

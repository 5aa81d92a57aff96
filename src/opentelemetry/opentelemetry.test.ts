import { metrics, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { afterEach, expect, test } from "vitest";
import {
  ada,
  type Fixture,
  password,
  registerUser,
  signIn,
  silent,
  startAuth,
} from "../../test/fixtures/http.js";
import { openMemoryTelemetry } from "../../test/fixtures/telemetry.js";
import type { Settings } from "../config/config.js";
import { sqlite } from "../database/sqlite/sqlite.js";
import { internals } from "../internals.js";
import type { Telemetry } from "../telemetry/telemetry.js";
import { openTelemetry } from "./opentelemetry.js";

const closers: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(settings: Partial<Settings> = {}, telemetry?: Telemetry) {
  const memory = openMemoryTelemetry();
  const t = await startAuth({ telemetry: telemetry ?? memory.telemetry, logger: silent, ...settings });
  closers.push(() => t.auth.close(), memory.close);
  return { ...t, ...memory, t: t as Fixture };
}

const childrenOf = (parent: ReadableSpan | undefined, all: readonly ReadableSpan[]): readonly string[] =>
  all
    .filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent?.spanContext().spanId)
    .map(({ name }) => name);

test("a sign-in is one span with the route's template, and each step at the database, the hash and the mail below it", async () => {
  const { t, request, spans, forget } = await start();
  await registerUser(t);
  forget();
  await request("POST /auth/sign_in?x=secret", { body: ada });
  const all = spans();
  const root = all.find(({ name }) => name === "POST /auth/sign_in");
  expect(root?.kind).toBe(SpanKind.INTERNAL);
  expect(root?.attributes).toEqual({
    "keyturn.model": "user",
    "keyturn.action": "signIn",
    "http.request.method": "POST",
    "http.route": "/auth/sign_in",
    "http.response.status_code": 200,
  });
  expect(childrenOf(root, all)).toEqual(["accounts.findByEmail", "keyturn.password", "sessions.create"]);
  const step = all.find(({ name }) => name === "sessions.create");
  expect(step?.kind).toBe(SpanKind.CLIENT);
  expect(step?.attributes).toEqual({
    "keyturn.operation": "sessions.create",
    "db.system.name": "sqlite",
  });
});

test("a mail belongs to the request that caused it, also where it leaves after the response", async () => {
  const { t, request, spans, forget, settled } = await start({ paranoid: true });
  await registerUser(t);
  forget();
  await request("POST /auth/password", {
    body: { email: ada.email, redirect_url: "http://localhost:5173/" },
  });
  await settled();
  const all = spans();
  const mail = all.find(({ name }) => name === "keyturn.mail");
  expect(mail?.attributes).toEqual({
    "keyturn.mail": "reset_password_instructions",
    "keyturn.model": "user",
  });
  const root = all.find(({ name }) => name === "POST /auth/password");
  expect(mail?.spanContext().traceId).toBe(root?.spanContext().traceId);
});

test("a request to a route of the app's own is a child of the app's span, with what was found", async () => {
  const { t, auth, clock, spans, forget, tracerProvider } = await start();
  await registerUser(t);
  const held = await signIn(t);
  clock.forward("6s");
  forget();
  const ask = (headers: Readonly<Record<string, string>>) =>
    auth[internals].authenticate("user", {
      method: "GET",
      url: "/me",
      peer: "192.0.2.7",
      header: (name) => headers[name],
    });
  await tracerProvider.getTracer("app").startActiveSpan("GET /me", async (span: Span) => {
    await ask(held);
    span.end();
  });
  await ask({ ...held, client: "made-up" });
  const [step, authenticate, app, refused] = spans();
  expect(step?.name).toBe("sessions.rotate");
  expect(step?.parentSpanContext?.spanId).toBe(authenticate?.spanContext().spanId);
  expect(authenticate?.parentSpanContext?.spanId).toBe(app?.spanContext().spanId);
  expect(authenticate?.attributes).toEqual({
    "keyturn.model": "user",
    "keyturn.token": "rotated",
    "keyturn.outcome": "accepted",
  });
  expect(refused?.attributes).toEqual({
    "keyturn.model": "user",
    "keyturn.reason": "unknown",
    "keyturn.outcome": "refused",
  });
  expect(refused?.status.code).toBe(SpanStatusCode.UNSET);
});

test("what fails by our own fault is an error, with its code and without any text of it", async () => {
  const send = () => Promise.reject(new Error(`${ada.email} with ${password}`));
  const { request, spans } = await start({ mail: { from: "Test <test@example.com>", send } });
  await request("POST /auth", { body: { ...ada, confirm_success_url: "http://localhost:5173/" } });
  const all = spans();
  for (const name of ["keyturn.mail", "POST /auth"]) {
    const span = all.find((one) => one.name === name);
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(span?.attributes["error.type"]).toBe("mail_unavailable");
    expect(span?.events).toEqual([]);
  }
});

test("no span says who somebody is, or what anybody sent", async () => {
  const { t, auth, request, spans } = await start();
  await registerUser(t);
  const held = await signIn(t);
  await auth[internals].authenticate("user", {
    method: "GET",
    url: `/me?email=${ada.email}`,
    peer: "192.0.2.7",
    header: (name) => held[name],
  });
  await request("GET /auth/made-up-path?token=secret", { headers: held });
  await request("HEAD /auth/made-up-path", { headers: held });
  await request("PUT /auth", { body: { name: "Ada Lovelace" }, headers: held });
  const told = spans().map(({ name, attributes, events, status, links }) =>
    JSON.stringify({ name, attributes, events, status, links }),
  );
  expect(told.length).toBeGreaterThan(10);
  const secrets = [ada.email, password, "Lovelace", "made-up", "secret", "192.0.2.7"];
  for (const secret of [...secrets, held["access-token"], held["client"]])
    expect(told.filter((line) => line.includes(secret ?? "?"))).toEqual([]);
});

test("HEAD and a path that leads nowhere have the error's code and no route", async () => {
  const { request, spans } = await start();
  await request("HEAD /auth/nowhere");
  const [span] = spans();
  expect(span?.name).toBe("HEAD");
  expect(span?.attributes).toEqual({
    "keyturn.model": "none",
    "keyturn.action": "none",
    "http.request.method": "HEAD",
    "http.response.status_code": 404,
    "error.type": "not_found",
  });
});

test("without options it uses the providers that the app has registered", async () => {
  const { tracerProvider, meterProvider, spans, figureOf } = openMemoryTelemetry();
  trace.setGlobalTracerProvider(tracerProvider);
  metrics.setGlobalMeterProvider(meterProvider);
  closers.push(() => {
    trace.disable();
    metrics.disable();
  });
  const { t } = await start({}, openTelemetry());
  await registerUser(t);
  expect(spans().map(({ name }) => name)).toContain("POST /auth");
  expect(await figureOf("keyturn.registrations", { "keyturn.model": "user" })).toBe(1);
});

test("either half can be left out, and with no provider at all everything works the same", async () => {
  const memory = openMemoryTelemetry();
  const { tracerProvider, meterProvider } = memory;
  for (const telemetry of [
    openTelemetry(),
    openTelemetry({ tracerProvider, meterProvider: false }),
    openTelemetry({ tracerProvider: false, meterProvider }),
    openTelemetry({ tracerProvider: false, meterProvider: false }),
  ]) {
    const { t } = await start({}, telemetry);
    await registerUser(t);
    expect((await signIn(t))["access-token"]).toBeTruthy();
  }
  expect(memory.spans().filter(({ name }) => name === "POST /auth").length).toBe(1);
  expect(await memory.figureOf("keyturn.registrations", { "keyturn.model": "user" })).toBe(1);
});

test("a closed Auth is asked for its figures no more", async () => {
  const { meterProvider, series, close } = openMemoryTelemetry();
  closers.push(close);
  let reads = 0;
  const counted = openTelemetry({ meterProvider, tracerProvider: false });
  const watch: Telemetry["watch"] = (name, read) =>
    counted.watch(name, () => {
      reads += 1;
      return read();
    });
  const { auth } = await start({}, { ...counted, watch });
  await series();
  expect(reads).toBe(1);
  await auth.close();
  await series();
  expect(reads).toBe(1);
});

test("anything else in its place is a mistake that is told at start", async () => {
  const settings = { telemetry: {} as Telemetry, database: sqlite(":memory:") };
  await expect(startAuth(settings)).rejects.toThrow(
    "telemetry: must be a telemetry, such as openTelemetry() of keyturn/opentelemetry",
  );
});

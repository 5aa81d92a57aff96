import { expect, onTestFinished, test } from "vitest";
import { ada, registerUser, signIn, silent, startAuth } from "../../test/fixtures/http.js";
import { safeTelemetry } from "./safe.js";
import type { OpenSpan, Telemetry } from "./telemetry.js";

const quiet: OpenSpan = { rename: () => undefined, set: () => undefined, fail: () => undefined };
const working: Telemetry = {
  span: (_name, _kind, _attributes, work) => work(quiet),
  count: () => undefined,
  record: () => undefined,
  watch: () => () => undefined,
};
const boom = (): never => {
  throw new Error("boom");
};

/** Every way in which a telemetry of the app's own can fail. */
const broken: readonly (readonly [string, Telemetry])[] = [
  ["a sampler that throws", { ...working, span: boom }],
  ["a span that is refused", { ...working, span: () => Promise.reject(new Error("boom")) }],
  [
    "a processor that throws at a span's end",
    { ...working, span: (_name, _kind, _attributes, work) => work(quiet).finally(boom) },
  ],
  [
    "a span that takes no attributes",
    { ...working, span: (_n, _k, _a, work) => work({ rename: boom, set: boom, fail: boom }) },
  ],
  ["a counter that throws", { ...working, count: boom }],
  ["a histogram that throws", { ...working, record: boom }],
  ["a gauge that throws", { ...working, watch: boom }],
  ["a gauge that cannot be ended", { ...working, watch: () => boom }],
];

test.each(broken)(
  "with %s people register, sign in and are refused as ever, and one error is logged",
  async (_what, telemetry) => {
    const errors: string[] = [];
    const logger = { ...silent, error: (_details: object, text?: string) => void errors.push(text ?? "") };
    const t = await startAuth({ telemetry, logger });
    await registerUser(t);
    const headers = await signIn(t);
    expect((await t.request("GET /auth/validate_token", { headers })).status).toBe(200);
    const wrong = { ...ada, password: "wrong violet hour" };
    expect((await t.request("POST /auth/sign_in", { body: wrong })).status).toBe(401);
    await t.auth.close();
    expect(errors).toEqual(["The telemetry threw"]);
  },
);

test("work is done once, and what it resolves to or throws is passed on as it is", async () => {
  const faults: unknown[] = [];
  for (const [, telemetry] of broken) {
    const safe = safeTelemetry(telemetry, (error) => faults.push(error));
    let times = 0;
    const work = async (): Promise<number> => ++times;
    expect(await safe.span("keyturn.mail", "internal", {}, work)).toBe(1);
    const own = new RangeError("its own");
    const failing = safe.span("keyturn.mail", "internal", {}, () => Promise.reject(own));
    await expect(failing).rejects.toBe(own);
    expect(times).toBe(1);
  }
  expect(faults.every((error) => error instanceof Error && error.message === "boom")).toBe(true);
});

test("an error of the work is no fault of a telemetry that works", async () => {
  const faults: unknown[] = [];
  const safe = safeTelemetry(working, (error) => faults.push(error));
  onTestFinished(() => expect(faults).toEqual([]));
  const failing = safe.span("keyturn.mail", "internal", {}, () => Promise.reject(new Error("its own")));
  await expect(failing).rejects.toThrow("its own");
});

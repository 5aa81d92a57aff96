import { AuthError } from "../errors.js";
import type { HistogramName, SpanName } from "./instruments.js";
import type { Attributes, OpenSpan, Telemetry } from "./telemetry.js";

/** Seconds since a moment of `performance.now()`. */
export function secondsSince(began: number): number {
  return (performance.now() - began) / 1000;
}

/** What a failure is called: the code of an error of ours, and one word for all others, whose names are not a closed list. */
export function errorType(error: unknown): string {
  return error instanceof AuthError ? error.code : "internal";
}

/** Runs work within a span, and records how long it took and whether it went well. */
export function timed<T>(
  telemetry: Telemetry,
  {
    span: name,
    kind = "internal",
    attributes,
    figure,
    labels,
  }: {
    readonly span: SpanName;
    readonly kind?: "internal" | "client";
    readonly attributes: Attributes;
    readonly figure: HistogramName;
    readonly labels: Attributes;
  },
  work: (span: OpenSpan) => Promise<T>,
): Promise<T> {
  return telemetry.span(name, kind, attributes, async (span) => {
    const began = performance.now();
    let outcome = "failed";
    try {
      const done = await work(span);
      outcome = "ok";
      return done;
    } catch (error) {
      span.set({ "error.type": errorType(error) });
      throw error;
    } finally {
      telemetry.record(figure, secondsSince(began), { ...labels, "keyturn.outcome": outcome });
    }
  });
}

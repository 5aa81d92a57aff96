import type { CounterName, GaugeName, HistogramName, SpanName } from "./instruments.js";

/**
 * What a span or a figure is told apart by. Every value comes from a closed list: names of models, routes, outcomes, reasons. Nothing
 * that a request can make up becomes one, or the figures would grow without end.
 */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A piece of work that is being watched. */
export interface OpenSpan {
  /** Gives it another name, once it is known what the work is. */
  rename(name: string): void;
  set(attributes: Attributes): void;
  /** The work has failed, by a fault of ours or of something that we need. */
  fail(): void;
}

/**
 * Where spans and figures go: `openTelemetry()` of `keyturn/opentelemetry`, or something of the app's own. Where one of the functions
 * throws, the work goes on without it. Without a telemetry nothing is measured, and nothing is paid.
 */
export interface Telemetry {
  /** Runs work within a span, which ends with it. What the work resolves to or throws is passed on as it is. */
  span<T>(
    name: SpanName,
    kind: "internal" | "client",
    attributes: Attributes,
    work: (span: OpenSpan) => Promise<T>,
  ): Promise<T>;
  count(name: CounterName, attributes: Attributes, by?: number): void;
  record(name: HistogramName, seconds: number, attributes: Attributes): void;
  /** Reads a figure whenever it is asked for. Returns what ends that. */
  watch(name: GaugeName, read: () => number): () => void;
}

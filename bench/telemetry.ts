import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Telemetry } from "keyturn";
import { openTelemetry } from "keyturn/opentelemetry";

class Reader extends MetricReader {
  async onForceFlush(): Promise<void> {}
  async onShutdown(): Promise<void> {}
}

/** Takes every span and drops it: how they leave is not ours to measure. */
const exporter: SpanExporter = {
  export: (_spans, done) => done({ code: 0 }),
  shutdown: async () => {},
};

/** What can be watched with, from least to most, with the SDK's own providers and every span sampled. */
export function openTelemetries(): readonly (readonly [name: string, telemetry: Telemetry])[] {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const meterProvider = new MeterProvider({ readers: [new Reader()] });
  const tracerProvider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
  return [
    ["without a provider", openTelemetry()],
    ["figures", openTelemetry({ meterProvider, tracerProvider: false })],
    ["figures and spans", openTelemetry({ meterProvider, tracerProvider })],
  ];
}

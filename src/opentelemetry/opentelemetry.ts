import {
  type Meter,
  type MeterProvider,
  metrics,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";
import { buckets, counterTable, gaugeTable, histogramTable } from "../telemetry/instruments.js";
import type { OpenSpan, Telemetry } from "../telemetry/telemetry.js";

export interface OpenTelemetryOptions {
  /** Where spans go. Default: the provider that the app has registered. `false`: no spans. */
  readonly tracerProvider?: TracerProvider | false;
  /** Where figures go. Default: the provider that the app has registered. `false`: no figures. */
  readonly meterProvider?: MeterProvider | false;
}

const scope = "keyturn";

/**
 * Gives spans and figures to OpenTelemetry: to the providers that the app has registered with `@opentelemetry/api`, or to those that are
 * given here. Register them before `createAuth` is called: figures go to the provider that is there then.
 *
 * @example
 * createAuth({ telemetry: openTelemetry(), … })
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Telemetry {
  const { tracerProvider = trace, meterProvider = metrics } = options;
  const tracer = tracerProvider === false ? undefined : tracerProvider.getTracer(scope);
  return {
    span: spansOf(tracer),
    ...figuresOf(meterProvider === false ? undefined : meterProvider.getMeter(scope)),
  };
}

/** For work that nobody follows. */
const unseen: OpenSpan = { rename: () => undefined, set: () => undefined, fail: () => undefined };

function spansOf(tracer: Tracer | undefined): Telemetry["span"] {
  if (!tracer) return (_name, _kind, _attributes, work) => work(unseen);
  return (name, kind, attributes, work) => {
    const options = { kind: kind === "client" ? SpanKind.CLIENT : SpanKind.INTERNAL, attributes };
    return tracer.startActiveSpan(name, options, async (span) => {
      try {
        return await work(opened(span));
      } catch (error) {
        // The exception itself is not recorded: its text may name a person.
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    });
  };
}

function opened(span: Span): OpenSpan {
  if (!span.isRecording()) return unseen;
  return {
    rename: (name) => void span.updateName(name),
    set: (attributes) => void span.setAttributes(attributes),
    fail: () => void span.setStatus({ code: SpanStatusCode.ERROR }),
  };
}

function figuresOf(meter: Meter | undefined): Pick<Telemetry, "count" | "record" | "watch"> {
  if (!meter) return { count: () => undefined, record: () => undefined, watch: () => () => undefined };
  const counters = made(counterTable, (name, about) => meter.createCounter(name, about));
  const advice = { explicitBucketBoundaries: [...buckets] };
  const histograms = made(histogramTable, (name, about) => meter.createHistogram(name, { ...about, advice }));
  const gauges = made(gaugeTable, (name, about) => meter.createObservableGauge(name, about));
  return {
    count: (name, attributes, by = 1) => counters[name].add(by, attributes),
    record: (name, seconds, attributes) => histograms[name].record(seconds, attributes),
    watch(name, read) {
      const gauge = gauges[name];
      const observe: Parameters<typeof gauge.addCallback>[0] = (result) => result.observe(read());
      gauge.addCallback(observe);
      return () => gauge.removeCallback(observe);
    },
  };
}

function made<Name extends string, Made>(
  table: Readonly<Record<Name, { readonly unit: string; readonly description: string }>>,
  make: (name: Name, about: { readonly unit: string; readonly description: string }) => Made,
): Readonly<Record<Name, Made>> {
  const entries = Object.entries(table) as [Name, { readonly unit: string; readonly description: string }][];
  return Object.fromEntries(
    entries.map(([name, { unit, description }]) => [name, make(name, { unit, description })]),
  ) as Readonly<Record<Name, Made>>;
}

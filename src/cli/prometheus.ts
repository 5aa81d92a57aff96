import type { IncomingMessage, ServerResponse } from "node:http";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { openTelemetry } from "../opentelemetry/opentelemetry.js";
import { histogramTable } from "../telemetry/instruments.js";
import type { Telemetry } from "../telemetry/telemetry.js";

/** Figures in the text format of Prometheus. */
export interface Prometheus {
  readonly telemetry: Telemetry;
  /** Responds with all figures as they are now. */
  respond(req: IncomingMessage, res: ServerResponse): void;
}

/** Keeps figures in this process, apart from whatever the configuration's own telemetry does with them. */
export function createPrometheus(): Prometheus {
  // Nothing but our own figures, so that the names are those of the documentation.
  const exporter = new PrometheusExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
  });
  // With the unit in the name, as Prometheus wants it; not every version of the exporter adds it by itself.
  const views = Object.entries(histogramTable).map(([instrumentName]) => ({
    instrumentName,
    name: `${instrumentName}.seconds`,
  }));
  const meterProvider = new MeterProvider({ readers: [exporter], views });
  return {
    telemetry: openTelemetry({ meterProvider, tracerProvider: false }),
    respond: (req, res) => exporter.getMetricsRequestHandler(req, res),
  };
}

/** Figures go to both, spans to the first. */
export function bothTelemetries(first: Telemetry, second: Telemetry): Telemetry {
  return {
    span: (...span) => first.span(...span),
    count(...count) {
      first.count(...count);
      second.count(...count);
    },
    record(...record) {
      first.record(...record);
      second.record(...record);
    },
    watch(...watch) {
      const ends = [first.watch(...watch), second.watch(...watch)];
      return () => {
        for (const end of ends) end();
      };
    },
  };
}

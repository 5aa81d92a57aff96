import type { OpenSpan, Telemetry } from "./telemetry.js";

const unseen: OpenSpan = { rename: () => undefined, set: () => undefined, fail: () => undefined };

/**
 * A telemetry whose faults disturb no request: its samplers, processors and views are the app's own, and may throw. `onFault` is told of the
 * first one.
 */
export function safeTelemetry(telemetry: Telemetry, onFault: (error: unknown) => void): Telemetry {
  let isTold = false;
  const tell = (error: unknown): void => {
    if (isTold) return;
    isTold = true;
    onFault(error);
  };
  const attempt = <T>(work: () => T, otherwise: T): T => {
    try {
      return work();
    } catch (error) {
      tell(error);
      return otherwise;
    }
  };
  const safeSpan = (span: OpenSpan): OpenSpan => ({
    rename: (name) => attempt(() => span.rename(name), undefined),
    set: (attributes) => attempt(() => span.set(attributes), undefined),
    fail: () => attempt(() => span.fail(), undefined),
  });
  return {
    span: async (name, kind, attributes, work) => {
      // Once, and what it comes to is what counts, whatever becomes of the span.
      let done: ReturnType<typeof work> | undefined;
      const begin = (span: OpenSpan): ReturnType<typeof work> => {
        done ??= work(span);
        return done;
      };
      try {
        await telemetry.span(name, kind, attributes, (span) => begin(safeSpan(span)));
      } catch (error) {
        const isOfWork = await done?.then(
          () => false,
          (own: unknown) => own === error,
        );
        if (!isOfWork) tell(error);
      }
      return begin(unseen);
    },
    count: (...count) => attempt(() => telemetry.count(...count), undefined),
    record: (...record) => attempt(() => telemetry.record(...record), undefined),
    watch(name, read) {
      const end = attempt(
        () => telemetry.watch(name, read),
        () => undefined,
      );
      return () => attempt(end, undefined);
    },
  };
}

import type { Authentication } from "./authentication.js";
import type { Sessions } from "./sessions.js";

/** A request that was let in and whose answer is not out yet. */
export interface PendingRequest {
  /** Is told once, when the request turns out to be slow, so that the adapter can wait for `look` before its headers go out. */
  listener: { onSlow(): void } | undefined;
  readonly authentication: Authentication;
  /** Milliseconds, a monotonic clock. */
  nextCheckAt: number;
  isSlow: boolean;
}

/** Keeps the tokens of slow requests good while their answers are being made. */
export interface SlowRequests {
  begin(authentication: Authentication): PendingRequest;
  /** The headers are out, or the connection is gone. */
  end(request: PendingRequest): void;
  /** For the moment before the headers go out: whether the turn's token may go with them, or has become stale. */
  isTokenFresh(request: PendingRequest): Promise<boolean>;
  close(): void;
}

/**
 * A request that runs longer than half a window keeps its token's grace from ending, once each half window. One timer for all of
 * them, and none while there are none: an ordinary request costs a place in a set.
 *
 * `window`: milliseconds; with 0 there is no window to keep open. `onError` is told when the database did not answer.
 */
export function createSlowRequests(
  sessions: Sessions,
  window: number,
  onError: (error: unknown) => void,
): SlowRequests {
  const open = new Set<PendingRequest>();
  const half = window / 2;
  let timer: NodeJS.Timeout | undefined;

  const check = (): void => {
    const now = performance.now();
    // In the order in which they began, so the first that is young ends the walk; a slow one goes to the end.
    for (const request of open) {
      if (request.nextCheckAt > now) break;
      open.delete(request);
      request.nextCheckAt = now + half;
      open.add(request);
      if (!request.isSlow) {
        request.isSlow = true;
        request.listener?.onSlow();
      }
      sessions.extendWindow(request.authentication).catch(onError);
    }
    if (open.size === 0) stop();
  };
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
  };

  return {
    begin(authentication) {
      const nextLook = performance.now() + half;
      const request: PendingRequest = {
        listener: undefined,
        authentication,
        nextCheckAt: nextLook,
        isSlow: false,
      };
      if (window === 0) return request;
      open.add(request);
      // Looked at four times a half window, so that none is late by more than a quarter of it.
      timer ??= setInterval(check, Math.max(half / 4, 1)).unref();
      return request;
    },
    end(request) {
      open.delete(request);
    },
    async isTokenFresh(request) {
      return !request.isSlow || sessions.extendWindow(request.authentication);
    },
    close() {
      open.clear();
      stop();
    },
  };
}

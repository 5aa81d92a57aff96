import type { Authentication } from "./authentication.js";
import type { Sessions } from "./sessions.js";

/** A request that was let in and whose response headers have not been sent yet. */
export interface PendingRequest {
  readonly authentication: Authentication;
  /** Milliseconds, a monotonic clock. */
  nextCheckAt: number;
  isSlow: boolean;
  /** The session has rotated further since: its token must not be sent any more. */
  isStale: boolean;
}

/** Keeps the tokens of slow requests good while their responses are being made. */
export interface SlowRequests {
  begin(authentication: Authentication): PendingRequest;
  /**
   * The headers go out now. Returns whether the token may go with them: not if this server knows of a newer one. What it knows is
   * exact for rotations on this server, and at most half a window old for those on other servers. Never waits.
   */
  release(request: PendingRequest): boolean;
  /** The headers have been sent, or the client is gone. */
  end(request: PendingRequest): void;
  /** The same question to the database, for whoever can wait before the headers go out. */
  isTokenFresh(request: PendingRequest): Promise<boolean>;
  close(): void;
}

/**
 * A request that runs longer than half a window keeps its token's grace from ending, once each half window. One timer for all of
 * them, and none while there are none: an ordinary request costs a place in a set.
 *
 * `window`: milliseconds; with 0 there is no window to keep open. `onError` is told when the database did not respond.
 */
export function createSlowRequests(
  sessions: Sessions,
  window: number,
  onError: (error: unknown) => void,
): SlowRequests {
  const open = new Set<PendingRequest>();
  /** The slow ones among them, by session. */
  const slow = new Map<string, Set<PendingRequest>>();
  const half = window / 2;
  let timer: NodeJS.Timeout | undefined;

  const extend = async (request: PendingRequest): Promise<void> => {
    if (!(await sessions.extendWindow(request.authentication))) request.isStale = true;
  };
  const check = (): void => {
    const now = performance.now();
    // In the order in which they began, so the first that is young ends the walk; a slow one goes to the end.
    for (const request of open) {
      if (request.nextCheckAt > now) break;
      open.delete(request);
      request.nextCheckAt = now + half;
      open.add(request);
      if (!request.isSlow) markSlow(request);
      extend(request).catch(onError);
    }
    if (open.size === 0) stop();
  };
  const markSlow = (request: PendingRequest): void => {
    request.isSlow = true;
    const { client } = request.authentication.session;
    const others = slow.get(client);
    if (others) others.add(request);
    else slow.set(client, new Set([request]));
  };
  const markStale = ({ session }: Authentication): void => {
    for (const request of slow.get(session.client) ?? [])
      if (request.authentication.session.generation < session.generation) request.isStale = true;
  };
  const remove = (request: PendingRequest): boolean => {
    if (!open.delete(request)) return false;
    if (!request.isSlow) return true;
    const { client } = request.authentication.session;
    const others = slow.get(client);
    others?.delete(request);
    if (others?.size === 0) slow.delete(client);
    return true;
  };
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
  };

  return {
    begin(authentication) {
      const nextCheckAt = performance.now() + half;
      const request: PendingRequest = { authentication, nextCheckAt, isSlow: false, isStale: false };
      if (window === 0) return request;
      if (slow.size > 0) markStale(authentication);
      open.add(request);
      // Checked four times a half window, so that none is late by more than a quarter of it.
      timer ??= setInterval(check, Math.max(half / 4, 1)).unref();
      return request;
    },
    release(request) {
      // Once more, so that the client has a whole window to use what it is sent.
      if (remove(request) && request.isSlow && !request.isStale) extend(request).catch(onError);
      return !request.isStale;
    },
    end(request) {
      remove(request);
    },
    async isTokenFresh(request) {
      return !request.isSlow || sessions.extendWindow(request.authentication);
    },
    close() {
      open.clear();
      slow.clear();
      stop();
    },
  };
}

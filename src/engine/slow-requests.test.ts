import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Authentication } from "./authentication.js";
import type { Sessions } from "./sessions.js";
import { createSlowRequests } from "./slow-requests.js";

const window = 1000;

function authenticationOf(client: string, generation: number): Authentication {
  return { session: { client, generation } } as unknown as Authentication;
}
const authentication = authenticationOf("usual", 3);

function slowRequests(options: { window?: number; fails?: boolean; current?: number } = {}) {
  const held: Authentication[] = [];
  const errors: unknown[] = [];
  const sessions = {
    async extendWindow(authentication: Authentication) {
      held.push(authentication);
      if (options.fails) throw new Error("no database");
      return authentication.session.generation === (options.current ?? 3);
    },
  } as unknown as Sessions;
  const slow = createSlowRequests(sessions, options.window ?? window, (error) => errors.push(error));
  return { slow, held, errors };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] }));
afterEach(() => void vi.useRealTimers());

describe("requests under way", () => {
  test("cost no statement and no look while they take less than half a window", async () => {
    const { slow, held } = slowRequests();
    const open = slow.begin(authentication);
    vi.advanceTimersByTime(window / 2 - 10);
    expect(await slow.isTokenFresh(open)).toBe(true);
    slow.end(open);
    vi.advanceTimersByTime(window * 5);
    expect(held).toEqual([]);
  });

  test("extend the window once each half window", () => {
    const { slow, held } = slowRequests();
    slow.begin(authentication);
    vi.advanceTimersByTime(window * 5 + window / 4);
    expect(held.length).toBeGreaterThanOrEqual(8);
    expect(held.length).toBeLessThanOrEqual(10);
  });

  test("share one timer, which goes with the last of them", () => {
    const { slow } = slowRequests();
    const open = Array.from({ length: 1000 }, () => slow.begin(authentication));
    expect(vi.getTimerCount()).toBe(1);
    for (const request of open) slow.end(request);
    vi.advanceTimersByTime(window);
    expect(vi.getTimerCount()).toBe(0);
    slow.begin(authentication);
    expect(vi.getTimerCount()).toBe(1);
    slow.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("are each held, also among ones that end and ones that begin later", () => {
    const { slow, held } = slowRequests();
    const long = authenticationOf("long", 3);
    const later = authenticationOf("later", 3);
    slow.begin(long);
    vi.advanceTimersByTime(window / 4);
    slow.begin(later);
    for (let i = 0; i < 20; i++) {
      const short = slow.begin(authentication);
      vi.advanceTimersByTime(window / 10);
      slow.end(short);
    }
    for (const each of [long, later]) {
      const times = held.filter((one) => one === each).length;
      expect(times).toBeGreaterThanOrEqual(3);
      expect(times).toBeLessThanOrEqual(5);
    }
    expect(held).not.toContain(authentication);
  });

  test("whose database does not answer are reported, and end as others do", async () => {
    const { slow, errors } = slowRequests({ fails: true });
    const open = slow.begin(authentication);
    await vi.advanceTimersByTimeAsync(window * 0.7);
    expect(errors).toHaveLength(1);
    await expect(slow.isTokenFresh(open)).rejects.toThrow("no database");
    slow.end(open);
    await vi.advanceTimersByTimeAsync(window);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("need no timer where there is no window", async () => {
    const { slow, held } = slowRequests({ window: 0 });
    const open = slow.begin(authentication);
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(10_000);
    expect(await slow.isTokenFresh(open)).toBe(true);
    expect(held).toEqual([]);
  });

  test("keep their token if they are quick, whatever happens meanwhile", async () => {
    const { slow, held } = slowRequests({ current: 4 });
    const open = slow.begin(authentication);
    slow.begin(authenticationOf("usual", 4));
    expect(slow.release(open)).toBe(true);
    expect(held).toEqual([]);
  });

  test("lose it once the session has rotated further on another server", async () => {
    const { slow } = slowRequests({ current: 4 });
    const open = slow.begin(authentication);
    await vi.advanceTimersByTimeAsync(window * 0.7);
    expect(slow.release(open)).toBe(false);
    expect(slow.release(open)).toBe(false);
  });

  test("lose it at once when the session rotates further on this server, and no other session's does", async () => {
    const { slow } = slowRequests();
    const open = slow.begin(authentication);
    const other = slow.begin(authenticationOf("other", 3));
    await vi.advanceTimersByTimeAsync(window * 0.7);
    slow.begin(authenticationOf("usual", 3));
    slow.begin(authenticationOf("usual", 4));
    expect([slow.release(open), slow.release(other)]).toEqual([false, true]);
  });

  test("extend the window once more when their headers go out, so that the client has all of it", async () => {
    const { slow, held } = slowRequests();
    const open = slow.begin(authentication);
    await vi.advanceTimersByTimeAsync(window * 0.7);
    expect(held).toHaveLength(1);
    expect(slow.release(open)).toBe(true);
    expect(slow.release(open)).toBe(true);
    expect(held).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(window * 3);
    expect(held).toHaveLength(2);
  });

  test("keep their token while nobody can say that it is stale", async () => {
    const { slow, errors } = slowRequests({ fails: true });
    const open = slow.begin(authentication);
    await vi.advanceTimersByTimeAsync(window * 0.7);
    expect(slow.release(open)).toBe(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(errors).toHaveLength(2);
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Authentication } from "./authentication.js";
import type { Sessions } from "./sessions.js";
import { createSlowRequests } from "./slow-requests.js";

const window = 1000;
const authentication = { asked: 3 } as unknown as Authentication;

function slowRequests(options: { readonly window?: number; readonly fails?: boolean } = {}) {
  const held: Authentication[] = [];
  const errors: unknown[] = [];
  const sessions = {
    async extendWindow(asked: Authentication) {
      held.push(asked);
      if (options.fails) throw new Error("no database");
      return true;
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

  test("extend the window once each half window, and tell the adapter once", () => {
    const { slow, held } = slowRequests();
    let told = 0;
    slow.begin(authentication).listener = { onSlow: () => void told++ };
    vi.advanceTimersByTime(window * 5 + window / 4);
    expect(told).toBe(1);
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
    const long = { asked: 1 } as unknown as Authentication;
    const later = { asked: 2 } as unknown as Authentication;
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
});

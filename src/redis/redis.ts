import {
  type CounterRule,
  type CounterStore,
  doublings,
  firstPause,
  longestPause,
} from "../database/counter-port.js";

/** A client of Redis or Valkey: what is used of ioredis, or of the package redis. */
export type RedisClient = IoredisClient | NodeRedisClient;

export interface IoredisClient {
  readonly status: string;
  call(command: string, ...parts: string[]): Promise<unknown>;
}

export interface NodeRedisClient {
  readonly isReady: boolean;
  sendCommand(parts: string[]): Promise<unknown>;
}

/**
 * One script, which Redis runs in one piece, by its own clock. Its time to live is the counter's; one that has none, or more than there can
 * be left, was copied from elsewhere or begun before the clock was set back, and gets one. Returns the milliseconds until the same would
 * pass; 0: it has passed.
 */
const script = `
local limit, window, pauses, counts = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1', ARGV[4] == '1'
local clock = redis.call('time')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local was = redis.call('hmget', KEYS[1], 'times', 'blocked_until')
local times, blocked = tonumber(was[1] or 0), tonumber(was[2] or 0)
local left = redis.call('pttl', KEYS[1])
if was[1] and (left < 0 or left > window) then
  left = window
  redis.call('pexpire', KEYS[1], window)
end
if pauses and blocked > now and blocked - now <= ${longestPause} then return blocked - now end
if not pauses and times >= limit then return math.max(1, left) end
if not counts then return 0 end
times = times + 1
local pause = 0
if pauses and times >= limit then
  pause = ${longestPause}
  if times < limit + ${doublings} then pause = ${firstPause} * 2 ^ (times - limit) end
end
redis.call('hset', KEYS[1], 'times', times, 'blocked_until', string.format('%.0f', now + pause))
if times == 1 or pauses then redis.call('pexpire', KEYS[1], window) end
return 0`;

/** Takes one time back, and the pause that it has brought about. */
const backScript = `
local times = tonumber(redis.call('hget', KEYS[1], 'times') or 0) - 1
if times < 0 then return 0 end
redis.call('hset', KEYS[1], 'times', times)
if times < tonumber(ARGV[1]) then redis.call('hset', KEYS[1], 'blocked_until', 0) end
return 0`;

/**
 * Counts rate limits in Redis or Valkey, for several servers. `client` is yours: connect and close it yourself. While it is not connected,
 * `whenRateLimitStoreIsAway` applies at once; nothing waits in its queue.
 *
 * @example
 * createAuth({ rateLimitStore: redisCounters(new Redis("redis://127.0.0.1:6379")), … })
 */
export function redisCounters(
  client: RedisClient,
  { prefix = "keyturn:" }: { readonly prefix?: string } = {},
): CounterStore {
  const send = async (...parts: [string, ...string[]]): Promise<unknown> => {
    const isReady = "call" in client ? client.status === "ready" : client.isReady;
    if (!isReady) throw new Error("Redis is not connected");
    return "call" in client ? client.call(...parts) : client.sendCommand(parts);
  };
  const run = async (name: string, { limit, window, pauses }: CounterRule, counts: boolean) => {
    const values = [limit, window, pauses ? 1 : 0, counts ? 1 : 0].map(String);
    const retryIn = Number(await send("EVAL", script, "1", prefix + name, ...values));
    return { isMet: retryIn > 0, retryIn };
  };
  return {
    count: (name, rule) => run(name, rule, true),
    look: (name, rule) => run(name, rule, false),
    async giveBack(name, { limit }) {
      await send("EVAL", backScript, "1", prefix + name, String(limit));
    },
    async forget(name) {
      await send("DEL", prefix + name);
    },
    // All of its keys have an end, so every policy but "noeviction" may drop them.
    async warning() {
      const [limit, policy] = memoryOf(String(await send("INFO", "memory")));
      if (limit === "0" || policy === undefined || policy === "noeviction") return undefined;
      return `Redis may forget rate limits: its maxmemory-policy is "${policy}". Set "noeviction", or give the limits a Redis of their own`;
    },
  };
}

/** What `INFO memory` says of the most that Redis may use, in bytes (0: all there is), and of what it does then. */
function memoryOf(info: string): readonly (string | undefined)[] {
  return ["maxmemory", "maxmemory_policy"].map((name) => new RegExp(`^${name}:(\\S+)`, "m").exec(info)?.[1]);
}

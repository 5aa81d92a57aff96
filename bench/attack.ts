/**
 * `npm run attack`: what a guesser and a flood achieve in an hour against production settings, with rate limits and without. With them an
 * hour passes on the server's clock: each address of the attacker comes again as soon as `Retry-After` lets it. Without them nothing
 * waits: what is done in some seconds is multiplied. In one process, over SQLite in memory; figures depend on the machine.
 */
import { createAuth } from "../src/auth.js";
import { sqlite } from "../src/database/sqlite/sqlite.js";

const seconds = Number(process.argv[2] ?? 5);
const hour = 3_600_000;
const password = "a quiet violet hour";
const redirect_url = "https://app.example.com/";
const owner = "owner@example.com";

async function start(rateLimits: boolean) {
  const clock = { now: Date.UTC(2026, 0, 1) };
  let mails = 0;
  const auth = createAuth({
    baseUrl: "https://api.example.com",
    environment: "production",
    database: sqlite(":memory:"),
    redirectAllowlist: ["https://app.example.com/*"],
    models: { user: { mountAt: "/auth", confirmable: false } },
    mail: { from: "a@example.com", send: async () => void mails++ },
    now: () => clock.now,
    rateLimits,
  });
  const ask = (peer: string, route: string, body?: object, headers: Record<string, string> = {}) => {
    const [method = "", path = ""] = route.split(" ");
    const json = body ? { body: JSON.stringify(body) } : {};
    const all = { "content-type": "application/json", ...headers };
    return auth.handle(new Request(`https://api.example.com${path}`, { method, headers: all, ...json }), {
      peer,
    });
  };
  const register = (peer: string, email: string) => ask(peer, "POST /auth", { email, password });
  const held = await register("203.0.113.1", owner);
  const names = ["access-token", "client", "uid"];
  const credentials = Object.fromEntries(names.map((name) => [name, held.headers.get(name) ?? ""]));
  return { auth, clock, ask, register, credentials, mails: () => mails };
}
type Server = Awaited<ReturnType<typeof start>>;
type Attempt = (server: Server, peer: string, i: number) => Promise<Response>;

/** How many attempts of an hour are not refused with 429. `honest`: what others do once a minute. */
async function anHour(
  limited: boolean,
  attempt: Attempt,
  peers: number,
  honest?: (server: Server, minute: number) => Promise<boolean>,
) {
  const server = await start(limited);
  const began = server.clock.now;
  const addresses = Array.from({ length: peers }, (_, i) => ({
    peer: `198.18.${i >> 8}.${i & 255}`,
    at: began,
  }));
  let [passed, tried, refused, minute] = [0, 0, 0, 0];
  const real = performance.now();
  for (;;) {
    const [next] = addresses.sort((a, b) => a.at - b.at);
    if (!next || next.at >= began + hour) break;
    if (!limited && performance.now() - real > seconds * 1000) break;
    server.clock.now = Math.max(server.clock.now, next.at);
    while (honest && server.clock.now >= began + minute * 60_000) {
      if (!(await honest(server, minute))) refused++;
      minute++;
    }
    const answer = await attempt(server, next.peer, tried++);
    if (answer.status !== 429) passed++;
    if (limited) next.at = server.clock.now + 1000 * Number(answer.headers.get("retry-after") ?? 0) + 1;
  }
  for (; honest && minute < 60; minute++) {
    server.clock.now = Math.max(server.clock.now, began + minute * 60_000);
    if (!(await honest(server, minute))) refused++;
  }
  const factor = limited ? 1 : hour / (performance.now() - real);
  const mails = server.mails() * factor;
  await server.auth.close();
  return { passed: Math.round(passed * factor), mails: Math.round(mails), refused, minutes: minute };
}

const guess: Attempt = ({ ask }, peer, i) =>
  ask(peer, "POST /auth/sign_in", { email: owner, password: `guess number ${i}` });
const reset: Attempt = ({ ask }, peer) => ask(peer, "POST /auth/password", { email: owner, redirect_url });
const registration: Attempt = ({ register }, peer, i) => register(peer, `fake${i}@example.com`);
/** Somebody else registers and signs in, from an address of their own. */
const honest = async ({ ask, register }: Server, minute: number): Promise<boolean> => {
  const [peer, email] = [`203.0.113.${10 + (minute % 200)}`, `honest${minute}@example.com`];
  const registered = await register(peer, email);
  return registered.ok && (await ask(peer, "POST /auth/sign_in", { email, password })).ok;
};

/** Milliseconds of `validate_token`, half and 99 of 100, while 8 guesses at a time come from one address. */
async function latency(limited: boolean) {
  const server = await start(limited);
  let isOver = false;
  const guessing = Array.from({ length: 8 }, async (_, i) => {
    while (!isOver) {
      const answer = await guess(server, "198.18.0.1", i);
      // A refusal costs the attacker a round trip.
      if (answer.status === 429) await new Promise((resolve) => setTimeout(resolve, 1));
    }
  });
  const times: number[] = [];
  for (const until = performance.now() + seconds * 1000; performance.now() < until; ) {
    const began = performance.now();
    await server.ask("203.0.113.1", "GET /auth/validate_token", undefined, server.credentials);
    times.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  isOver = true;
  await Promise.all(guessing);
  await server.auth.close();
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
  return `${at(0.5)} ms / ${at(0.99)} ms`;
}

const row = (...cells: (string | number)[]): void => console.log(`| ${cells.join(" | ")} |`);
row("attack", "without limits", "with limits");
row("---", "---", "---");
for (const [name, attempt, peers] of [
  ["guesses an hour at one account, from one address", guess, 1],
  ["guesses an hour at one account, from 200 addresses", guess, 200],
  ["registrations an hour, from one address", registration, 1],
] as const)
  row(name, (await anHour(false, attempt, peers)).passed, (await anHour(true, attempt, peers)).passed);
row(
  "mails an hour handed over for one mailbox, from 200 addresses",
  (await anHour(false, reset, 200)).mails,
  (await anHour(true, reset, 200)).mails,
);
const others = await anHour(true, guess, 200, honest);
row(
  "other people, one a minute, who register and sign in meanwhile: refused",
  "—",
  `${others.refused} of ${others.minutes}`,
);
row("`validate_token` during a flood of guesses, p50 / p99", await latency(false), await latency(true));

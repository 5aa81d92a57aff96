import { setTimeout as sleep } from "node:timers/promises";
import { createHonestSession, type HonestSession } from "./honest-session.js";
import type { Random } from "./random.js";
import { type Answer, ask } from "./requests.js";
import type { Server } from "./servers.js";
import { countFailure, type Tally, violate } from "./tally.js";

/** What all rounds share. */
export interface Scene {
  readonly servers: readonly Server[];
  readonly random: Random;
  readonly tally: Tally;
  /** Milliseconds. */
  readonly window: number;
}

/** An account with its devices. */
export interface Household {
  readonly email: string;
  readonly sessions: HonestSession[];
  /** Sessions that are over, so that nobody brings one back. */
  readonly ended: HonestSession[];
}

const password = "correct horse battery staple";

/** A server that runs; while one is down, the others. */
export function anyServer({ servers, random }: Scene): Server {
  const up = servers.filter(({ port }) => port !== 0);
  return random.pick(up) ?? { port: 1 };
}

/** Repeats something until it has an answer that is not a failure: a server may be down, the database away. */
export async function untilAnswered(
  scene: Scene,
  attempt: () => Promise<Answer | undefined>,
): Promise<Answer> {
  const until = performance.now() + 60_000;
  for (;;) {
    const answer = await attempt();
    if (answer && answer.status < 500) return answer;
    if (performance.now() > until) throw new Error("No server has answered for a minute");
    await sleep(scene.random.between(20, 200));
  }
}

let accounts = 0;

/** Registers an account; the answer opens its first session. */
export async function newHousehold(scene: Scene): Promise<Household> {
  const household: Household = { email: "", sessions: [], ended: [] };
  for (;;) {
    // One whose answer was lost may be there all the same, so each attempt has a name of its own.
    const email = `person-${++accounts}-${scene.random.between(0, 1e9)}@example.com`;
    const body = { email, password, password_confirmation: password };
    const answer = await post(scene, "/auth", body);
    if (answer?.status === 200)
      return {
        ...household,
        email,
        sessions: [createHonestSession(scene.tally, scene.window, email, answer)],
      };
    if (answer && answer.status < 500) throw new Error(`Sign-up answered ${answer.status}: ${answer.body}`);
    await sleep(scene.random.between(20, 200));
  }
}

/** Signs in on one more device; `undefined` when it failed, or when the account is gone. */
export async function signIn(scene: Scene, { email }: Household): Promise<HonestSession | undefined> {
  const answer = await post(scene, "/auth/sign_in", { email, password });
  return answer?.status === 200 ? createHonestSession(scene.tally, scene.window, email, answer) : undefined;
}

async function post(scene: Scene, path: string, body: unknown): Promise<Answer | undefined> {
  const { tally } = scene;
  tally.requests++;
  const outcome = await ask(anyServer(scene), { method: "POST", path, body });
  if (outcome.kind === "broken") countFailure(tally, outcome.why);
  if (outcome.kind !== "answer") return undefined;
  const { answer } = outcome;
  if (answer.status >= 500) {
    countFailure(tally, String(answer.status));
    if (answer.status !== 503) violate(tally, `POST ${path} answered ${answer.status}: ${answer.body}`);
  }
  return answer;
}

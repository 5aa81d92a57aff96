import { setTimeout as sleep } from "node:timers/promises";
import { type EngineName, openDatabase } from "./databases.js";
import type { HonestSession } from "./honest-session.js";
import { type Household, newHousehold, type Scene, untilAnswered } from "./household.js";
import { createRandom } from "./random.js";
import { playRound, steal } from "./rounds.js";
import { type Servers, startServers } from "./servers.js";
import { createTally, type Tally, violate } from "./tally.js";

export interface ChaosOptions {
  readonly engine: EngineName;
  /** The built file of server.ts. */
  readonly server: string;
  readonly seconds: number;
  readonly seed: number;
  /** Whether servers and connections are killed. */
  readonly kills: boolean;
}

/** Milliseconds: so short that a session rotates hundreds of times in a run. */
const window = 250;
const serverCount = 4;
const householdCount = 4;

/**
 * Four servers over one database, and accounts whose devices do at random what people and thieves do. Ends by itself after `seconds`
 * and a last look at every session. `undefined` where there is no such database. What should not have happened is in the tally.
 */
export async function runChaos(options: ChaosOptions): Promise<Tally | undefined> {
  const database = await openDatabase(options.engine);
  if (!database) return undefined;
  let servers: Servers | undefined;
  try {
    const tally = createTally();
    const onCrash = (lastWords: string): void => violate(tally, lastWords);
    servers = await startServers({ ...options, url: database.url, window, count: serverCount, onCrash });
    const scene: Scene = { servers: servers.all, random: createRandom(options.seed), tally, window };
    const until = performance.now() + options.seconds * 1000;
    const isOver = (): boolean => performance.now() >= until;
    const { trouble } = database;
    const households = Promise.all(Array.from({ length: householdCount }, () => live(scene, isOver)));
    await Promise.all([
      households,
      ...(options.kills ? [killServers(scene, servers, isOver), cutConnections(scene, trouble, isOver)] : []),
    ]);
    for (const lived of await households) await lastLook(scene, lived);
    if (tally.violations.length > 0) tally.violations.push(...servers.log().slice(-5));
    return tally;
  } finally {
    await servers?.stop();
    await database.drop();
  }
}

/** One account after the other, until the run is over. */
async function live(scene: Scene, isOver: () => boolean): Promise<Household> {
  const ended: HonestSession[] = [];
  let household = await newHousehold(scene);
  while (!isOver()) {
    const gone = await playRound(scene, household);
    if (gone) {
      ended.push(...household.ended);
      household = await newHousehold(scene);
    }
    await sleep(scene.random.next() * scene.window * 0.8);
  }
  return { ...household, ended: [...ended, ...household.ended] };
}

/** Every session that should be alive is, on every server, and its oldest token is not good; none that ended is, on any. */
async function lastLook(scene: Scene, { sessions, ended }: Household): Promise<void> {
  for (const server of scene.servers) {
    for (const session of sessions) {
      await untilAnswered(scene, async () => {
        const outcome = await session.request(server, { method: "GET", path: "/auth/validate_token" });
        return outcome.kind === "answer" ? outcome.answer : undefined;
      });
    }
  }
  for (const session of sessions) {
    const [oldest] = [...session.tokens].filter(([generation]) => generation <= session.generation - 3);
    if (oldest) await steal(scene, session, oldest[1], "a replayed token");
  }
  for (const session of ended) {
    const latest = [...session.tokens.values()].slice(-3);
    for (const token of latest) await steal(scene, session, token, "an ended session");
  }
  const held = sessions.map(({ client }) => client);
  if (new Set(held).size !== held.length) violate(scene.tally, "Two sessions have the same client id");
}

async function killServers(scene: Scene, servers: Servers, isOver: () => boolean): Promise<void> {
  const { random, tally } = scene;
  for (;;) {
    await napUnless(isOver, random.between(1500, 5000));
    const server = random.pick(servers.all);
    if (isOver() || !server) return;
    await servers.kill(server);
    tally.serversKilled++;
  }
}

async function cutConnections(
  scene: Scene,
  trouble: (random: Scene["random"]) => Promise<number>,
  isOver: () => boolean,
): Promise<void> {
  const { random, tally } = scene;
  for (;;) {
    await napUnless(isOver, random.between(500, 3000));
    if (isOver()) return;
    tally.connectionsKilled += await trouble(random);
  }
}

async function napUnless(isOver: () => boolean, ms: number): Promise<void> {
  const until = performance.now() + ms;
  while (!isOver() && performance.now() < until) await sleep(Math.min(200, ms));
}

import { setTimeout as sleep } from "node:timers/promises";
import type { HonestSession } from "./honest-session.js";
import { anyServer, type Household, type Scene, signIn, untilAnswered } from "./household.js";
import type { Random } from "./random.js";
import { type Ask, ask } from "./requests.js";
import { countFailure, violate } from "./tally.js";

/** One thing that happens to an account. `"gone"`: the account is deleted. */
type Round = (scene: Scene, household: Household) => Promise<"gone" | undefined>;

const app: Ask = { method: "GET", path: "/app/quick" };
const reads: readonly Ask[] = [app, app, app, { method: "GET", path: "/auth/validate_token" }];

/** What happens, and how often in comparison. */
const rounds: readonly (readonly [weight: number, round: Round])[] = [
  [20, inOrder],
  [30, inBatches],
  [15, overlapping],
  [5, slowly],
  [12, replay],
  [6, revisit],
  [8, open],
  [6, signOut],
  [3, revokeOthers],
  [3, revokeOne],
  [2, deleteAccount],
];

export function playRound(scene: Scene, household: Household): Promise<"gone" | undefined> {
  return drawRound(scene.random)(scene, household);
}

function drawRound(random: Random): Round {
  let rest = random.next() * rounds.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, round] of rounds) {
    rest -= weight;
    if (rest < 0) return round;
  }
  return inOrder;
}

/** One request after the other, some within a window and some not. */
async function inOrder(scene: Scene, household: Household): Promise<undefined> {
  await everyone(household, async (session) => {
    for (let i = 0; i < 3; i++) {
      await read(scene, session);
      await sleep(scene.random.next() * scene.window * 1.2);
    }
  });
}

async function inBatches(scene: Scene, household: Household): Promise<undefined> {
  await everyone(household, (session) => batch(scene, session));
}

/** Batches that do not wait for one another, as several tabs send them. */
async function overlapping(scene: Scene, household: Household): Promise<undefined> {
  await everyone(household, async (session) => {
    const under: Promise<void>[] = [];
    for (let i = 0; i < 3; i++) {
      under.push(batch(scene, session));
      await sleep(scene.random.next() * scene.window);
    }
    await Promise.all(under);
  });
}

/** A request that runs for longer than the window, while others rotate. */
async function slowly(scene: Scene, household: Household): Promise<undefined> {
  const ms = Math.round(scene.window * (0.3 + 2 * scene.random.next()));
  const path = `/app/slow?ms=${ms}`;
  await everyone(household, (session) => session.request(anyServer(scene), { method: "GET", path }));
  await Promise.all([
    everyone(household, (session) => session.request(anyServer(scene), { method: "GET", path })),
    inOrder(scene, household),
  ]);
}

/** A thief shows a token that was replaced long ago. */
async function replay(scene: Scene, household: Household): Promise<undefined> {
  const { random } = scene;
  const session = random.pick(household.sessions);
  const generation = random.pick(
    [...(session?.tokens.keys() ?? [])].filter((one) => session && one <= session.generation - 3),
  );
  const token = generation === undefined ? undefined : session?.tokens.get(generation);
  if (!session || token === undefined) return inBatches(scene, household);
  await Promise.all([steal(scene, session, token, "a replayed token"), inBatches(scene, household)]);
}

/** Somebody comes back with the last token of a session that is over. */
async function revisit(scene: Scene, household: Household): Promise<undefined> {
  const session = scene.random.pick(household.ended);
  const token = session?.tokens.get(session.generation);
  if (!session || token === undefined) return inOrder(scene, household);
  await steal(scene, session, token, "an ended session");
}

async function open(scene: Scene, household: Household): Promise<undefined> {
  if (household.sessions.length >= 4) return inBatches(scene, household);
  const session = await signIn(scene, household);
  if (session) household.sessions.push(session);
}

/** In the middle of a batch of the same session. */
async function signOut(scene: Scene, household: Household): Promise<undefined> {
  const session = scene.random.pick(household.sessions);
  if (!session || household.sessions.length < 2) return open(scene, household);
  const under = inBatches(scene, household);
  session.doubt();
  // 404: one before it, whose answer did not arrive, has done it.
  await untilDone(scene, session, { method: "DELETE", path: "/auth/sign_out" }, [200, 404]);
  session.end();
  await under;
  bury(household);
}

/** "Sign out everywhere else", while all the others are asking. */
async function revokeOthers(scene: Scene, household: Household): Promise<undefined> {
  const session = scene.random.pick(household.sessions);
  if (!session) return open(scene, household);
  const others = household.sessions.filter((one) => one !== session);
  const under = inBatches(scene, household);
  for (const other of others) other.doubt();
  await untilDone(scene, session, { method: "DELETE", path: "/auth/sessions" }, [200]);
  for (const other of others) other.end();
  await under;
  bury(household);
}

async function revokeOne(scene: Scene, household: Household): Promise<undefined> {
  const [session, other] = household.sessions;
  if (!session || !other) return open(scene, household);
  const under = inBatches(scene, household);
  other.doubt();
  const path = `/auth/sessions/${other.client}`;
  await untilDone(scene, session, { method: "DELETE", path }, [200, 404]);
  other.end();
  await under;
  bury(household);
}

/** While all its devices are asking, and one more signs in. */
async function deleteAccount(scene: Scene, household: Household): Promise<"gone"> {
  const session = scene.random.pick(household.sessions);
  if (!session) return "gone";
  const under = inBatches(scene, household);
  const newcomer = signIn(scene, household).then((one) => {
    one?.doubt();
    if (one) household.sessions.push(one);
  });
  for (const one of household.sessions) one.doubt();
  await untilDone(scene, session, { method: "DELETE", path: "/auth" }, [200, 404]);
  for (const one of household.sessions) one.end();
  await Promise.all([under, newcomer]);
  for (const one of household.sessions) one.end();
  bury(household);
  return "gone";
}

/** Requests with one token over all servers at once; some clients do not wait for their answers. */
async function batch(scene: Scene, session: HonestSession): Promise<void> {
  const { random, tally } = scene;
  tally.batches++;
  await Promise.all(Array.from({ length: random.between(2, 8) }, () => read(scene, session)));
}

async function read(scene: Scene, session: HonestSession): Promise<void> {
  const { random } = scene;
  const giveUpAfter = random.chance(0.12) ? random.between(0, 25) : undefined;
  await session.request(anyServer(scene), { ...(random.pick(reads) ?? app), giveUpAfter });
}

/** Asks again until it is certain, as a person would. */
async function untilDone(
  scene: Scene,
  session: HonestSession,
  what: Ask,
  expected: readonly number[],
): Promise<void> {
  const answer = await untilAnswered(scene, async () => {
    const outcome = await session.request(anyServer(scene), what);
    return outcome.kind === "answer" ? outcome.answer : undefined;
  });
  if (!expected.includes(answer.status))
    violate(scene.tally, `${what.method} ${what.path} answered ${answer.status}: ${answer.body}`);
}

/** Shows a token that has to be refused, to any server. */
export async function steal(
  scene: Scene,
  session: HonestSession,
  token: string,
  what: string,
): Promise<void> {
  const { tally } = scene;
  tally.requests++;
  const outcome = await ask(anyServer(scene), { ...app, headers: session.headersWith(token) });
  if (outcome.kind === "broken") countFailure(tally, outcome.why);
  if (outcome.kind !== "answer") return;
  const { status } = outcome.answer;
  if (status === 401) tally.refused++;
  else if (status >= 500) countFailure(tally, String(status));
  else violate(tally, `${session.client}: ${what} was answered with ${status}`);
}

async function everyone(
  { sessions }: Household,
  does: (session: HonestSession) => Promise<unknown>,
): Promise<undefined> {
  await Promise.all(sessions.map(does));
}

function bury({ sessions, ended }: Household): void {
  for (const session of sessions.splice(0)) (session.state === "ended" ? ended : sessions).push(session);
}

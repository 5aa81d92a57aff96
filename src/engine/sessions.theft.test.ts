import { describe, expect, onTestFinished, test } from "vitest";
import {
  authentication,
  defaults,
  eventNames,
  generationOf,
  type Held,
  show,
  signIn,
  testEngine,
} from "../../test/fixtures/sessions.js";
import type { SessionSettings } from "./sessions.js";

/** The lines of the table in docs/rotation.md that says which theft is noticed. The thief holds a copy of the owner's token. */

const window = defaults.batchRequestBufferThrottle;
const modes = ["expire", "recover"] as const;

async function stolen(settings: Partial<SessionSettings>) {
  const engine = await testEngine();
  onTestFinished(() => engine.close());
  const server = engine.server({ settings });
  const owner = await signIn(server, await engine.register());
  engine.events.length = 0;
  /** Somebody shows a token after the window, and keeps what is given for it. */
  const showAfterWindow = async (held: Held): Promise<Held> => {
    engine.clock.forward(window);
    return authentication(server, held);
  };
  return { engine, server, owner, thief: owner, showAfterWindow };
}

describe.each(modes)("%s", (lostResponses) => {
  test("noticed: the owner has rotated twice, and the thief shows the copy", async () => {
    const { engine, server, owner, thief, showAfterWindow } = await stolen({ lostResponses });
    await showAfterWindow(await showAfterWindow(owner));
    engine.clock.forward(window);
    expect(await show(server, thief)).toBeUndefined();
    expect(eventNames(engine)).toEqual(["token.reused"]);
  });

  test("noticed: the thief has rotated twice, and the owner returns", async () => {
    const { engine, server, owner, thief, showAfterWindow } = await stolen({ lostResponses });
    await showAfterWindow(await showAfterWindow(thief));
    engine.clock.forward(window);
    expect(await show(server, owner)).toBeUndefined();
    expect(eventNames(engine)).toEqual(["token.reused"]);
  });

  test("not noticed: the thief asks in each window as the owner does, and both are given the same tokens", async () => {
    const { engine, server, owner, thief } = await stolen({ lostResponses });
    let [mine, copy] = [owner, thief];
    for (let i = 1; i <= 10; i++) {
      engine.clock.forward(window);
      mine = await authentication(server, mine);
      copy = await authentication(server, copy);
      expect(generationOf(copy.token)).toBe(i);
      expect(copy.token).toBe(mine.token);
    }
    expect(eventNames(engine)).toEqual([]);
  });

  test("not noticed: the owner never returns", async () => {
    const { engine, thief, showAfterWindow } = await stolen({ lostResponses });
    let copy = thief;
    for (let i = 0; i < 10; i++) copy = await showAfterWindow(copy);
    expect(eventNames(engine)).toEqual([]);
  });

  test("not noticed: tokens that never change", async () => {
    const { engine, owner, thief, showAfterWindow } = await stolen({
      lostResponses,
      changeHeadersOnEachRequest: false,
    });
    for (const who of [owner, thief, owner, thief]) await showAfterWindow(who);
    expect(eventNames(engine)).toEqual([]);
  });
});

test("expire: the thief has rotated once: the owner is refused and reported as late, and the thief goes on", async () => {
  const { engine, server, owner, thief, showAfterWindow } = await stolen({ lostResponses: "expire" });
  const copy = await showAfterWindow(thief);
  engine.clock.forward(window);
  expect(await show(server, owner)).toBeUndefined();
  expect(eventNames(engine)).toEqual(["token.late"]);
  await showAfterWindow(copy);
});

test("recover: the thief has rotated once: the owner is given the thief's token, and nothing is noticed", async () => {
  const { engine, owner, thief, showAfterWindow } = await stolen({ lostResponses: "recover" });
  const copy = await showAfterWindow(thief);
  expect((await showAfterWindow(owner)).token).toBe(copy.token);
  expect(eventNames(engine)).toEqual([]);
});

test("expire: the owner has rotated once: the copy is refused and reported as late", async () => {
  const { engine, server, owner, thief, showAfterWindow } = await stolen({ lostResponses: "expire" });
  await showAfterWindow(owner);
  engine.clock.forward(window);
  expect(await show(server, thief)).toBeUndefined();
  expect(eventNames(engine)).toEqual(["token.late"]);
});

test("recover: the owner has rotated once: the copy still works, and nothing is noticed", async () => {
  const { engine, owner, thief, showAfterWindow } = await stolen({ lostResponses: "recover" });
  const mine = await showAfterWindow(owner);
  expect((await showAfterWindow(thief)).token).toBe(mine.token);
  expect(eventNames(engine)).toEqual([]);
});

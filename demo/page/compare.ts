import { createGuest, enterAsGuest } from "./example.js";
import type { Page } from "./page.js";
import { playScene } from "./scene.js";

const labels = { recover: "“recover”", expire: "“expire”" } as const;

/** The same loss on two servers: one gives the client the token that it missed, the other one has forgotten it. */
export async function compareModes(page: Page): Promise<void> {
  const [recover, expire] = (["recover", "expire"] as const).map((mode) =>
    page.description.examples.find(({ lostResponses }) => lostResponses === mode),
  );
  if (!recover || !expire) return;
  const sides = [recover, expire].map((example) => ({
    example,
    guest: createGuest(page, example, labels[example.lostResponses]),
  }));
  const guests = sides.map(({ guest }) => guest);
  const [first] = guests;
  const both = (work: (side: (typeof sides)[number]) => Promise<unknown>): Promise<unknown> =>
    Promise.all(sides.map(work));
  await playScene(page, "compare", guests, async ({ say, pause, windowOver }) => {
    say("Two servers, one in each mode. A throw-away account signs in to both.");
    await both(({ guest }) => enterAsGuest(guest));
    await pause(1200);
    if (first) await windowOver(first, "Token 1 has to be two seconds old.");
    say("A request leaves, and the connection breaks. The new token is lost on the way.");
    await both(({ guest, example }) => {
      guest.recorder.loseNext({ forGood: true });
      return guest.ask(example.path);
    });
    for (const guest of guests) guest.recorder.note("Offline");
    say("Both clients are offline for longer than the window …");
    await pause(recover.window + 600);
    for (const guest of guests) guest.recorder.setOnline(true);
    say("The connection is back. Both show the token that they still hold.");
    await both(({ guest, example }) => guest.ask(example.path));
    await pause(400);
    say("“recover” gives the token again. “expire” refuses it: that person has to sign in.");
  });
}

import { type ClientActor, createClientActor } from "./actors.js";
import type { Page } from "./page.js";
import { playScene } from "./scene.js";
import type { Example } from "./server.js";

const names = { recover: "Recover", expire: "Expire" } as const;

/** A throw-away account on one of the example servers, signed in. */
export function createGuest(page: Page, example: Example, label: string): ClientActor {
  const { lostResponses, mountAt, window } = example;
  return createClientActor(page.network, label, {
    mountAt,
    window,
    model: "guest",
    config: `guest-${names[lostResponses]}`,
    storage: "memory",
    headersNames: {},
    readAddress: false,
  });
}

/** Registers the account, which signs it in. */
export async function enterAsGuest({ client }: ClientActor): Promise<void> {
  const email = `guest-${crypto.randomUUID().slice(0, 8)}@example.com`;
  const account = { email, password: crypto.randomUUID(), name: "Guest" };
  await client.register(account);
}

/** What plays while nobody is signed in: half a minute of real traffic of a throw-away account. */
export async function playExample(page: Page): Promise<void> {
  const example = page.description.examples.find(({ lostResponses }) => lostResponses === "recover");
  if (!example) return;
  const guest = createGuest(page, example, "Example account");
  const { path, window } = example;
  await playScene(page, "example", [guest], async ({ say, pause, windowOver }) => {
    say("An example account signs in and is given its first token.");
    await enterAsGuest(guest);
    await pause(900);
    say("It sends a request. The token is not two seconds old yet, so it stays.");
    await guest.ask(path);
    await pause(900);
    await windowOver(guest, "For two seconds, requests share this token.");
    say("The two seconds are over: the next response brings a new token, in a new colour.");
    await guest.ask(path);
    await pause(window + 700);
    say("Eight requests leave at once, all with the same token. All bring back the same new one.");
    await Promise.all(Array.from({ length: 8 }, () => guest.ask(path)));
    await pause(window + 900);
    say("This response is lost on the way. The client asks again and is given the same new token.");
    guest.recorder.loseNext();
    await guest.ask(path);
    await pause(window + 900);
    say("That was an example with real requests. Now it is your turn.");
    await guest.ask(path);
  });
}

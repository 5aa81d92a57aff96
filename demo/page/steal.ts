import { createThief, type Reply, type Seat } from "./actors.js";
import { createGuest, enterAsGuest } from "./example.js";
import type { Page } from "./page.js";
import { playScene } from "./scene.js";
import { apiUrl } from "./server.js";

/** How often a token has to be replaced until it is refused for certain: with "recover" the one before is still accepted. */
function stepsToRefusal({ description }: Page): number {
  return description.lostResponses === "recover" ? 2 : 1;
}

/** A thief copies the token of this page. The owner goes on, and the copy is worth nothing. */
export async function steal(page: Page, seat: Seat): Promise<void> {
  const { path } = seat.model;
  const { window } = page.description;
  const thief = createThief(page.network, () => seat.client.headersFor(apiUrl + path));
  await playScene(
    page,
    "steal",
    [seat, thief],
    async ({ say, pause, windowOver }) => {
      await windowOver(seat, "First you send a request, when a new token can come.");
      await seat.ask(path);
      thief.copy();
      const number = seat.recorder.held()?.number;
      seat.recorder.note(`Token ${number} is copied`);
      if (window > 0) {
        say(
          `The thief copies token ${number} and uses it at once. It is accepted: a copy looks like its owner.`,
        );
        await pause(Math.min(900, window / 4));
        await thief.ask(path);
        await pause(1800);
      }
      for (let step = 1; step <= stepsToRefusal(page); step++) {
        await windowOver(seat, "You go on. The next token comes when the window is over.");
        say("You go on, as usual, and are given a new token.");
        await seat.ask(path);
        await pause(900);
      }
      await windowOver(seat, "The thief waits for a quiet moment.");
      say("Now the thief shows the copy again …");
      await pause(700);
      say(outcomeOf(await thief.ask(path)));
    },
    { path, keepsTraffic: true },
  );
}

function outcomeOf({ ok, code }: Reply): string {
  if (ok) return "The thief is let in: you have not sent enough requests since the theft.";
  const why =
    code === "reused" ? "and the server reports a token that was reused" : "because the token was replaced";
  return `The thief is refused, ${why}. You stay signed in.`;
}

/** The other way round, with an account that is thrown away: the owner comes back too late. */
export async function beOvertaken(page: Page): Promise<void> {
  const example = page.description.examples.find(({ lostResponses }) => lostResponses === "recover");
  if (!example) return;
  const owner = createGuest(page, example, "The owner");
  const thief = createGuest(page, example, "The thief");
  const { path } = example;
  await playScene(page, "overtaken", [owner, thief], async ({ say, pause, windowOver }) => {
    say("The owner signs in. This is another account: yours stays as it is.");
    await enterAsGuest(owner);
    await pause(1500);
    copySession(owner, thief);
    say("A thief copies token 1, and keeps every new token that it is given.");
    for (let step = 1; step <= 2; step++) {
      await windowOver(owner, "The thief waits for the next token.");
      await thief.ask(path);
      await pause(1200);
    }
    await windowOver(owner, "The owner has been away all this time.");
    say("The owner comes back with token 1, which was replaced twice …");
    await pause(700);
    const reply = await owner.ask(path);
    say(
      reply.ok
        ? "The owner is let in: the thief has not sent enough requests since the theft."
        : "The owner is refused and has to sign in again. The server reports it, and can end the session for both.",
    );
  });
}

/** Gives one client the session of another, as somebody does who has read its storage. */
function copySession(from: ReturnType<typeof createGuest>, to: ReturnType<typeof createGuest>): void {
  const { client, recorder } = from;
  const headers = client.headersFor(client.authUrl);
  recorder.note("Token 1 is copied");
  const params = new URLSearchParams({
    auth_token: headers["access-token"] ?? "",
    client_id: headers["client"] ?? "",
    uid: headers["uid"] ?? "",
    expiry: String(Math.floor(Date.now() / 1000) + 60),
  });
  void to.client.handleUrl(`${location.origin}/?${params}`);
}

/** Shows a token of this page that was replaced. */
export async function replay(page: Page, seat: Seat): Promise<void> {
  const { path } = seat.model;
  const steps = stepsToRefusal(page);
  const headers = seat.client.headersFor(apiUrl + path);
  const nameOf = (field: string): string => page.description.headerNames[field] ?? field;
  await playScene(
    page,
    "replay",
    [seat],
    async ({ say, pause, windowOver }) => {
      const session = headers[nameOf("client")] ?? "";
      while (!page.network.book.replaced(session, steps)) {
        await windowOver(seat, "First a token has to be replaced.");
        if (!(await seat.ask(path)).ok) return;
        await pause(300);
      }
      const old = page.network.book.replaced(session, steps) ?? "";
      await windowOver(seat, "An old token is good until the window is over.");
      const copied = { ...headers, [nameOf("access-token")]: old };
      const holder = createThief(page.network, () => copied, seat.id);
      holder.copy();
      const reply = await holder.ask(path);
      say(
        reply.status === 401
          ? "The old token was refused. “What the server noticed” says so, too."
          : `The server responded ${reply.status}.`,
      );
    },
    { keepsTraffic: true },
  );
}

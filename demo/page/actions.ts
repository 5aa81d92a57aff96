import type { Reply, Seat } from "./actors.js";
import { compareModes } from "./compare.js";
import type { Page } from "./page.js";
import { showActors } from "./page.js";
import { seconds } from "./rows.js";
import { playScene } from "./scene.js";
import { beOvertaken, replay, steal } from "./steal.js";
import { openSecondTab } from "./tabs.js";

/** A button: its name, one plain line about it, and what it does. */
export interface Action {
  readonly name: string;
  readonly line: string;
  readonly look?: "primary";
  run(page: Page, seat: Seat): Promise<void>;
}

export interface ActionGroup {
  readonly title: string;
  readonly actions: readonly Action[];
}

const batchSize = 20;
const stream = { length: 10_000, pause: 700 };
const slow = 8000;

/** The buttons for one seat, in groups. */
export function actionsFor({ description }: Page, { model }: Seat): readonly ActionGroup[] {
  const { groups, models, window, rotates, lostResponses, examples } = description;
  const often =
    window === 0 ? "Every response brings a new one." : `A new one comes every ${seconds(window)} at most.`;
  const all: readonly ActionGroup[] = [
    {
      title: "Rotate",
      actions: [
        {
          name: "One request",
          line: rotates ? `Shows the token. ${often}` : "This server keeps one token for a session.",
          look: "primary",
          run: sendOne,
        },
        {
          name: "Ten seconds of traffic",
          line: `A request every ${seconds(stream.pause)}. Press again to stop.`,
          run: sendStream,
        },
      ],
    },
    {
      title: "Batch",
      actions: [
        {
          name: `Batch of ${batchSize}`,
          line: "All leave with one token, and all bring back the same new one.",
          run: sendBatch,
        },
        {
          name: "Two tabs",
          line: "A second tab shares the session. Both send at once.",
          run: openSecondTab,
        },
      ],
    },
    {
      title: "Go wrong",
      actions: [
        {
          name: "Lose a response",
          line: "The client asks again, and is given the same new token.",
          run: loseResponse,
        },
        {
          name: "A slow request",
          line: `One that takes ${seconds(slow)}, while another one rotates the token.`,
          run: sendSlowly,
        },
        ...(examples.length < 2
          ? []
          : [
              {
                name: "Compare recover and expire",
                line: "Two servers lose the same response. One client has to sign in again.",
                run: compareModes,
              },
            ]),
      ],
    },
    {
      title: "Steal",
      actions: [
        {
          name: "Steal this token",
          line: "A thief copies it. See who is refused, and when.",
          run: steal,
        },
        ...(examples.length === 0
          ? []
          : [
              {
                name: "A faster thief",
                line: "The thief rotates first. This time the owner is refused.",
                run: beOvertaken,
              },
            ]),
        {
          name: "Replay an old token",
          line: `Shows a token that was replaced ${lostResponses === "recover" ? "twice" : "once"}. It is refused.`,
          run: replay,
        },
      ],
    },
    {
      title: "Who may enter",
      actions: [
        ...groups.map((group) => ({
          name: `Group “${group.name}”`,
          line: `For ${group.models.map((name) => `${name}s`).join(" and ")}.`,
          run: (page: Page, seat: Seat) => enter(page, seat, group.path),
        })),
        ...models
          .filter(({ name }) => name !== model.name)
          .map((other) => ({
            name: `The ${other.name}’s door`,
            line: `For ${other.name}s only. A token of the ${model.name} is refused.`,
            run: (page: Page, seat: Seat) => enter(page, seat, other.path),
          })),
      ],
    },
  ];
  return all.filter(({ actions }) => actions.length > 0);
}

/** Shows the traffic of the seat, unless it is on the stage already. */
function comeOn(page: Page, seat: Seat): void {
  const { actors, scene } = page.stage.get();
  if (!actors.includes(seat) || scene) showActors(page, [seat]);
}

async function sendOne(page: Page, seat: Seat): Promise<void> {
  comeOn(page, seat);
  const before = seat.recorder.held();
  const reply = await seat.ask(seat.model.path);
  if (!reply.ok) return page.caption.set(refusal(reply));
  const after = seat.recorder.held();
  const left = seat.recorder.windowLeft();
  const change =
    before && after && before !== after
      ? `Token ${before.number} became token ${after.number}.`
      : `Still token ${after?.number}${left > 0 ? `: the next one can come in ${seconds(left)}` : ""}.`;
  page.caption.set(`${reply.message}. ${change}`);
}

async function sendBatch(page: Page, seat: Seat): Promise<void> {
  comeOn(page, seat);
  const replies = await Promise.all(Array.from({ length: batchSize }, () => seat.ask(seat.model.path)));
  const accepted = replies.filter(({ ok }) => ok).length;
  const number = seat.recorder.held()?.number;
  const agree = replies.every(({ hasToken }) => hasToken)
    ? "; all responses agree on"
    : ". The client now holds";
  page.caption.set(`${accepted} of ${batchSize} parallel requests were accepted${agree} token ${number}.`);
}

async function sendStream(page: Page, seat: Seat): Promise<void> {
  if (page.stage.get().scene?.name === "traffic") {
    showActors(page, [seat]);
    return page.caption.set("Stopped.");
  }
  await playScene(
    page,
    "traffic",
    [seat],
    async ({ say, pause }) => {
      const first = seat.recorder.held()?.number ?? 0;
      const ends = Date.now() + stream.length;
      let sent = 0;
      say(`A request every ${seconds(stream.pause)} …`);
      while (Date.now() < ends && (await seat.ask(seat.model.path)).ok) {
        sent += 1;
        await pause(stream.pause);
      }
      const turns = (seat.recorder.held()?.number ?? first) - first;
      say(`${sent} requests, and the token changed ${turns === 1 ? "once" : `${turns} times`}.`);
    },
    { keepsTraffic: true },
  );
}

async function loseResponse(page: Page, seat: Seat): Promise<void> {
  comeOn(page, seat);
  const before = seat.recorder.held();
  seat.recorder.loseNext();
  const reply = await seat.ask(seat.model.path);
  const after = seat.recorder.held();
  if (!reply.ok || !after) return page.caption.set(refusal(reply));
  const got = before === after ? `still token ${after.number}` : `token ${after.number}`;
  page.caption.set(`The response was lost. The client asked again by itself and was given ${got}.`);
}

async function sendSlowly(page: Page, seat: Seat): Promise<void> {
  const { window, batchResponses } = page.description;
  await playScene(
    page,
    "slow",
    [seat],
    async ({ say, pause }) => {
      say(`A request that takes ${seconds(slow)} …`);
      const running = seat.ask(`${seat.model.path}?ms=${slow}`);
      await pause(Math.min(window + 500, slow - 1000));
      say("Meanwhile another request brings a new token. The slow one stays good.");
      await seat.ask(seat.model.path);
      const reply = await running;
      const why =
        reply.ok && !reply.hasToken && batchResponses === "repeat"
          ? "It brings no token, because the client has a newer one by now."
          : "";
      say(reply.ok ? `The slow request was accepted, too. ${why}` : refusal(reply));
    },
    { keepsTraffic: true },
  );
}

async function enter(page: Page, seat: Seat, path: string): Promise<void> {
  comeOn(page, seat);
  const reply = await seat.ask(path);
  if (reply.ok) return page.caption.set(`Let in: ${reply.message}.`);
  const isStranger = reply.status === 401 && reply.code === "unauthenticated";
  page.caption.set(
    isStranger ? "Refused with 401, as it should be. This route is for other accounts." : refusal(reply),
  );
}

/** What a refusal means. */
function refusal({ status, code }: Reply): string {
  if (status === 401) return "The server no longer accepts this token. Sign in again.";
  return status === 0 ? "There was no response." : `Refused with ${status}: ${code ?? "no reason given"}.`;
}

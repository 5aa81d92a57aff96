import { createClientActor, type Seat } from "./actors.js";
import type { Page } from "./page.js";
import { playScene } from "./scene.js";

/** A second client over the same storage is what a second tab is. */
export async function openSecondTab(page: Page, seat: Seat): Promise<void> {
  const { mountAt, name, path } = seat.model;
  const tab = createClientActor(page.network, "Second tab", {
    mountAt,
    model: name,
    config: name,
    validateOnLoad: false,
    readAddress: false,
  });
  tab.recorder.find(tab.client.headersFor(tab.client.authUrl));
  await playScene(
    page,
    "tabs",
    [seat, tab],
    async ({ say, pause, windowOver }) => {
      say("The second tab is signed in already: both read one storage.");
      await pause(1200);
      await windowOver(seat, "Both wait until a new token can come.");
      say("Both send at once, with the same token. Both are given the same new one.");
      await Promise.all([seat.ask(path), tab.ask(path)]);
      await pause(1800);
      await windowOver(seat, "Now only the second tab goes on.");
      say("The second tab is given a new token …");
      await tab.ask(path);
      await pause(Math.min(1600, page.description.window / 3));
      say("… and this tab uses it, too: it looked into the storage before it asked.");
      await seat.ask(path);
    },
    { path, keepsTraffic: true },
  );
}

import type { Actor } from "./actors.js";
import { type Page, showActors } from "./page.js";
import { seconds } from "./rows.js";

/** What a scene uses: it says what happens, waits, and ends when the page shows something else. */
export interface Scene {
  say(sentence: string): void;
  pause(milliseconds: number): Promise<void>;
  /** Waits until the next request of an actor can bring a new token. */
  windowOver(actor: Actor, why?: string): Promise<void>;
}

/** Thrown into a scene that was stopped. */
class Stopped extends Error {}

/** Plays a scene: shows its actors from now on, and runs its steps one after the other. */
export async function playScene(
  page: Page,
  name: string,
  actors: readonly Actor[],
  steps: (scene: Scene) => Promise<void>,
  { path, keepsTraffic = false }: { readonly path?: string; readonly keepsTraffic?: boolean } = {},
): Promise<void> {
  const stop = new AbortController();
  const last = page.network.traffic.entries().at(-1)?.id ?? 0;
  showActors(page, actors, { since: keepsTraffic ? 0 : last + 1, path, scene: { name, stop } });
  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const goOn = (): void => (stop.signal.aborted ? reject(new Stopped()) : resolve());
      const timer = setTimeout(goOn, milliseconds);
      stop.signal.addEventListener(
        "abort",
        () => {
          clearTimeout(timer);
          reject(new Stopped());
        },
        { once: true },
      );
    });
  const say = (sentence: string): void => {
    if (!stop.signal.aborted) page.caption.set(sentence);
  };
  const scene: Scene = {
    say,
    pause,
    async windowOver(actor, why = "Inside the window the token stays the same.") {
      for (let left = actor.recorder.windowLeft(); left > 0; left = actor.recorder.windowLeft()) {
        say(`${why} ${seconds(left)} to go.`);
        await pause(Math.min(left + 60, 500));
      }
    },
  };
  try {
    await steps(scene);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    return;
  }
  const shown = page.stage.get();
  if (shown.scene?.stop === stop) page.stage.set({ ...shown, scene: undefined });
}

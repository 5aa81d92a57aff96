import { useAuth } from "keyturn/react";
import { type ReactElement, useEffect } from "react";
import type { Actor } from "./actors.js";
import { useTraffic } from "./clock.js";
import { Diagram } from "./diagram.js";
import { playExample } from "./example.js";
import { HeldKey } from "./held-key.js";
import { isSignedIn, showActors, usePage } from "./page.js";
import { useStore } from "./store.js";
import { describeEntry } from "./traffic.js";

/** The token, the sentence about it, and the diagram: what is always in sight. */
export function Stage(): ReactElement {
  const page = usePage();
  const { actors, scene, path } = useStore(page.stage);
  const seat = useStore(page.seat);
  const caption = useStore(page.caption);
  useTraffic(page.network.traffic);
  const isOwn = actors.length === 1 && actors[0] === seat;
  const isExample = scene?.name === "example";
  const view = useStore(page.view);
  const isIn = useAuth({ client: seat.client }).status === "signed-in";
  const canPlay = !isIn && !isExample && view === "closed" && page.description.examples.length > 0;
  const [, guest] = actors;
  const windowOf = (actor: Actor): number =>
    actor.id.startsWith("guest") ? (page.description.examples[0]?.window ?? 0) : page.description.window;
  return (
    <section className={actors.length > 1 ? "stage two" : "stage"} aria-label="The token and its traffic">
      <div id="held" className="keys">
        {actors.map((actor) => (
          <HeldKey key={actor.id} actor={actor} window={windowOf(actor)} />
        ))}
      </div>
      <div className="caption-line">
        <p id="outcome" className="outcome" role="status">
          {caption || "Each colour is a token. A new colour is a new token."}
        </p>
        {isExample && (
          <button type="button" className="link" onClick={() => showActors(page, [...actors])}>
            Stop
          </button>
        )}
        {guest && !scene && path && (
          <button type="button" className="secondary small" onClick={() => guest.ask(path)}>
            Send as {guest.label.toLowerCase()}
          </button>
        )}
        {isIn && !isOwn && (
          <button type="button" className="link" onClick={() => showOwn()}>
            Close
          </button>
        )}
        {canPlay && (
          <button type="button" className="link" onClick={() => void playExample(page)}>
            Play the example
          </button>
        )}
      </div>
      <div className="lifelines" aria-hidden="true">
        <span>{nameOf(actors[0], seat)}</span>
        <span>Server</span>
        {guest && <span>{guest.label}</span>}
      </div>
      <Diagram />
      <Legend />
    </section>
  );

  function showOwn(): void {
    page.caption.set("");
    showActors(page, [seat]);
  }
}

function nameOf(actor: Actor | undefined, seat: Actor): string {
  return actor === seat || !actor ? "This page" : actor.label;
}

/** Plays the example for as long as nobody is signed in and nothing else has happened. */
export function useExample(): void {
  const page = usePage();
  useEffect(() => {
    const seat = page.seat.get();
    const timer = setTimeout(() => {
      if (!isSignedIn(seat) && page.view.get() === "closed") void playExample(page);
    }, 150);
    return () => clearTimeout(timer);
  }, [page]);
}

function Legend(): ReactElement {
  return (
    <p className="legend">
      <span className="sample request">request</span>
      <span className="sample response">response</span>
      <span className="sample window">window of a token</span>
    </p>
  );
}

/** What the diagram shows, for whoever cannot see it. */
export function TrafficTable(): ReactElement {
  const page = usePage();
  const { actors, since } = useStore(page.stage);
  const entries = useTraffic(page.network.traffic);
  const shown = entries.filter(({ id, actor }) => id >= since && actors.some((one) => one.id === actor));
  return (
    <details className="fold panel">
      <summary>The diagram as a table</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <section className="table-box" tabIndex={0} aria-label="Table of the traffic">
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Who</th>
              <th scope="col">What happened</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((entry) => (
              <tr key={entry.id}>
                <td>{new Date(entry.at).toLocaleTimeString(undefined, { hour12: false })}</td>
                <td>{actors.find(({ id }) => id === entry.actor)?.label}</td>
                <td>{describeEntry(entry)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

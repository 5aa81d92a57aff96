import { createContext, useContext } from "react";
import { type Actor, createClientActor, createNetwork, type Network, type Seat } from "./actors.js";
import type { Description } from "./server.js";
import { createStore, type Store } from "./store.js";

/** What the diagram shows: one actor, or two side by side. */
export interface Stage {
  readonly actors: readonly Actor[];
  /** Entries before this one are not shown. */
  readonly since: number;
  /** What is playing: the name of a scene, and whether it has ended. */
  readonly scene: { readonly name: string; readonly stop: AbortController } | undefined;
  /** A request that the second actor can be told to send. */
  readonly path: string | undefined;
}

export interface Notice {
  readonly text: string;
  readonly kind: "good" | "bad";
}

/** Which form the account shows to somebody who is not signed in. */
export type View = "closed" | "register" | "sign-in" | "forgot" | "reset";

/** The page's parts, and what they tell each other. */
export interface Page {
  readonly network: Network;
  readonly description: Description;
  readonly seats: readonly Seat[];
  readonly seat: Store<Seat>;
  readonly stage: Store<Stage>;
  /** The sentence under the token: what is happening. */
  readonly caption: Store<string>;
  readonly notice: Store<Notice | undefined>;
  /** The address whose mails are shown; empty: none. */
  readonly mailsTo: Store<string>;
  readonly view: Store<View>;
  /** The address that was typed last. */
  readonly email: Store<string>;
}

const emailKey = "keyturn-demo:email";

export function createPage(description: Description): Page {
  const network = createNetwork(description);
  const seats = description.models.map((model): Seat => {
    const actor = createClientActor(network, "This page", {
      mountAt: model.mountAt,
      model: model.name,
      config: model.name,
    });
    return { ...actor, model };
  });
  const [first] = seats;
  if (!first) throw new TypeError("The server describes no model");
  // A link that was followed says by its configuration whose it is.
  const arrived = seats.find(({ client }) => client.arrival) ?? seats.find(isSignedIn) ?? first;
  const email = createStore(sessionStorage.getItem(emailKey) ?? "");
  email.subscribe(() => sessionStorage.setItem(emailKey, email.get()));
  return {
    network,
    description,
    seats,
    seat: createStore(arrived),
    stage: createStore<Stage>({ actors: [arrived], since: 0, scene: undefined, path: undefined }),
    caption: createStore(""),
    notice: createStore<Notice | undefined>(undefined),
    mailsTo: createStore(""),
    view: createStore<View>("closed"),
    email,
  };
}

export function isSignedIn({ client }: Seat): boolean {
  return client.state.status === "signed-in";
}

/** Chooses a seat and shows its traffic. Whatever is playing stops. */
export function choose(page: Page, seat: Seat): void {
  page.seat.set(seat);
  showActors(page, [seat]);
  page.caption.set("");
}

/** Shows the traffic of some actors; from now on, if a scene with a beginning of its own is about to play. */
export function showActors(
  page: Page,
  actors: readonly Actor[],
  { since = 0, scene, path }: Partial<Omit<Stage, "actors">> = {},
): void {
  const former = page.stage.get();
  former.scene?.stop.abort();
  const stay: ReadonlySet<Actor> = new Set([...actors, ...page.seats]);
  for (const actor of former.actors) if (!stay.has(actor)) actor.leave();
  page.stage.set({ actors, since, scene, path });
}

export const PageContext = createContext<Page | null>(null);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new TypeError("There is no page above");
  return page;
}

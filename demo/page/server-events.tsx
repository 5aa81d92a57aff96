import { useAuth } from "keyturn/react";
import { type ReactElement, useEffect, useRef, useState } from "react";
import { useTraffic } from "./clock.js";
import { usePage } from "./page.js";
import { apiUrl } from "./server.js";
import { useStore } from "./store.js";

interface ServerEvent {
  readonly id: number;
  readonly name: string;
  readonly at: string;
  readonly model?: string;
  readonly accountId?: string;
  readonly reason?: string;
}

/** What the events mean, for the ones that a visitor of this page meets. */
const meanings: Readonly<Record<string, string>> = {
  "token.reused": "A token that was replaced long ago was shown again: somebody may hold a copy.",
  "token.late": "The token before the current one was shown after its window.",
  "token.forged": "A token was shown that this server never issued.",
  "token.ahead": "A token was shown that does not exist yet.",
  "sign_in.failed": "Somebody tried to sign in and failed.",
  "password.change_failed": "A change was tried with a wrong current password.",
  "sign_in.failed unconfirmed": "The password was right, the address is not confirmed yet.",
};

const mostEvents = 40;

/** The server's own report of what it noticed, newest first. */
export function ServerEvents(): ReactElement {
  const page = usePage();
  const { client, model } = useStore(page.seat);
  const { account } = useAuth({ client });
  const events = useEvents();
  return (
    <section id="events" className="panel" aria-labelledby="events-title">
      <h2 id="events-title">What the server noticed</h2>
      {events.length === 0 && (
        <p className="hint">Nothing yet. Sign-ins, refused tokens and the like are listed here.</p>
      )}
      {events.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        <section className="events-box" tabIndex={0} aria-label="Events, newest first">
          <ol className="events" reversed>
            {events.map((event) => (
              <EventLine
                key={event.id}
                event={event}
                isOwn={event.model === model.name && event.accountId === String(account?.id)}
              />
            ))}
          </ol>
        </section>
      )}
    </section>
  );
}

function EventLine({ event, isOwn }: { readonly event: ServerEvent; readonly isOwn: boolean }): ReactElement {
  const { name, reason, at, model, accountId } = event;
  const meaning = meanings[`${name} ${reason}`] ?? meanings[name];
  const isAlarming = (name.startsWith("token.") || name.endsWith("failed")) && reason !== "unconfirmed";
  const owner = accountId === undefined ? "no account" : `account ${accountId}`;
  return (
    <li className={isAlarming ? "alarming" : ""}>
      <p className="event-line">
        <code>{name}</code>
        <time dateTime={at}>{new Date(at).toLocaleTimeString(undefined, { hour12: false })}</time>
      </p>
      {model !== undefined && <p className="hint">{isOwn ? "this account" : `${model}, ${owner}`}</p>}
      {meaning && <p className="hint">{meaning}</p>}
    </li>
  );
}

/** Asks after each response, because each may have caused an event. */
function useEvents(): readonly ServerEvent[] {
  const page = usePage();
  const [events, setEvents] = useState<readonly ServerEvent[]>([]);
  const newest = useRef(0);
  const last = useTraffic(page.network.traffic).findLast(({ kind }) => kind !== "sent" && kind !== "note");
  const lastId = last?.id ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each response is a reason to ask
  useEffect(() => {
    // Many responses come together: one question for all of them.
    const timer = setTimeout(async () => {
      const response = await fetch(`${apiUrl}/demo/events?after=${newest.current}`, {
        cache: "no-store",
      }).catch(() => undefined);
      if (!response?.ok) return;
      const { data }: { readonly data: readonly ServerEvent[] } = await response.json();
      const [first] = data;
      if (!first) return;
      // Ids start again with the server.
      const isNew = first.id <= newest.current;
      newest.current = data.at(-1)?.id ?? 0;
      setEvents((known) => [...data.toReversed(), ...(isNew ? [] : known)].slice(0, mostEvents));
    }, 150);
    return () => clearTimeout(timer);
  }, [lastId]);
  return events;
}

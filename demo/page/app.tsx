import { finishSignIn } from "keyturn/client/popup";
import { AuthProvider, useAuth } from "keyturn/react";
import { type ReactElement, useEffect } from "react";
import type { Seat } from "./actors.js";
import { Controls } from "./controls.js";
import { Devices } from "./devices.js";
import { Mailbox } from "./mailbox.js";
import { messagesOf, refusalText } from "./messages.js";
import { choose, type Page, PageContext, usePage } from "./page.js";
import { apiUrl } from "./server.js";
import { ServerEvents } from "./server-events.js";
import { AccountBar, AccountPanel } from "./signed-in.js";
import { SignedOut } from "./signed-out.js";
import { Stage, TrafficTable, useExample } from "./stage.js";
import { useStore } from "./store.js";

export function App({ page }: { readonly page: Page }): ReactElement {
  const { client } = useStore(page.seat);
  return (
    <PageContext value={page}>
      <AuthProvider client={client}>
        <Layout />
      </AuthProvider>
    </PageContext>
  );
}

function Layout(): ReactElement {
  const page = usePage();
  const seat = useStore(page.seat);
  const { status } = useAuth({ client: seat.client });
  const isIn = status === "signed-in";
  useExample();
  useArrival();
  useSessions();
  return (
    <>
      <a className="skip" href={isIn ? "#controls" : "#account"}>
        Skip to the controls
      </a>
      <header className="top">
        <a className="wordmark" href="./">
          <img src="./icon.svg" alt="" width="26" height="26" />
          Keyturn
        </a>
        <ModelChoice />
        {page.description.inbox && <a href={`${apiUrl}/inbox`}>Inbox</a>}
      </header>
      <main className={isIn ? "columns signed-in" : "columns signed-out"}>
        <div className="intro">
          <h1>A key that turns with every request</h1>
          {!isIn && (
            <p className="lead">The access token changes while you use it. Every arrow is real traffic.</p>
          )}
          <NoticeLine />
          <Mailbox />
          {isIn ? <AccountBar /> : <SignedOut key={seat.id} />}
        </div>
        <Stage />
        <div className="side">
          {isIn && <Controls />}
          {isIn && <Devices key={seat.id} />}
          {isIn && <AccountPanel key={`${seat.id} account`} />}
          {page.description.events && <ServerEvents />}
          <TrafficTable />
        </div>
      </main>
    </>
  );
}

/** Which kind of account the page acts for. Each has a session of its own, and both can be signed in. */
function ModelChoice(): ReactElement | null {
  const page = usePage();
  const seat = useStore(page.seat);
  if (page.seats.length < 2) return null;
  return (
    <fieldset id="choice" className="tabs">
      <legend className="visually-hidden">Act as</legend>
      {page.seats.map((one) => (
        <button
          key={one.id}
          type="button"
          className="tab"
          aria-pressed={one === seat}
          onClick={() => {
            page.view.set("closed");
            page.mailsTo.set("");
            page.notice.set(undefined);
            choose(page, one);
          }}
        >
          {one.model.name}
        </button>
      ))}
    </fieldset>
  );
}

function NoticeLine(): ReactElement {
  const { notice } = usePage();
  const shown = useStore(notice);
  return (
    <div role="status">
      {shown && <p className={shown.kind === "bad" ? "notice bad" : "notice"}>{shown.text}</p>}
    </div>
  );
}

/** Says what a link in a mail, or a provider, has brought about. */
function useArrival(): void {
  const page = usePage();
  useEffect(() => {
    const good = (text: string): void => page.notice.set({ kind: "good", text });
    const bad = (text: string): void => page.notice.set({ kind: "bad", text });
    const arrival = page.seat.get().client.arrival;
    const unlocked = new URLSearchParams(location.search).get("unlock");
    if (unlocked !== null) {
      history.replaceState(history.state, "", location.pathname);
      if (unlocked === "true") good("The account is unlocked. Sign in now.");
      else bad("The link was used already, or is too old.");
      page.view.set("sign-in");
    }
    if (arrival?.kind === "confirmed" && arrival.ok) good("The address is confirmed. Sign in now.");
    else if (arrival?.kind === "confirmed") bad("The link was used already, or is too old.");
    if (arrival?.kind === "confirmed") page.view.set("sign-in");
    if (arrival?.kind === "password-reset-ready") {
      if (!arrival.ok) bad("The link was used already, or is too old.");
      page.view.set(arrival.ok ? "reset" : "forgot");
    }
    if (arrival?.kind === "oauth-failed") bad(refusalText(arrival.error));
    if (arrival?.kind === "signed-in" && arrival.registered) good("You have a new account.");
    // A provider's sign-in in this window: the client that began it goes on.
    const { headerNames: headersNames } = page.description;
    for (const seat of page.seats)
      finishSignIn(seat.client, { headersNames }).then(
        (finished) => finished && chooseSignedIn(page, seat),
        (error: unknown) => bad(messagesOf(error).join(" ")),
      );
  }, [page]);
}

function chooseSignedIn(page: Page, seat: Seat): void {
  choose(page, seat);
  page.caption.set("Signed in. Send a request and watch the token.");
}

/** What changes on the page when somebody signs in or out. */
function useSessions(): void {
  const page = usePage();
  useEffect(() => {
    const ends = page.seats.flatMap((seat) => [
      seat.client.on("signed-in", () => {
        page.view.set("closed");
        page.mailsTo.set("");
        if (page.seat.get() !== seat) return;
        chooseSignedIn(page, seat);
      }),
      seat.client.on("signed-out", ({ reason }) => {
        if (page.seat.get() !== seat) return;
        page.view.set("closed");
        if (reason === "signed-out") page.caption.set("");
        else
          page.notice.set({ kind: "bad", text: "The server no longer accepts this token. Sign in again." });
      }),
      seat.client.on("oauth-registered", () =>
        page.notice.set({ kind: "good", text: "You have a new account." }),
      ),
    ]);
    return () => {
      for (const end of ends) end();
    };
  }, [page]);
}

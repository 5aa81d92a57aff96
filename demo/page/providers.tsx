import { isKeyturnError } from "keyturn/client";
import { signInWith } from "keyturn/client/popup";
import type { ReactElement } from "react";
import type { Seat } from "./actors.js";
import { messagesOf } from "./messages.js";
import { showActors, usePage } from "./page.js";
import type { Description } from "./server.js";
import { useStore } from "./store.js";

/** A button for each provider of the model, for a popup and for this window. */
export function Providers(): ReactElement {
  const page = usePage();
  const seat = useStore(page.seat);
  const enter = (provider: string, isHere: boolean): void => {
    showActors(page, [seat]);
    page.notice.set(undefined);
    // In the click's own turn, or the browser blocks the window.
    const { headerNames: headersNames } = page.description;
    signInByClick(seat, provider, isHere, headersNames).catch((error: unknown) =>
      page.notice.set({ kind: "bad", text: messagesOf(error).join(" ") }),
    );
  };
  return (
    <>
      {seat.model.providers.map(({ name, label }) => (
        <div key={name} className="provider">
          <button type="button" className="secondary small" onClick={() => enter(name, false)}>
            Sign in with {label}
          </button>
          <button type="button" className="link" onClick={() => enter(name, true)}>
            in this window
          </button>
        </div>
      ))}
    </>
  );
}

async function signInByClick(
  { client }: Seat,
  provider: string,
  isHere: boolean,
  headersNames: Description["headerNames"],
): Promise<void> {
  if (isHere) return signInWith(client, provider, { windowType: "sameWindow" });
  return signInWith(client, provider, { headersNames }).catch((error: unknown) => {
    if (isKeyturnError(error) && error.code === "popup_blocked")
      return signInWith(client, provider, { windowType: "sameWindow" });
    throw error;
  });
}

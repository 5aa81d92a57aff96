import { type ReactElement, type ReactNode, useEffect, useRef, useState } from "react";
import { usePage } from "./page.js";
import { apiUrl, isSameOrigin } from "./server.js";
import { useStore } from "./store.js";

interface Mail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly sentAt: string;
}

/** Milliseconds between two looks into the inbox while mails are expected. */
const rhythm = 1500;

/** The mails to one address, next to where they are needed. The newest one is open. */
export function Mailbox(): ReactElement | null {
  const page = usePage();
  const address = useStore(page.mailsTo);
  const mails = useMails(page.description.inbox ? address : "");
  const [chosen, setChosen] = useState<string>();
  const heading = useRef<HTMLHeadingElement>(null);
  // Whoever has just asked for a mail goes on with the mail, not with the form.
  useEffect(() => {
    if (!address) return;
    heading.current?.focus({ preventScroll: true });
    heading.current?.scrollIntoView({ block: "nearest" });
  }, [address]);
  if (!address || !page.description.inbox) return null;
  const open = mails.find(({ id }) => id === chosen) ?? mails[0];
  return (
    <section id="mailbox" className="panel" aria-labelledby="mailbox-title">
      <h2 id="mailbox-title" ref={heading} tabIndex={-1}>
        Mail to {address}
      </h2>
      {mails.length === 0 && <p className="hint">Waiting for the mail …</p>}
      {mails.length > 0 && (
        <ul className="mails">
          {mails.map((mail) => (
            <li key={mail.id}>
              <button
                type="button"
                className="mail-line"
                aria-expanded={mail === open}
                onClick={() => setChosen(mail.id)}
              >
                <b>{mail.subject}</b>
                <time dateTime={mail.sentAt}>
                  {new Date(mail.sentAt).toLocaleTimeString(undefined, { hour12: false })}
                </time>
              </button>
            </li>
          ))}
        </ul>
      )}
      {open && <OpenMail mail={open} />}
      <p className="mailbox-link">
        <a href={`${apiUrl}/inbox?to=${encodeURIComponent(address)}`}>Open the inbox</a>
      </p>
    </section>
  );
}

/**
 * The HTML of a mail is foreign to this page: it is shown in a frame without scripts and without this page's origin, and its links open
 * in the whole window. Another origin may not frame it, so there it is text.
 */
function OpenMail({ mail }: { readonly mail: Mail }): ReactElement {
  if (!isSameOrigin || !mail.html) return <pre className="mail-text">{linked(mail.text)}</pre>;
  return (
    <iframe
      className="mail-frame"
      title={`Mail: ${mail.subject}`}
      src={`/inbox/messages/${mail.id}/html`}
      sandbox="allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
    />
  );
}

function linked(text: string): readonly ReactNode[] {
  return text.split(/(https?:\/\/[^\s<>"]+)/).map((part, index) =>
    index % 2 === 1 ? (
      <a key={part} href={part}>
        {part}
      </a>
    ) : (
      part
    ),
  );
}

function useMails(address: string): readonly Mail[] {
  const [mails, setMails] = useState<readonly Mail[]>([]);
  useEffect(() => {
    setMails([]);
    if (!address) return undefined;
    let isOver = false;
    const look = async (): Promise<void> => {
      const response = await fetch(`${apiUrl}/inbox/messages?to=${encodeURIComponent(address)}`, {
        cache: "no-store",
      }).catch(() => undefined);
      const found: readonly Mail[] | undefined = response?.ok ? await response.json() : undefined;
      // The same mails again would load the open one anew.
      if (found && !isOver) setMails((known) => (known.length === found.length ? known : found));
    };
    void look();
    const timer = setInterval(look, rhythm);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [address]);
  return mails;
}

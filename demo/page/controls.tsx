import { type ReactElement, useState } from "react";
import { type Action, actionsFor } from "./actions.js";
import { usePage } from "./page.js";
import { useStore } from "./store.js";

/** The buttons that send traffic, in groups, each with one line about what it does. */
export function Controls(): ReactElement {
  const page = usePage();
  const seat = useStore(page.seat);
  return (
    <section id="controls" className="controls" aria-label="Requests">
      {actionsFor(page, seat).map(({ title, actions }) => (
        <section key={title} className="group" aria-label={title}>
          <h2>{title}</h2>
          <div className="actions">
            {actions.map((action) => (
              <ActionButton key={action.name} action={action} />
            ))}
          </div>
        </section>
      ))}
    </section>
  );
}

function ActionButton({ action }: { readonly action: Action }): ReactElement {
  const page = usePage();
  const seat = useStore(page.seat);
  const [isRunning, setRunning] = useState(false);
  const press = async (): Promise<void> => {
    page.notice.set(undefined);
    setRunning(true);
    try {
      await action.run(page, seat);
    } finally {
      setRunning(false);
    }
  };
  return (
    <div className={action.look ? `action ${action.look}-action` : "action"}>
      <button type="button" aria-describedby={idOf(action)} onClick={press}>
        {action.name}
        <span className="end" aria-hidden="true">
          {isRunning ? "…" : "→"}
        </span>
      </button>
      <p id={idOf(action)} className="hint">
        {action.line}
      </p>
    </div>
  );
}

function idOf({ name }: Action): string {
  return `about-${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
}

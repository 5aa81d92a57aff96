import type { ReactElement } from "react";
import type { Actor } from "./actors.js";
import { useNow } from "./clock.js";
import { KeyShape, variables } from "./keys.js";
import { usePage } from "./page.js";
import { seconds } from "./rows.js";

const vacant = [2, 4, 1, 3, 0, 2, 4, 1];

/** The token that an actor holds, drawn as a key. It turns when it is replaced. */
export function HeldKey({ actor, window }: { readonly actor: Actor; readonly window: number }): ReactElement {
  const { rotates } = usePage().description;
  useNow(true);
  const token = actor.recorder.held();
  const left = actor.recorder.windowLeft();
  const newer = actor.recorder.replacedBy();
  return (
    <div className={token ? "held" : "held vacant"} style={variables({ "--hue": token?.hue ?? 0 })}>
      <div className="held-drawing">
        <div className={token && token.number > 1 ? "turning" : ""} key={token?.number ?? 0}>
          <KeyShape cuts={token?.cuts ?? vacant} />
        </div>
      </div>
      <div className="held-text">
        <p className="held-title">
          <b>{token ? `Token ${token.number}` : "No token"}</b> {token && <code>{token.short}</code>}
        </p>
        <p className="held-detail">
          {!token && "Nobody is signed in here."}
          {token && (newer ? `Replaced by token ${newer.number}.` : explain(left, rotates, window))}
        </p>
        <div className="meter" aria-hidden="true">
          <i style={variables({ "--left": window === 0 ? 0 : Math.min(1, left / window) })} />
        </div>
      </div>
    </div>
  );
}

/** @param left milliseconds of the window */
function explain(left: number, rotates: boolean, window: number): string {
  if (!rotates) return "This server keeps one token for a session.";
  if (window === 0) return "Each request brings a new token.";
  if (left <= 0) return "A request brings a new token.";
  return `A new token is possible in ${seconds(Math.max(left, 100))}.`;
}

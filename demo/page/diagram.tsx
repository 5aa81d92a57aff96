import { type ReactElement, useEffect, useLayoutEffect, useMemo, useRef } from "react";
import { useNow, useTraffic } from "./clock.js";
import { KeyChip, variables } from "./keys.js";
import { usePage } from "./page.js";
import { type Band, type LaneState, layOut, type Row, seconds } from "./rows.js";
import { useStore } from "./store.js";
import type { Entry } from "./traffic.js";

const mostArrows = 40;

/** The sequence diagram: a row for each request and response, in the order they happened, and a tint for each window. */
export function Diagram(): ReactElement {
  const page = usePage();
  const { actors, since } = useStore(page.stage);
  const entries = useTraffic(page.network.traffic);
  const rows = useMemo(
    () =>
      layOut(
        entries.filter(({ id }) => id >= since),
        actors.map(({ id }) => id),
      ),
    [entries, actors, since],
  );
  const scroller = useRef<HTMLElement>(null);
  const isAtEnd = useRef(true);
  const rememberPlace = (): void => {
    const box = scroller.current;
    if (box) isAtEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  };
  // Another scene begins at its end.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stage is what it depends on
  useEffect(() => {
    isAtEnd.current = true;
  }, [actors, since]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a row more is what moves the end
  useLayoutEffect(() => {
    const box = scroller.current;
    if (box && isAtEnd.current) box.scrollTop = box.scrollHeight;
  }, [rows]);
  return (
    <section
      id="scroller"
      ref={scroller}
      className="scroller"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
      tabIndex={0}
      aria-label="Sequence diagram of the traffic; the table below says the same"
      onScroll={rememberPlace}
    >
      {rows.length === 0 && <p className="empty">Nothing has been sent yet.</p>}
      <div className="rows" aria-hidden="true">
        {rows.map((row) => (
          <DiagramRow key={row.key} row={row} />
        ))}
        <div className="row rest">
          {actors.map(({ id }, lane) => (
            <RestCell key={id} lane={lane} state={rows.at(-1)?.lanes[lane]} />
          ))}
        </div>
      </div>
    </section>
  );
}

function DiagramRow({ row }: { readonly row: Row }): ReactElement {
  return (
    <div className="row">
      {row.lanes.map(({ held, band }, lane) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a lane is known by its place
        <Cell key={lane} lane={lane} held={held} band={band} row={row.lane === lane ? row : undefined} />
      ))}
    </div>
  );
}

interface CellProps {
  readonly lane: number;
  readonly held: number | undefined;
  readonly band: Band | undefined;
  readonly row?: Row | undefined;
}

/** The part of a row that belongs to one lane: an arrow with its label, or only the two lines. */
function Cell({ lane, held, band, row }: CellProps): ReactElement {
  const { kind, token, text, status } = row?.entry ?? {};
  const looks = [
    "cell",
    lane === 1 ? "mirrored" : "",
    row ? (kind ?? "") : "idle",
    band ? "banded" : "",
    held === undefined ? "unheld" : "",
    (status ?? 0) >= 400 || (kind === "answered" && text) ? "refused" : "",
    token ? "" : "plain",
  ];
  return (
    <div
      className={looks.filter(Boolean).join(" ")}
      style={variables({ "--hue": token?.hue, "--held": held, "--band": band?.token.hue })}
    >
      {row?.opens && band && <BandLabel band={band} />}
      {row && kind === "note" && <p className="remark">{text}</p>}
      {row && kind !== "note" && (
        <>
          <div className="row-label">
            <Label entry={row.entry} row={row} />
          </div>
          <div className="arrows">
            {Array.from({ length: Math.min(row.count, mostArrows) }, (_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: arrows are alike
              <i className="arrow" key={index} />
            ))}
          </div>
        </>
      )}
    </div>
  );
}

/** What is below the last row: now. */
function RestCell({
  lane,
  state,
}: {
  readonly lane: number;
  readonly state: LaneState | undefined;
}): ReactElement {
  const { held, band } = state ?? {};
  const now = useNow(band !== undefined && Date.now() < band.ends);
  return <Cell lane={lane} held={held} band={band && now < band.ends ? band : undefined} />;
}

function BandLabel({ band }: { readonly band: Band }): ReactElement {
  const isOpen = Date.now() < band.ends;
  const now = useNow(isOpen);
  const left = band.ends - now;
  return (
    <p className={left > 0 ? "band-label open" : "band-label"}>
      Window of token {band.token.number}: {left > 0 ? `${seconds(left)} left` : "over"}
    </p>
  );
}

function Label({ entry, row }: { readonly entry: Entry; readonly row: Row }): ReactElement {
  const { kind, method, path, token, status, took, text } = entry;
  const times = row.count > 1 && <b className="times">× {row.count}</b>;
  const chip = token && <KeyChip token={token} isFresh={entry.fresh === true} />;
  if (kind === "sent")
    return (
      <>
        <span className="what">
          <b>{method}</b> <span className="path">{path}</span>
        </span>
        {times}
        {chip ?? <span className="none">no token</span>}
      </>
    );
  if (kind === "failed") return <span className="reason">No response</span>;
  const end = (
    <span className="status">
      <b>{status}</b>
      {times}
      {took !== undefined && (
        <span className="took">{row.count > 1 ? `≤ ${row.slowest} ms` : `${took} ms`}</span>
      )}
    </span>
  );
  if (kind === "lost")
    return (
      <>
        <span className="reason">lost on the way</span>
        {chip}
        {end}
      </>
    );
  return (
    <>
      {chip ?? (text ? undefined : <span className="none">no token</span>)}
      {text && <span className="reason">{text}</span>}
      {end}
    </>
  );
}

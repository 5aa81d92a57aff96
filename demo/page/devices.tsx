import { type Client, isKeyturnError } from "keyturn/client";
import { type ReactElement, useState } from "react";
import { createClientActor, type Seat } from "./actors.js";
import { passwordOf } from "./ada.js";
import { Form } from "./form.js";
import { messagesOf } from "./messages.js";
import { type Page, showActors, usePage } from "./page.js";
import { useStore } from "./store.js";

type Device = Awaited<ReturnType<Client["sessions"]>>[number];

/** The list of the account's sessions. Reading it is a request like any other, so it is read when asked for. */
export function Devices(): ReactElement {
  const page = usePage();
  const seat = useStore(page.seat);
  const { client, model } = seat;
  const [devices, setDevices] = useState<readonly Device[]>();
  const [isAsked, setAsked] = useState(false);
  const load = async (): Promise<void> => setDevices(await client.sessions());
  const run = (work: () => Promise<unknown>): void => {
    work()
      .then(load)
      .catch((error: unknown) => {
        if (isKeyturnError(error) && error.code === "signed_out") return;
        page.notice.set({ kind: "bad", text: messagesOf(error).join(" ") });
      });
  };
  const email = String(client.state.account?.email ?? "");
  const askOrOpen = (): void => {
    const known = passwordOf(model, email);
    if (known) run(() => open(known));
    else setAsked(true);
  };
  const open = async (password: string): Promise<void> => {
    await addDevice(page, seat, email, password);
    setAsked(false);
  };
  return (
    <section id="devices" className="panel" aria-labelledby="devices-title">
      <h2 id="devices-title">Devices</h2>
      <p className="hint">
        Each device has a session and tokens of its own. Ending one leaves the others alone.
      </p>
      <ul className="devices">
        {(devices ?? []).map((device, index) => (
          <DeviceLine
            key={device.id}
            device={device}
            number={index + 1}
            end={() => run(() => client.endSession(device.id))}
          />
        ))}
      </ul>
      <div className="buttons">
        <button type="button" className="secondary small" onClick={() => run(async () => {})}>
          {devices ? "Refresh" : "Show the list"}
        </button>
        {devices && devices.length > 1 && (
          <button
            type="button"
            className="secondary small"
            onClick={() => run(() => client.endOtherSessions())}
          >
            End all others
          </button>
        )}
        <button type="button" className="secondary small" onClick={askOrOpen}>
          Sign in on another device
        </button>
      </div>
      {isAsked && (
        <Form
          fields={[
            {
              name: "password",
              label: `Password of ${email}`,
              type: "password",
              autoComplete: "current-password",
              required: true,
            },
          ]}
          username={email}
          submit="Sign in there"
          focusFirst
          work={async ({ password = "" }) => {
            await open(password);
            await load();
          }}
        />
      )}
    </section>
  );
}

/** Signs in a second time, with a storage of its own, and shows the two side by side. */
async function addDevice(page: Page, seat: Seat, email: string, password: string): Promise<void> {
  const { mountAt, name, path } = seat.model;
  const device = createClientActor(page.network, "Other device", {
    mountAt,
    model: name,
    storage: "memory",
    readAddress: false,
  });
  await device.client.signIn({ email, password });
  showActors(page, [seat, device], { path });
  page.caption.set("The other device has tokens of its own. End its session in the list, then let it send.");
}

interface DeviceLineProps {
  readonly device: Device;
  readonly number: number;
  readonly end: () => void;
}

function DeviceLine({ device, number, end }: DeviceLineProps): ReactElement {
  const name = device.label || browserOf(device.user_agent);
  const begun = timeOf(device.created_at);
  return (
    <li>
      <div>
        <b>{name}</b>
        {device.current && <span className="tag">this device</span>}
        <p className="hint">
          Signed in {begun}, last seen {timeOf(device.last_seen_at)}
        </p>
      </div>
      <button
        type="button"
        className="link"
        aria-label={`End session ${number}: ${device.current ? "this device" : name}, signed in ${begun}`}
        onClick={end}
      >
        End
      </button>
    </li>
  );
}

/** The time of day, with the date where it was another day. */
function timeOf(moment: string): string {
  const date = new Date(moment);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday
    ? date.toLocaleTimeString(undefined, { hour12: false })
    : date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short", hour12: false });
}

function browserOf(userAgent: string | null): string {
  const known = /(Firefox|Edg|Chrome|Safari)\/?/.exec(userAgent ?? "")?.[1] ?? "";
  return known === "Edg" ? "Edge" : known || userAgent || "Unknown device";
}

import { type Client, type ClientOptions, createClient, isKeyturnError } from "keyturn/client";
import { createRecorder, type Recorder, type RecorderOptions } from "./recorder.js";
import { apiUrl, type Description, type Model } from "./server.js";
import { createTokenBook, type Token, type TokenBook } from "./tokens.js";
import { createTraffic, type Traffic } from "./traffic.js";

/** What came of one request. */
export interface Reply {
  readonly ok: boolean;
  /** 0 without a response. */
  readonly status: number;
  readonly message: string;
  /** Of a refusal, or why there is no response. */
  readonly code: string | undefined;
  readonly hasToken: boolean;
}

/** Somebody who sends requests: this page, a second tab, another device, a thief. */
export interface Actor {
  readonly id: string;
  readonly label: string;
  readonly recorder: Recorder;
  /** Sends a GET request. Never rejects. */
  ask(path: string): Promise<Reply>;
  /** Ends what it listens to, when it leaves the stage for good. */
  leave(): void;
}

/** An actor with a client of its own: it signs in and keeps its token. */
export interface ClientActor extends Actor {
  readonly client: Client;
}

/** This page in the role of one model. */
export interface Seat extends ClientActor {
  readonly model: Model;
}

/** What all actors share. */
export interface Network {
  readonly description: Description;
  readonly traffic: Traffic;
  readonly book: TokenBook;
  /** `own`: what differs for an actor of another server. */
  recorder(actor: string, own?: Partial<Pick<RecorderOptions, "window" | "headerNames">>): Recorder;
}

export function createNetwork(description: Description): Network {
  const traffic = createTraffic();
  const book = createTokenBook();
  const shared = { windows: new Map<string, number>(), opened: new Set<Token>() };
  const { headerNames } = description;
  return {
    description,
    traffic,
    book,
    recorder: (actor, own) =>
      createRecorder({
        apiUrl,
        send: (request) => fetch(request, { cache: "no-store" }),
        actor,
        traffic,
        book,
        ...shared,
        window: description.window,
        headerNames,
        ...own,
      }),
  };
}

let made = 0;

/** Makes an actor with a client. `options` are those of the client that differ from the demo's usual ones. */
export function createClientActor(
  network: Network,
  label: string,
  options: Partial<ClientOptions> & { readonly mountAt: string; readonly model: string },
): ClientActor {
  made += 1;
  const id = `${options.model}-${made}`;
  const { description } = network;
  const { window = description.window, headersNames = description.headerNames } = options;
  const recorder = network.recorder(id, { window, headerNames: headersNames });
  const client = createClient({
    apiUrl,
    ...options,
    window,
    headersNames,
    fetch: recorder.fetch,
  });
  client.on("signed-out", recorder.forget);
  return { id, label, recorder, client, ask: (path) => asking(client.fetch(path)), leave: client.dispose };
}

/** An actor that shows one copied token again and again. */
export interface Thief extends Actor {
  /** Takes a copy of what there is now. */
  copy(): void;
}

/** `read`: the headers that can be stolen. The thief has a lane of its own, or uses the one of another actor. */
export function createThief(
  network: Network,
  read: () => Readonly<Record<string, string>>,
  lane?: string,
): Thief {
  made += 1;
  const id = lane ?? `thief-${made}`;
  const recorder = network.recorder(id);
  let headers: Readonly<Record<string, string>> = {};
  return {
    id,
    label: "The thief",
    recorder,
    copy: () => {
      headers = read();
    },
    ask: (path) => asking(recorder.fetch(new Request(apiUrl + path, { headers }))),
    leave() {},
  };
}

async function asking(sending: Promise<Response>): Promise<Reply> {
  try {
    const response = await sending;
    const body: { readonly data?: { readonly message?: string }; readonly code?: string } = await response
      .json()
      .catch(() => ({}));
    return {
      ok: response.ok,
      status: response.status,
      message: body.data?.message ?? "Accepted",
      code: body.code,
      hasToken: Boolean(response.headers.get("access-token")),
    };
  } catch (error) {
    const code = isKeyturnError(error) ? error.code : "network";
    return { ok: false, status: 0, message: "", code, hasToken: false };
  }
}

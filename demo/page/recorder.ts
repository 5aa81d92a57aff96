import type { Token, TokenBook } from "./tokens.js";
import type { NewEntry, Traffic } from "./traffic.js";

/** The network of one actor: it passes requests on and records them, and can lose what comes back. */
export interface Recorder {
  readonly fetch: (request: Request) => Promise<Response>;
  /** The token held, as far as the traffic shows. */
  held(): Token | undefined;
  /** The newest token of the session, if it is another one than the token held. */
  replacedBy(): Token | undefined;
  /** Milliseconds until a request can bring a new token. */
  windowLeft(): number;
  /** Throws the next response away, as a bad network would. `forGood`: and is offline from that moment on. */
  loseNext(how?: { readonly forGood: boolean }): void;
  /** While it is off, nothing goes out and nothing is recorded. */
  setOnline(online: boolean): void;
  note(text: string): void;
  /** Takes notice of a token that did not come in a response, but out of the storage. */
  find(headers: Readonly<Record<string, string>>): void;
  /** Forgets the token: the session is over. */
  forget(): void;
}

export interface RecorderOptions {
  readonly apiUrl: string;
  /** What passes the requests on. */
  readonly send: (request: Request) => Promise<Response>;
  readonly actor: string;
  readonly traffic: Traffic;
  readonly book: TokenBook;
  /** Milliseconds. */
  readonly window: number;
  readonly headerNames: Readonly<Record<string, string>>;
  /** When the window of a session ends: shared by all actors, because several may share a session. */
  readonly windows: Map<string, number>;
  /** Tokens whose window has begun. */
  readonly opened: Set<Token>;
}

interface Received {
  readonly session: string;
  readonly token: Token;
  readonly expiry: number;
}

export function createRecorder({
  apiUrl,
  send,
  actor,
  traffic,
  book,
  window,
  headerNames,
  windows,
  opened,
}: RecorderOptions): Recorder {
  const nameOf = (field: string): string => headerNames[field] ?? field;
  let held: Token | undefined;
  let session: string | undefined;
  let expiry = 0;
  /** The session that has ended here: what is still under way for it does not bring it back. */
  let ended: string | undefined;
  let losses = 0;
  let isLostForGood = false;
  let isOnline = true;

  /** The token of a request or a response; one that is blank counts as none. */
  function tokenIn(headers: Headers): Received | undefined {
    const token = headers.get(nameOf("access-token"))?.trim();
    const owner = headers.get(nameOf("client"))?.trim();
    if (!token || !owner) return undefined;
    return {
      session: owner,
      token: book.describe(owner, token),
      expiry: Number(headers.get(nameOf("expiry")) ?? 0),
    };
  }

  /** When the window ends that a token begins, if nobody has seen the token before. */
  function windowOf({ session: owner, token }: Received): number | undefined {
    if (book.newest(owner) !== token || opened.has(token)) return undefined;
    opened.add(token);
    const ends = Date.now() + window;
    windows.set(owner, ends);
    return window === 0 ? undefined : ends;
  }

  /** Keeps the newest token. Returns whether it is another one than before. */
  function keep(received: Received): boolean {
    if (received.session === ended) return false;
    const isOther = received.session !== session;
    if (!isOther && received.expiry < expiry) return false;
    const isFresh = isOther || received.token !== held;
    session = received.session;
    held = received.token;
    expiry = received.expiry;
    return isFresh;
  }

  async function recorded(request: Request): Promise<Response> {
    if (!isOnline) throw new TypeError("Offline");
    const shown = tokenIn(request.headers);
    const path = request.url.replace(apiUrl, "").split("?")[0] ?? "";
    const common = { actor, method: request.method, path };
    const began = performance.now();
    if (shown && held === undefined && shown.session !== ended) {
      held = shown.token;
      session = shown.session;
    }
    const write = (entry: Pick<NewEntry, "kind"> & Partial<NewEntry>): void =>
      traffic.record({ ...common, at: Date.now(), session: shown?.session, token: undefined, ...entry });
    write({ kind: "sent", token: shown?.token });
    const isLost = losses > 0;
    if (isLost) losses -= 1;
    let response: Response;
    try {
      response = await send(request);
    } catch (error) {
      write({ kind: "failed" });
      throw error;
    }
    const took = Math.round(performance.now() - began);
    const { status } = response;
    const received = tokenIn(response.headers);
    const windowEnds = received && windowOf(received);
    const arrived = {
      status,
      took,
      session: received?.session ?? shown?.session,
      token: received?.token,
      ...(windowEnds === undefined ? {} : { windowEnds }),
    };
    if (isLost) {
      if (isLostForGood) isOnline = isLostForGood = false;
      await response.body?.cancel();
      write({ kind: "lost", ...arrived });
      throw new TypeError("The response was lost");
    }
    const fresh = received !== undefined && keep(received);
    const text = status >= 400 ? { text: await refusalOf(response) } : {};
    write({ kind: "answered", fresh, ...arrived, ...text });
    return response;
  }

  return {
    fetch: recorded,
    held: () => held,
    replacedBy() {
      const newest = session === undefined ? undefined : book.newest(session);
      return newest === held ? undefined : newest;
    },
    windowLeft: () => Math.max(0, (windows.get(session ?? "") ?? 0) - Date.now()),
    loseNext: ({ forGood } = { forGood: false }) => {
      losses += 1;
      isLostForGood = forGood;
    },
    setOnline: (online) => {
      isOnline = online;
    },
    note: (text) =>
      traffic.record({
        actor,
        at: Date.now(),
        session,
        kind: "note",
        method: "",
        path: "",
        token: undefined,
        text,
      }),
    find(headers) {
      const found = tokenIn(new Headers(headers));
      if (!found) return;
      session = found.session;
      held = found.token;
    },
    forget: () => {
      ended = session;
      held = session = undefined;
      expiry = 0;
    },
  };
}

const reasons: Readonly<Record<string, string>> = {
  unauthenticated: "not signed in for this route",
  invalid_token: "the token is not valid",
  expired: "the session has expired",
  late: "replaced, and its window is over",
  reused: "replaced long ago",
  ahead: "this token does not exist yet",
  forged: "never issued by this server",
};

/** Why the server refused, in a few words. */
async function refusalOf(response: Response): Promise<string> {
  const body = (await response
    .clone()
    .json()
    .catch(() => undefined)) as { readonly code?: string } | undefined;
  const code = body?.code ?? "refused";
  return reasons[code] ?? code.replaceAll("_", " ");
}

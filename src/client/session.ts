import type { Credentials } from "./credentials.js";
import type { ClientEvents, Emitter, Whence } from "./events.js";
import type { Globals } from "./globals.js";
import { type DeviceHeader, decodeEntry, type Entry, encodeEntry } from "./record.js";
import type { AuthState, ClientAccount, SignedOutReason } from "./state.js";
import { isPromise, type Vault } from "./storage.js";

/** A request's place: which session it belongs to, and when it left. */
export interface Mark {
  /** Rises with each request. */
  readonly order: number;
  readonly epoch: number;
  readonly held: Credentials | undefined;
}

/**
 * The session of one client: what it holds, what the storage says, what `state` shows. It sends nothing. No lock: what is stored is
 * compared and written in one turn, and what two tabs write at once is put right by whichever of them holds the newer.
 */
export interface Session {
  readonly state: AuthState;
  readonly ready: Promise<void>;
  /** Whether the storage has been read. */
  readonly isKnown: boolean;
  /** By which the server knows this device. What is put into it is stored with whatever is stored next. */
  readonly device: DeviceHeader;
  /** Milliseconds since the token came; infinite for one that another tab or another day stored. */
  age(): number;
  /** Reads the storage. `true`: also one that is not shared with anybody who could have changed it. */
  look(force?: boolean): void | Promise<void>;
  mark(): Mark;
  /** Begins a session, unless somebody signed in or out since the request left. */
  begin(mark: Mark, credentials: Credentials, account?: ClientAccount, remember?: boolean): boolean;
  /** Keeps the token of a response if it is a newer one of this session. Returns whether it is one of this session at all. */
  keep(mark: Mark, credentials: Credentials): boolean;
  /** Shows an account as the server just told it. */
  show(mark: Mark, account: ClientAccount): void;
  setStale(stale: boolean): void;
  /** Ends the session; with a mark only if that is still the session and the token. */
  end(reason: SignedOutReason, mark?: Mark): boolean;
}

type SignedIn = Extract<AuthState, { status: "signed-in" }>;
type TimedAccount = ClientAccount & { readonly created_at?: unknown; readonly updated_at?: unknown };

const none: Entry = { epoch: 0, remember: true };

export function createSession(
  vault: Vault,
  model: string,
  emitter: Emitter<ClientAccount>,
  globals: Globals,
  tell: () => void,
): Session {
  let state: AuthState = Object.freeze({ status: "loading", account: null });
  let entry = none;
  /** What the storage held when it was last read or written. */
  let stored: string | null = null;
  let isKnown = false;
  let isAsync = false;
  let isStale = false;
  /** The session was found, and not begun here: no reason to say that somebody signed in. */
  let isRestored = false;
  /** What is stored belongs to a later version, which this one must not overwrite. */
  let isFrozen = false;
  /** The entry could not be written: the memory is all there is. */
  let isUnsaved = false;
  const device: DeviceHeader = {};
  let order = 0;
  /** When the epoch began, and when the request left that brought the token. */
  let begun = 0;
  let asked = 0;
  let since = Number.NEGATIVE_INFINITY;
  let writes = 0;
  let writing: Promise<unknown> = Promise.resolve();
  const ready = new Promise<void>((resolve) => void emitter.on("state", () => resolve()));
  const now = (): number => (globals.performance ?? globals.Date).now();
  const nextEpoch = (): number => Math.max(entry.epoch + 1, globals.Date.now());

  function write(next: Entry): void {
    const text = encodeEntry({ ...next, device });
    if (isFrozen || text === stored) return;
    stored = text;
    writes++;
    const put = (): unknown => vault.write(text, next.remember);
    const done = (): void => {
      isUnsaved = false;
      tell();
    };
    try {
      // One write after the other, or an old one might be the last.
      const result = isAsync ? writing.then(put) : put();
      if (isPromise(result)) writing = result.then(done, failed);
      else done();
    } catch (error) {
      failed(error);
    }
  }

  function failed(cause: unknown): void {
    stored = null;
    clear();
    // Later, because a listener may call whatever it likes.
    if (!isUnsaved) void Promise.resolve().then(() => emitter.emit("storage-failed", { cause }));
    isUnsaved = true;
  }

  // A token on disk that is no longer the newest is worse than none.
  function clear(): void {
    new Promise((resolve) => resolve(vault.remove())).catch(() => {});
  }

  /** Makes another entry the one that counts, then says what changed. */
  function become(next: Entry, from: Whence, reason?: SignedOutReason): void {
    const isSame = next.held?.client === entry.held?.client;
    // An entry that is too long has no account in it; it is still the one that is shown.
    entry = { ...next, account: next.account ?? (isSame ? entry.account : undefined) };
    if (from === "here") write(entry);
    settle(from, reason);
  }

  function settle(from: Whence, reason?: SignedOutReason): void {
    isKnown = true;
    const { held, account } = entry;
    const former = (state as { reason?: SignedOutReason }).reason;
    if (account) turn({ status: "signed-in", account, model, stale: isStale }, from);
    // Whose session it is has to be asked first. What was shown of somebody else must not stay meanwhile.
    else if (!held || state.account)
      turn({ status: "signed-out", account: null, reason: held ? "elsewhere" : (reason ?? former) }, from);
  }

  function turn(next: AuthState, from: Whence): void {
    const former = state;
    if (JSON.stringify(next) === JSON.stringify(former)) return;
    state = Object.freeze(next);
    const was = former.account;
    const is = next.account;
    const event = { ...next, from, former: was?.id ?? null, id: is?.id ?? null };
    const isOther = event.former !== event.id;
    // A listener may go on from there: what no longer holds is not said.
    const emit = (name: keyof ClientEvents, when: unknown): void => {
      if (when && state === next) emitter.emit(name, event as never);
    };
    emit("account-changed", isOther && former.status !== "loading");
    emit("state", true);
    emit("signed-in", is && isOther && !(former.status === "loading" && isRestored));
    emit("signed-out", was && !is);
    if (!was || !is || isOther) return;
    emit("account-updated", JSON.stringify(was) !== JSON.stringify(is));
    const isOld = (next as SignedIn).stale;
    emit(isOld ? "offline" : "online", isOld !== (former as SignedIn).stale);
  }

  /** What the storage says now. */
  function take(text: string | null | undefined): void {
    const read = text ?? null;
    if (isKnown && (read === stored || (isUnsaved && read === null))) return;
    isRestored ||= !isKnown;
    const got = read === null ? none : decodeEntry(read);
    isFrozen = got === "newer";
    if (!got) clear();
    const next = typeof got === "object" ? got : none;
    stored = got ? read : null;
    Object.assign(device, next.device);
    // Another tab wrote over ours without having heard of it. Once: what is written now is what it reads then.
    if (next !== none && isNewer(entry, next)) {
      write(entry);
      return;
    }
    if (next.epoch !== entry.epoch) begun = ++order;
    asked = ++order;
    since = Number.NEGATIVE_INFINITY;
    const reason = read === null ? "storage-cleared" : "elsewhere";
    become(next, "elsewhere", entry.held && reason);
  }

  function look(force?: boolean): void | Promise<void> {
    if (isKnown && isAsync && !force) return;
    try {
      const text = vault.read();
      if (!isPromise(text)) return take(text);
      isAsync = true;
      const before = writes;
      // What was written meanwhile is newer than what was read. A read that fails (a locked phone) says nothing at all.
      return text.then((value) => (writes === before ? take(value) : undefined)).catch(() => {});
    } catch {}
  }

  return {
    get state() {
      return state;
    },
    ready,
    device,
    get isKnown() {
      return isKnown;
    },
    age: () => now() - since,
    look,
    mark: () => ({ order: ++order, epoch: entry.epoch, held: entry.held }),
    begin(mark, credentials, account, remember = entry.remember) {
      look();
      if (mark.order < begun) return false;
      // What is kept only for now must leave nobody else signed in on the disk.
      if (!remember && entry.held) write({ epoch: entry.epoch, remember: true });
      begun = asked = mark.order;
      since = now();
      isRestored = false;
      become({ epoch: nextEpoch(), remember, held: credentials, account }, "here");
      return true;
    },
    keep(mark, credentials) {
      look();
      const current = entry.held;
      if (!current || mark.epoch !== entry.epoch || credentials.client !== current.client) return false;
      const { token, expiry } = credentials;
      if (expiry < current.expiry) return true;
      if (token !== current.token) {
        if (expiry === current.expiry && mark.order < asked) return true;
        since = now();
      }
      asked = Math.max(asked, mark.order);
      entry = { ...entry, held: credentials };
      write(entry);
      return true;
    },
    show(mark, account) {
      const { created_at: _created, updated_at: _updated, ...rest } = account as TimedAccount;
      if (mark.epoch === entry.epoch && entry.held) become({ ...entry, account: rest }, "here");
    },
    setStale(stale) {
      isStale = stale;
      if (isKnown) settle("here");
    },
    end(reason, mark) {
      look();
      const held = entry.held;
      if (!held || (mark && mark.held?.token !== held.token)) return false;
      begun = ++order;
      become({ epoch: nextEpoch(), remember: entry.remember }, "here", reason);
      return true;
    },
  };
}

/** Whether the first of two is certainly the later one. Where that is open, the storage is right. */
function isNewer(mine: Entry, theirs: Entry): unknown {
  if (mine.epoch !== theirs.epoch) return mine.epoch > theirs.epoch;
  const one = mine.held;
  const other = theirs.held;
  return one && one.client === other?.client && one.expiry > other.expiry;
}

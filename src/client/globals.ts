/**
 * What the client uses of the place it runs in: a browser, React Native, Node, or a test's own. Every part may be missing or half there,
 * so each is looked at as a function and never taken from the name of the place. Written out here, so that neither an app nor this
 * repository needs the types of a browser.
 */
export interface Globals {
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  setTimeout(run: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
  readonly Date: { now(): number };
  readonly performance?: { now(): number } | undefined;
  readonly localStorage?: WebStorage | undefined;
  readonly sessionStorage?: WebStorage | undefined;
  readonly document?: PageDocument | undefined;
  readonly location?: { readonly href: string } | undefined;
  readonly history?:
    | { readonly state: unknown; replaceState(state: unknown, title: "", url: string): void }
    | undefined;
  readonly navigator?: { readonly product?: string } | undefined;
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> } | undefined;
  readonly BroadcastChannel?: (new (name: string) => Channel) | undefined;
  addEventListener?: Listen | undefined;
  removeEventListener?: Listen | undefined;
}

/** The part of Web Storage that is used. */
export interface WebStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export interface PageDocument {
  cookie?: string;
  readonly visibilityState?: string;
  addEventListener?: Listen | undefined;
  removeEventListener?: Listen | undefined;
}

export interface Channel {
  onmessage: ((event: unknown) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

export type Listen = (name: string, listener: (event: PageEvent) => void) => void;

/** What is read of the events of a page. */
export interface PageEvent {
  readonly type: string;
}

/** Runs a function later, without keeping a script in Node from ending. */
export function later(globals: Globals, milliseconds: number, run: () => void): unknown {
  const timer = globals.setTimeout(run, milliseconds);
  (timer as { unref?(): void } | undefined)?.unref?.();
  return timer;
}

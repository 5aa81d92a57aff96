import { setImmediate as authentication } from "node:timers/promises";
import type { GroupsConfig, ModelsConfig } from "../accounts/models.js";
import { type Auth, createAuth } from "../auth.js";
import type { AuthConfig } from "../config/config.js";
import { parseDuration } from "../config/duration.js";
import { sqlite } from "../database/sqlite/sqlite.js";
import type { AuthEvent } from "../events.js";
import { internals } from "../internals.js";
import { createOutbox, type Outbox } from "../mail/outbox.js";

/** A clock that stands still until it is moved. */
export interface TestClock {
  /** Unix milliseconds. */
  now: number;
  /** Moves it: `"3s"`, `"2w"`, or milliseconds. */
  forward(duration: string | number): void;
}

export interface TestRequest {
  /** Sent as JSON. */
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An Auth with real parts that a test can look into: SQLite in memory, a fixed clock, an outbox, the events. */
export interface TestAuth<M extends ModelsConfig, G extends GroupsConfig<M>> {
  readonly auth: Auth<M, G>;
  readonly clock: TestClock;
  readonly outbox: Outbox;
  /** Everything that was reported, in order. */
  readonly events: readonly AuthEvent[];
  /** Sends a request to one of the auth routes: `request("POST /auth/sign_in", { body })`. */
  request(route: string, options?: TestRequest): Promise<Response>;
  /** The first link of the latest mail to an address. Throws an Error if there is none. */
  linkTo(address: string): string;
  /** Lets work that goes on behind responses, such as notices, be done. */
  settled(): Promise<void>;
}

/** What `testAuth` uses where a test names no models of its own. */
const usualModels = {
  user: { mountAt: "/auth", fields: { name: { type: "string", writable: true } } },
  admin: { mountAt: "/admin_auth", confirmable: false },
} as const satisfies ModelsConfig;

/**
 * Makes an Auth for a test. `settings` take the place of single settings; without models of its own it has `user` (confirmable, with
 * a `name`) and `admin` (not confirmable). Call `auth.close()` at the end.
 *
 * @example
 * const { auth, clock, request } = await testAuth({ lostResponses: "recover" });
 * await request("POST /admin_auth", { body: { email: "ada@example.com", password: "a long passphrase" } });
 * clock.forward("6s"); // the next response carries a new token
 */
export async function testAuth<
  const M extends ModelsConfig = typeof usualModels,
  const G extends GroupsConfig<M> = Record<never, never>,
>(settings: Partial<AuthConfig<M, G>> = {}): Promise<TestAuth<M, G>> {
  const clock: TestClock = {
    now: Date.UTC(2026, 0, 1),
    forward(duration) {
      const milliseconds = parseDuration(duration);
      if (milliseconds === undefined) throw new TypeError(`"${duration}" is not a duration, such as "3s"`);
      clock.now += milliseconds;
    },
  };
  const outbox = createOutbox();
  const events: AuthEvent[] = [];
  const config = {
    baseUrl: "http://localhost:3000",
    environment: "test",
    database: sqlite(":memory:"),
    models: usualModels,
    mail: { from: "Test <test@example.com>", send: outbox.sendMail },
    now: () => clock.now,
    onEvent: (event: AuthEvent) => events.push(event),
    ...settings,
  };
  const auth = createAuth(config as unknown as AuthConfig<M, G>);
  await auth.ready();
  return {
    auth,
    clock,
    outbox,
    events,
    async request(route, { body, headers = {} } = {}) {
      const [method = "GET", path = "/"] = route.split(" ");
      const json = body === undefined ? {} : { body: JSON.stringify(body) };
      const type: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
      const url = new URL(path, auth[internals].settings.baseUrl);
      return auth.handle(new Request(url, { method, headers: { ...type, ...headers }, ...json }));
    },
    linkTo(address) {
      const [mail] = outbox.messages({ to: address });
      const link = /https?:\S+/.exec(mail?.text ?? "")?.[0];
      if (link === undefined) throw new Error(`There is no mail to ${address} with a link`);
      return link;
    },
    async settled() {
      // Notices are rendered and handed to the outbox without waiting for anything outside.
      for (let i = 0; i < 10; i++) await authentication();
    },
  };
}

/** The credentials that a response carried, as request headers; the newest of two by their expiry if `held` is given. */
export function credentialsOf(answer: Response, held?: Record<string, string>): Record<string, string> {
  const names = ["access-token", "token-type", "client", "expiry", "uid"];
  const got = Object.fromEntries(names.map((name) => [name, answer.headers.get(name)?.trim() ?? ""]));
  const isComplete = names.every((name) => got[name] !== "");
  if (!isComplete) return held ?? {};
  return held && Number(held["expiry"]) > Number(got["expiry"]) ? held : got;
}

/**
 * A server of its own for tests with several processes: says that it is loaded, opens its database when it is told to, and answers
 * what it is asked over the IPC channel until it is killed. Started with the database's URL and the settings as JSON.
 */
import { once } from "node:events";
import { createRegistry } from "../core/models.js";
import { type Credentials, createSessions, type SessionSettings } from "../core/sessions.js";
import { createTokenMint, type TokenMint } from "../core/token.js";
import { databaseFromUrl } from "../store/url.js";

export type Task =
  | { readonly id: number; readonly admit: readonly Credentials[] }
  | { readonly id: number; readonly end: { readonly accountId: string; readonly client: string } };

export interface Report {
  readonly id: number;
  /** The token of each answer; `null`: refused. */
  readonly tokens?: readonly (string | null)[];
  readonly ended?: boolean;
  readonly failure?: string;
}

/** What a process says before it is asked anything: first that it is loaded, then what it found. */
export type Loaded = "loaded";
export interface Ready {
  readonly key: string;
}

const [url = "", settings = "{}"] = process.argv.slice(2);
const { models } = createRegistry({ user: { mountAt: "/auth" }, admin: { mountAt: "/admin_auth" } }, {});
const user = models.filter(({ name }) => name === "user");
process.on("disconnect", () => process.exit());
const database = await databaseFromUrl(url);
process.send?.("loaded" satisfies Loaded);
await once(process, "message");
const store = await database.connect({ models });
await store.migrate("apply");
const key = await store.serverKey();
const mints = new Map<string, TokenMint>(
  models.map(({ name }) => [name, createTokenMint([Buffer.from(key, "base64url")], name)]),
);
const sessions = createSessions({
  store,
  mintOf: ({ name }) => mints.get(name) ?? createTokenMint([], name),
  settings: JSON.parse(settings) as SessionSettings,
  emit: () => {},
  now: Date.now,
});

async function perform(task: Task): Promise<Report> {
  if ("end" in task) {
    const { accountId, client } = task.end;
    const ended = await Promise.all(user.map((model) => store.sessions.end(model, accountId, client)));
    return { id: task.id, ended: ended.includes(true) };
  }
  const turns = await Promise.all(
    task.admit.map((credentials) => sessions.admit(user, credentials, { address: null })),
  );
  return { id: task.id, tokens: turns.map((turn) => turn?.token ?? null) };
}

process.on("message", (task: Task) => {
  perform(task).then(
    (report) => process.send?.(report),
    (error: unknown) => process.send?.({ id: task.id, failure: String(error) } satisfies Report),
  );
});
process.send?.({ key } satisfies Ready);

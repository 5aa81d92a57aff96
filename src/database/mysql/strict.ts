import { MigrationRefused } from "../schema/ddl.js";

/** What a connection says: the text of its only value, or nothing. */
export type Say = (statement: string) => Promise<unknown>;

/**
 * The modes of connections of ours. Without a strict one a server cuts what is too long, and makes 0 of what is no number, and says
 * so only in a warning that nobody reads. Without the others, what an administrator set for other programs has no say.
 */
const modes = "STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION";

/** Makes a new connection of Keyturn's own pool strict, and lets it speak UTC: some local times do not exist. */
export async function makeStrict(say: Say): Promise<void> {
  await say(`set time_zone = '+00:00', sql_mode = '${modes}'`);
}

/**
 * Refuses a connection of the app's own pool on which the server would change values without an error. What the app set for itself
 * stays as it is, because its other statements may need it.
 */
export async function refuseLoose(say: Say): Promise<void> {
  const mode = String(await say("select @@session.sql_mode"));
  const has = (name: string): boolean => mode.split(",").includes(name);
  const changing = ["PAD_CHAR_TO_FULL_LENGTH", "EMPTY_STRING_IS_NULL"].filter(has);
  if ((has("STRICT_ALL_TABLES") || has("STRICT_TRANS_TABLES")) && changing.length === 0) return;
  const wrong =
    changing.length > 0
      ? `has ${changing.join(" and ")} in its sql_mode, with which it reads or writes other values than it was given`
      : "is not strict: the server would cut values that are too long, passwords' hashes among them";
  throw new MigrationRefused(
    `A connection of the pool that mysql() was given ${wrong}. Set it for each connection: ` +
      `pool.on("connection", (connection) => connection.query("set session sql_mode = '${modes}'")), or give mysql() the URL.`,
  );
}

/** Lets every statement of a connection wait until its node has applied what the others have committed (Galera). */
export async function readCausally(say: Say): Promise<void> {
  try {
    await say("set session wsrep_sync_wait = 1");
  } catch (error) {
    if (!(error instanceof Error && "errno" in error && error.errno === unknownVariable)) throw error;
    throw new MigrationRefused(
      "mysql() was given causalReads, and this server does not know wsrep_sync_wait: it belongs to no Galera cluster. Leave the option out.",
      { cause: error },
    );
  }
}

/** ER_UNKNOWN_SYSTEM_VARIABLE. */
const unknownVariable = 1193;

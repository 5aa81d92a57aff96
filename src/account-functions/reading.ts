import { normaliseEmail } from "../accounts/email-address.js";
import type { AccountOf, Model, ModelsConfig, NamedAccount } from "../accounts/models.js";
import type { AccountRecord } from "../database/account-port.js";
import { type AccountName, findNamed } from "../features/account-names.js";
import type { AccountState, Accounts } from "./accounts.js";
import { checkText, needObject } from "./arguments.js";
import { type AccountRef, findAccount, idOf, type OpenRuntime, openModel } from "./find.js";

type Reading<M extends ModelsConfig> = Pick<
  Accounts<M>,
  "find" | "findByEmail" | "state" | "list" | "listSessions" | "listKnownDevices"
>;

const mostOfAPage = 1000;
/** Databases fail over a very long pattern, and no text field that is worth a search is longer. */
const longestSearch = 255;

/** The functions that change nothing. */
export function createReading<M extends ModelsConfig>(open: OpenRuntime): Reading<M> {
  return {
    async find<Name extends keyof M & string>(
      name: Name,
      account: number | bigint | string | NamedAccount<M[Name]>,
    ) {
      const { services, model } = await openModel(open, name);
      const isNamed = typeof account === "object" && account !== null && !("id" in account);
      const found = isNamed
        ? (await findNamed(services, model, nameIn(model, account)))?.account
        : await findAccount(services, model, account as AccountRef);
      return found as AccountOf<M[Name]> | undefined;
    },
    async findByEmail<Name extends keyof M & string>(name: Name, email: string) {
      const { services, model } = await openModel(open, name);
      const read = normaliseEmail(email);
      const record = read.ok ? await services.store.accounts.findByEmail(model, read.email) : undefined;
      return record?.account as AccountOf<M[Name]> | undefined;
    },
    async state(name, ref) {
      const { services, model } = await openModel(open, name);
      const record = await services.store.accounts.find(model, idOf(ref));
      return record && stateOf(record);
    },
    async list(name, query = {}) {
      const { services, model } = await openModel(open, name);
      needObject("query", query);
      const { search = "", limit = 50, after } = query;
      checkText("search", search, longestSearch);
      if (!Number.isInteger(limit) || limit < 1 || limit > mostOfAPage)
        throw new TypeError(`"limit" must be a whole number from 1 to ${mostOfAPage}`);
      const text = search.trim();
      // No text of a database has a zero byte, and PostgreSQL fails over one.
      if (text.includes("\0")) return { accounts: [], total: 0, next: undefined };
      const { records, total, isLast } = await services.store.accounts.list(model, {
        search: text === "" ? null : text,
        after: after === undefined ? null : idOf(after),
        limit,
      });
      return {
        accounts: records.map((record) => ({
          account: record.account as AccountOf<M[typeof name]>,
          ...stateOf(record),
        })),
        total,
        next: isLast ? undefined : records.at(-1)?.account.id,
      };
    },
    async listSessions(name, ref) {
      const { services, model } = await openModel(open, name);
      const account = await findAccount(services, model, ref);
      return account ? services.store.sessions.list(model, String(account.id)) : [];
    },
    async listKnownDevices(name, ref) {
      const { services, model } = await openModel(open, name);
      const account = await findAccount(services, model, ref);
      return account ? services.store.devices.list(model, String(account.id)) : [];
    },
  };
}

/** Throws a TypeError for what names an account of the model by none of its keys, or by several. */
function nameIn(model: Model, given: object): AccountName {
  const entries = Object.entries(given);
  const [[name, text] = [], ...others] = entries;
  const key = model.authenticationKeys.find((one) => one.name === name);
  if (key === undefined || others.length > 0)
    throw new TypeError(
      `An account of models.${model.name} is named by its id, or by one of: ${model.authenticationKeys.map((one) => one.name).join(", ")}`,
    );
  if (typeof text !== "string") throw new TypeError(`"${name}" must be a text`);
  return { kind: key.kind, key, text };
}

function stateOf({ confirmedAt, lockedAt, disabledAt }: AccountRecord): AccountState {
  const moment = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
  return {
    confirmedAt: moment(confirmedAt),
    lockedAt: moment(lockedAt),
    disabledAt: moment(disabledAt),
  };
}

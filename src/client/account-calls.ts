import type { SessionJson } from "../protocol.js";
import { credentialHeaders, readCredentials } from "./credentials.js";
import { KeyturnError } from "./errors.js";
import type { Parts } from "./parts.js";
import { patienceOfCalls, type Requests } from "./requests.js";
import type { Mark } from "./session.js";
import type { CallOptions, Client, ClientAccount } from "./types.js";

/** The part of the client that is one request each. */
export type AccountCalls = Pick<
  Client,
  | "register"
  | "resendConfirmation"
  | "signIn"
  | "signOut"
  | "requestPasswordReset"
  | "resetPassword"
  | "changePassword"
  | "updateAccount"
  | "deleteAccount"
  | "sessions"
  | "endSession"
  | "endOtherSessions"
>;

/** What the calls know of the page. */
export interface PageKnowledge {
  readonly redirectUrl: string | undefined;
  /** The token of a reset link that the address brought. */
  resetToken?: string | undefined;
}

/** A response whose body has been read. `account`: its `data`. */
interface Reply {
  readonly response: Response;
  readonly account: ClientAccount;
}

type Fields = Readonly<Record<string, unknown>>;

/** How long a sign-out waits for the server, in milliseconds. */
const farewell = 5000;

export function createAccountCalls(parts: Parts, requests: Requests, page: PageKnowledge): AccountCalls {
  const { session, names, options } = parts;

  const requestOf = (method: string, path: string, fields?: Fields, init?: RequestInit): Request => {
    const json = fields && { body: JSON.stringify(fields), headers: { "content-type": "application/json" } };
    return new Request(parts.authUrl + path, { method, ...json, ...init });
  };

  /** Sends without the token, for routes that are open to anybody. */
  const openCall = async (method: string, path: string, fields: Fields, call?: CallOptions): Promise<Reply> =>
    read(await requests.plain(requestOf(method, path, fields, signalOf(call)), patienceOfCalls));

  const call = async (method: string, path: string, fields?: Fields, options?: CallOptions): Promise<Reply> => {
    await session.look();
    if (session.isKnown && !session.mark().held) throw new KeyturnError("signed_out");
    const request = requestOf(method, path, fields, signalOf(options));
    return read(await requests.send(request, {}, patienceOfCalls));
  };

  /** The fields of an object or a form, by the wire's names, and what a form need not ask for. Each route takes what it knows. */
  const fieldsOf = (input: object): Fields => {
    const fields = ("entries" in input ? Object.fromEntries(input as FormData) : input) as Fields;
    const links = { redirect_url: page.redirectUrl, confirm_success_url: page.redirectUrl };
    return {
      config_name: options.config,
      password_confirmation: fields["password"],
      ...(fields["email"] ? links : {}),
      ...fields,
    };
  };

  /** Begins a session with what a response brought. Throws `signed_out` if somebody signed in or out meanwhile. */
  const begin = (mark: Mark, { response, account }: Reply, remember?: boolean): boolean => {
    const received = readCredentials(response.headers, names);
    if (received && !session.begin(mark, received, account, remember)) throw new KeyturnError("signed_out");
    return received !== undefined;
  };

  const markOnPage = (): Mark => {
    if (parts.isSessionless) throw new KeyturnError("no_session_on_server");
    return session.mark();
  };

  const change = async (path: string, fields: Fields, options?: CallOptions): Promise<ClientAccount> => {
    const mark = session.mark();
    const reply = await call("PUT", path, fields, options);
    // A new password brings a token that does not follow from the one before: what is under way with that is worth nothing.
    if (fields["password"] === undefined) session.show(mark, reply.account);
    else begin(mark, reply);
    return reply.account;
  };

  const revoke = async (path: string, mark: Mark): Promise<boolean> => {
    const headers = credentialHeaders(mark.held, names);
    const request = requestOf("DELETE", path, undefined, { headers, keepalive: true });
    return requests.plain(request, farewell).then(
      ({ ok }) => ok,
      () => false,
    );
  };

  return {
    async register(input, options) {
      const mark = markOnPage();
      const reply = await openCall("POST", "/", fieldsOf(input), options);
      const signedIn = begin(mark, reply);
      parts.emitter.emit("registered", reply);
      return { account: reply.account, signedIn };
    },
    async resendConfirmation(input, options) {
      await openCall("POST", "/confirmation", fieldsOf(input), options);
    },
    async signIn(input, options = {}) {
      const mark = markOnPage();
      const reply = await openCall("POST", "/sign_in", fieldsOf(input), options);
      if (!begin(mark, reply, options.remember ?? true))
        throw new KeyturnError("unexpected_response", { status: reply.response.status });
      return reply.account;
    },
    async signOut({ scope } = {}) {
      if (scope === "others")
        return call("DELETE", "/sessions").then(
          () => ({ revoked: true }),
          () => ({ revoked: false }),
        );
      await session.look();
      const mark = session.mark();
      // Here and in the other tabs first: nothing that the network does may keep somebody signed in.
      if (!session.end("signed-out")) return { revoked: true };
      const others = scope !== "all" || (await revoke("/sessions", mark));
      return { revoked: (await revoke("/sign_out", mark)) && others };
    },
    async requestPasswordReset(input, options) {
      await openCall("POST", "/password", fieldsOf(input), options);
    },
    async resetPassword(input, options) {
      const mark = markOnPage();
      const fields = { reset_password_token: page.resetToken, ...fieldsOf(input) };
      const reply = await openCall("PUT", "/password", fields, options);
      begin(mark, reply);
      return reply.account;
    },
    changePassword: (input, options) => change("/password", fieldsOf(input), options),
    updateAccount: (input, options) => change("/", fieldsOf(input), options),
    async deleteAccount(options) {
      await call("DELETE", "/", undefined, options);
      session.end("signed-out");
    },
    async sessions(options) {
      return (await call("GET", "/sessions", undefined, options)).account as unknown as readonly SessionJson[];
    },
    async endSession(id, options) {
      const isOwn = session.mark().held?.client === id;
      await call("DELETE", `/sessions/${encodeURIComponent(id)}`, undefined, options);
      if (isOwn) session.end("signed-out");
    },
    async endOtherSessions(options) {
      const { account } = await call("DELETE", "/sessions", undefined, options);
      return (account as unknown as { readonly ended: number }).ended;
    },
  };
}

function signalOf({ signal }: CallOptions = {}): RequestInit {
  return signal ? { signal } : {};
}

/** Reads a body once, as text, because it may be a proxy's page. Throws the error that it says. */
async function read(response: Response): Promise<Reply> {
  const { status, ok } = response;
  const text = await response.text().catch(() => "");
  let body: { readonly data?: unknown; readonly code?: string; readonly codes?: Record<string, string[]> } | undefined;
  try {
    body = JSON.parse(text);
  } catch {}
  if (!ok || typeof body !== "object" || body === null)
    throw new KeyturnError(body?.code ?? "unexpected_response", { status, codes: body?.codes });
  return { response, account: body.data as ClientAccount };
}

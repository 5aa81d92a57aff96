import { deviceMarkHeader, type SessionJson } from "../protocol.js";
import { credentialHeaders, readCredentials } from "./credentials.js";
import { KeyturnError } from "./errors.js";
import type { Parts } from "./parts.js";
import { type Body, bodyOf, patienceOfCalls, type Requests } from "./requests.js";
import type { Mark } from "./session.js";
import type { ClientAccount } from "./state.js";
import type { CallOptions, Client } from "./types.js";

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
export interface Reply {
  readonly response: Response;
  readonly account: ClientAccount;
}

type Fields = Readonly<Record<string, unknown>>;

/** How long a sign-out waits for the server, in milliseconds. */
const farewell = 5000;

export function createAccountCalls(parts: Parts, requests: Requests, page: PageKnowledge): AccountCalls {
  const { session, names, options } = parts;

  /** One request to an auth route. `isOpen`: for routes that are open to anybody, and without the token. */
  const call = async (
    method: string,
    path: string,
    { signal }: CallOptions = {},
    fields?: Fields,
    isOpen?: boolean,
  ): Promise<Reply> => {
    await session.look();
    if (!isOpen && session.isKnown && !session.mark().held) throw new KeyturnError("signed_out");
    const json = fields && {
      body: JSON.stringify(fields),
      headers: { "content-type": "application/json", ...session.device },
    };
    const init = { method, ...json, ...(signal && { signal }) };
    return read(await requests.send(parts.authUrl + path, init, patienceOfCalls, isOpen));
  };

  /** The fields of an object or a form, by the wire's names, and what a form need not ask for. Each route takes what it knows. */
  const fieldsOf = (input: object): Fields => {
    const fields = ("entries" in input ? Object.fromEntries(input as FormData) : input) as Fields;
    return {
      config_name: options.config,
      password_confirmation: fields["password"],
      ...(fields["email"] ? { redirect_url: page.redirectUrl, confirm_success_url: page.redirectUrl } : {}),
      ...fields,
    };
  };

  /** Begins a session with what a response brought. Throws `signed_out` if somebody signed in or out meanwhile. */
  const begin = (mark: Mark, { response, account }: Reply, remember?: boolean): boolean => {
    const received = readCredentials(response.headers, names);
    const device = response.headers.get(deviceMarkHeader);
    if (device) session.device[deviceMarkHeader] = device;
    if (received && !session.begin(mark, received, account, remember)) throw new KeyturnError("signed_out");
    return !!received;
  };

  const markOnPage = (): Mark => {
    if (parts.isSessionless) throw new KeyturnError("no_session_on_server");
    return session.mark();
  };

  const change = async (path: string, input: object, options?: CallOptions): Promise<ClientAccount> => {
    const mark = session.mark();
    const fields = fieldsOf(input);
    const reply = await call("PUT", path, options, fields);
    // A new password brings a token that does not follow from the one before: what is under way with that is worth nothing.
    if (fields["password"] === undefined) session.show(mark, reply.account);
    else begin(mark, reply);
    return reply.account;
  };

  const isDone = (sent: Promise<unknown>): Promise<boolean> =>
    sent.then(
      () => true,
      () => false,
    );
  const revoke = (path: string, mark: Mark): Promise<boolean> => {
    const headers = credentialHeaders(mark.held, names);
    const init = { method: "DELETE", headers, keepalive: true };
    return isDone(requests.send(parts.authUrl + path, init, farewell, true).then(read));
  };

  return {
    async register(input, options) {
      const mark = markOnPage();
      const reply = await call("POST", "", options, fieldsOf(input), true);
      const signedIn = begin(mark, reply);
      parts.emitter.emit("registered", reply);
      return { account: reply.account, signedIn };
    },
    async resendConfirmation(input, options) {
      await call("POST", "/confirmation", options, fieldsOf(input), true);
    },
    async signIn(input, options) {
      const mark = markOnPage();
      const reply = await call("POST", "/sign_in", options, fieldsOf(input), true);
      if (!begin(mark, reply, options?.remember ?? true)) throw unexpected(reply.response);
      return reply.account;
    },
    async signOut({ scope } = {}) {
      await session.look();
      const mark = session.mark();
      if (scope === "others") return { revoked: await isDone(call("DELETE", "/sessions")) };
      // Here and in the other tabs first: nothing that the network does may keep somebody signed in.
      if (!session.end("signed-out")) return { revoked: true };
      const others = scope !== "all" || (await revoke("/sessions", mark));
      return { revoked: (await revoke("/sign_out", mark)) && others };
    },
    async requestPasswordReset(input, options) {
      await call("POST", "/password", options, fieldsOf(input), true);
    },
    async resetPassword(input, options) {
      const mark = markOnPage();
      const fields = { reset_password_token: page.resetToken, ...fieldsOf(input) };
      const reply = await call("PUT", "/password", options, fields, true);
      begin(mark, reply);
      return reply.account;
    },
    changePassword: (input, options) => change("/password", input, options),
    updateAccount: (input, options) => change("", input, options),
    async deleteAccount(options) {
      await call("DELETE", "", options);
      session.end("signed-out");
    },
    async sessions(options) {
      return (await call("GET", "/sessions", options)).account as unknown as readonly SessionJson[];
    },
    async endSession(id, options) {
      await call("DELETE", `/sessions/${encodeURIComponent(id)}`, options);
      if (session.mark().held?.client === id) session.end("signed-out");
    },
    async endOtherSessions(options) {
      const reply = await call("DELETE", "/sessions", options);
      return (reply.account as unknown as { readonly ended: number }).ended;
    },
  };
}

/** The body of a response. Throws the error that the response says. */
export async function read(response: Response): Promise<Reply> {
  const body = await bodyOf(response);
  if (!response.ok || !body) throw unexpected(response, body);
  return { response, account: body.data as ClientAccount };
}

function unexpected({ status }: Response, body?: Body): KeyturnError {
  return new KeyturnError(body?.code ?? "unexpected_response", { status, codes: body?.codes });
}

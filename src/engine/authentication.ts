import type { Account, Model } from "../accounts/models.js";
import type { Session } from "../database/port.js";
import type { RawToken } from "./token.js";

/** What a client shows to prove who it is. */
export interface Credentials {
  readonly accessToken: string;
  readonly client: string;
  readonly uid: string;
}

/** Who sent a request, and which token its response carries. */
export interface Authentication {
  readonly model: Model;
  readonly account: Account;
  readonly session: Session;
  /** The token for the response; `undefined` in a batch response that carries none (`batchResponses: "omit"`). */
  readonly token: RawToken | undefined;
  /** Unix seconds. */
  readonly expiry: number;
  /** Generation of the token that the request showed. */
  readonly presentedGeneration: number;
  /** Where this response opens a session: the mark by which the client's device is known at later sign-ins. */
  readonly deviceMark?: string;
  /** Whether the device was not known before this response. */
  readonly isNewDevice?: boolean;
}

export interface AuthenticateOptions {
  readonly address: string | null;
  /** The request, for what a report of a refused token says of it. */
  readonly head?: { header(name: string): string | undefined };
  /** Accept a session that may only set the password. Default `false`. */
  readonly limited?: boolean;
  /** The response carries a real token, also in a batch. */
  readonly unbatch?: boolean;
}

import { createClientIn } from "./create-client.js";
import type { AnyServer, ClientOf, ModelName, OptionsFor, UsualModel } from "./model-types.js";

export type { ReadableHeaders } from "./credentials.js";
export {
  type ClientErrorCode,
  isKeyturnError,
  KeyturnError,
  type KeyturnErrorCode,
  type ServerErrorCode,
  type TokenRefusal,
} from "./errors.js";
export type { ClientEvents, Whence } from "./events.js";
export type { AccountOf, AnyServer, ClientOf } from "./model-types.js";
export type { AuthState, ClientAccount, SignedOutReason } from "./state.js";
export type { ClientStorage, StorageName } from "./storage.js";
export type {
  AccountChange,
  Arrival,
  CallOptions,
  Client,
  ClientOptions,
  Input,
  NewPasswordInput,
  Registration,
  RequestClient,
  SignIn,
} from "./types.js";

/**
 * Makes the client of one model. Throws a TypeError for options that cannot work. It reads the storage at once, so with localStorage
 * `state` is known when this returns.
 *
 * @example Typed by the server's models, without loading its code
 * import type { auth } from "../server/auth.js";
 * export const client = createClient<typeof auth>({ apiUrl: "http://localhost:3000" });
 */
export function createClient<S = AnyServer, Name extends ModelName<S> = UsualModel<S>>(
  options: OptionsFor<S, Name>,
): ClientOf<S, Name> {
  return createClientIn(globalThis, options) as unknown as ClientOf<S, Name>;
}

import type { ApiUrl } from "./api-url.js";
import type { CredentialNames } from "./credentials.js";
import type { Emitter } from "./events.js";
import type { Globals } from "./globals.js";
import type { Session } from "./session.js";
import type { ClientAccount } from "./state.js";
import type { ClientOptions } from "./types.js";

/** What the parts of one client share. */
export interface Parts {
  readonly globals: Globals;
  readonly options: ClientOptions;
  readonly api: ApiUrl;
  /** The address of the model's routes. */
  readonly authUrl: string;
  readonly names: CredentialNames;
  /** Sent with every request to the API. */
  readonly headers: Readonly<Record<string, string>>;
  /** The server's window in milliseconds. */
  readonly window: number;
  readonly emitter: Emitter<ClientAccount>;
  readonly session: Session;
  /** On a server, where a client holds no session. */
  readonly isSessionless: boolean | undefined;
  isDisposed?: boolean;
}

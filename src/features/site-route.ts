import type { ActionName } from "../accounts/actions.js";
import type { Model } from "../accounts/models.js";
import type { ResolvedSettings } from "../config/resolve.js";
import type { Language } from "../texts/language.js";
import type { Params, Reply, Steps } from "./call.js";
import type { Caller } from "./caller.js";
import type { Services } from "./services.js";

/** A route that lies beside the models' mount points: which model it is about turns out later. */
export interface SiteRoute {
  readonly methods: readonly string[];
  /** The segments of the path that the route names; `undefined` if this is not its path. */
  match(path: string, settings: ResolvedSettings): Readonly<Record<string, string>> | undefined;
  /** Its path, with names in the place of what differs from request to request. */
  template(settings: ResolvedSettings): string;
  /** The action, as overrides and hooks name it. */
  readonly name: ActionName;
  readonly isFor?: (model: Model) => boolean;
  readonly action: (call: SiteCall) => Promise<Reply | SiteReply>;
}

/** The reply once it is known which model the request is about. */
export interface SiteReply {
  readonly model: Model;
  readonly respond: () => Promise<Reply>;
}

/** One request to such a route. */
export interface SiteCall {
  readonly services: Services;
  readonly steps: Steps;
  readonly models: readonly Model[];
  /** Of the query and, for POST, the body. */
  readonly params: Params;
  readonly path: Readonly<Record<string, string>>;
  readonly caller: Caller;
  /** The language of whoever asks. */
  readonly language: Language;
  readonly method: string;
  /** A header by its name in lower case. */
  header(name: string): string | undefined;
}

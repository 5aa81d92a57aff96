import type { Audience, GroupsConfig, ModelsConfig, SignedIn } from "../accounts/models.js";
import type { Auth } from "../auth.js";
import { internals } from "../internals.js";

/** What a guard has left with a request, wherever the framework keeps such things. */
type Left = { readonly account?: unknown; readonly model?: unknown; readonly client?: unknown };

/**
 * Returns the function that finds who a guard of an audience has let in, and leaves out whom another guard has. An audience that there
 * is not is a mistake at start, not at the first request.
 */
export function signedInFinder<
  M extends ModelsConfig,
  G extends GroupsConfig<M>,
  Name extends Audience<M, G>,
>(auth: Auth<M, G>, audience: Name): (left: Left | undefined) => SignedIn<M, G, Name> | undefined {
  const models = auth[internals].registry.audience(audience).map(({ name }) => name);
  return (left) => {
    const { account, model, client } = left ?? {};
    return models.some((name) => name === model)
      ? ({ account, model, client } as unknown as SignedIn<M, G, Name>)
      : undefined;
  };
}

/** The error of a route that asks who was let in, and has no guard that did. */
export function notLetIn(audience: string): TypeError {
  return new TypeError(`authenticate(auth, "${audience}") did not let this request in`);
}

import type { GroupsConfig, ModelsConfig } from "../accounts/models.js";
import type { Auth } from "../auth.js";
import { doWithoutSecrets } from "../config/secrets.js";

const key = Symbol.for("keyturn.shared-auth");

/**
 * The Auth of this process. Next evaluates a file once for each bundle that has it, and in development again after each change: without
 * this, each time would open the database once more. A change of the configuration counts from the next start of `next dev`.
 * `name`: needed where an app has several.
 *
 * @example
 * export const auth = sharedAuth(() => createAuth({ … }));
 */
export function sharedAuth<M extends ModelsConfig, G extends GroupsConfig<M>>(
  make: () => Auth<M, G>,
  name = "auth",
): Auth<M, G> {
  // `next build` loads route files to look at them. It serves nobody, so the secrets of production need not be there.
  if (process.env["NEXT_PHASE"] === "phase-production-build") doWithoutSecrets();
  const kept: Map<string, Auth<M, G>> = Reflect.get(globalThis, key) ?? new Map();
  Reflect.set(globalThis, key, kept);
  const auth = kept.get(name) ?? make();
  kept.set(name, auth);
  return auth;
}

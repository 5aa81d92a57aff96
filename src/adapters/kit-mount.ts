import { ConfigError } from "../errors.js";
import { internals, type WithInternals } from "../internals.js";
import { withoutQuery } from "./kit-node-request.js";

/**
 * Segments that a URL parser takes out (URL standard, "single-dot" and "double-dot"): a path with them leads elsewhere than it says, past
 * whatever stands in front of a mount point. No client of ours sends them.
 */
const hasDots = /[/\\](?:\.|%2e){1,2}(?:[/\\]|$)|\\/i;

/**
 * The path by which an auth route is asked for, or `undefined` for a path of the app's own. `path`: as the request says, with its
 * query; `prefix`: below which the framework has mounted us, such as `/v1`. Throws a ConfigError if the links in mails could not
 * lead here: they start with `baseUrl`, and it has to end with the prefix.
 */
export function authPathOf(
  auth: WithInternals<"handles" | "settings">,
  path: string,
  prefix = "",
): string | undefined {
  const { handles, settings } = auth[internals];
  const plain = withoutQuery(path);
  if (handles(plain)) return hasDots.test(plain) ? undefined : path;
  if (prefix === "" || !path.startsWith(`${prefix}/`)) return undefined;
  const below = path.slice(prefix.length);
  const route = withoutQuery(below);
  if (!handles(route) || hasDots.test(plain)) return undefined;
  const { baseUrl } = settings;
  // A proxy may have taken the beginning of baseUrl's path away. Routers take no notice of case.
  if (new URL(baseUrl).pathname.toLowerCase().endsWith(prefix.toLowerCase())) return below;
  throw new ConfigError([
    `baseUrl: keyturn(auth) is mounted below "${prefix}", but links in mails would lead to "${baseUrl}${route}" instead of "${baseUrl}${prefix}${route}". Set baseUrl to "${baseUrl}${prefix}", or mount keyturn(auth) at the root and begin mountAt with "${prefix}"`,
  ]);
}

import { hash } from "node:crypto";
import type { Provider } from "./providers/provider.js";

/** The cookie that binds a flow to a browser. Each flow has its own, so that one never takes another's place. */

const prefix = "keyturn-flow-";
const securePrefix = `__Host-${prefix}`;

export function isCookieName(name: string): boolean {
  return name.startsWith(prefix) || name.startsWith(securePrefix);
}

/** The name of a flow's cookie. `callback`: where the provider sends the browser back to. */
export function cookieName(state: string, callback: string): string {
  const start = isSecure(callback) ? securePrefix : prefix;
  return start + hash("sha256", `cookie ${state}`, "base64url").slice(0, 16);
}

/** The `Set-Cookie` that keeps a flow's secret. */
export function flowCookie(
  name: string,
  secret: string,
  { formPost }: Provider,
  callback: string,
  lifespan: number,
): string {
  const seconds = Math.ceil(lifespan / 1000);
  return `${name}=${secret}; Max-Age=${seconds}; ${attributes(formPost === true, isSecure(callback))}`;
}

/** The `Set-Cookie` that takes it away. */
export function clearedFlowCookie(name: string, callback: string): string {
  return `${name}=; Max-Age=0; ${attributes(false, isSecure(callback))}`;
}

// A form that another site's page posts carries no Lax cookie. Chrome sends fresh ones for two minutes, so that quick tests do not show it.
function attributes(isFormPost: boolean, secure: boolean): string {
  return `Path=/; HttpOnly; SameSite=${isFormPost ? "None" : "Lax"}${secure ? "; Secure" : ""}`;
}

function isSecure(callback: string): boolean {
  return callback.startsWith("https:");
}

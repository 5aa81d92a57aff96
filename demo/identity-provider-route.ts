import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import type { Auth } from "keyturn";
import { internals } from "keyturn/adapter-kit";
import { createIdentityProvider } from "./identity-provider.js";

/** What the configuration calls the provider that runs in this process, and below which path of baseUrl it does. */
const name = "demo";
const path = "/idp";

/** The routes of the demo's own OpenID provider, if the configuration names it. */
export function identityProviderRoutes(auth: Auth): Hono<{ Bindings: Partial<HttpBindings> }> | undefined {
  const { baseUrl, fullHost, omniauthPrefix, providers } = auth[internals].settings;
  const provider = providers[name];
  if (!provider || provider.issuer !== baseUrl + path) return undefined;
  const answer = createIdentityProvider({
    issuer: provider.issuer,
    clientId: provider.clientId ?? "",
    clientSecret: provider.clientSecret ?? "",
    redirectUris: [`${fullHost ?? baseUrl}${omniauthPrefix}/${name}/callback`],
  });
  const routes = new Hono<{ Bindings: Partial<HttpBindings> }>();
  routes.all(`${path}/*`, async (context, next) => {
    const { incoming, outgoing } = context.env ?? {};
    // Without a socket, as in some tests, there is no such provider.
    if (!incoming || !outgoing || !("writeHead" in outgoing)) return next();
    await Reflect.apply(answer, undefined, [incoming, outgoing]);
    return RESPONSE_ALREADY_SENT;
  });
  return routes;
}

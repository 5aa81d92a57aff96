import { exportJWK, generateKeyPair } from "jose";
import { IdentityStore } from "./identity-store.js";

/** A real OpenID provider (oidc-provider is certified) that asks for a name and an address, and believes both. */

/**
 * @typedef {object} IdentityProviderOptions
 * @property {string} issuer where it can be reached; its path is taken off each request's.
 * @property {string} clientId
 * @property {string} clientSecret
 * @property {readonly string[]} redirectUris where it sends browsers back to
 */

/**
 * @param {IdentityProviderOptions} options
 * @returns {(req: import("node:http").IncomingMessage, res: import("node:http").ServerResponse) => Promise<void>}
 */
export function createIdentityProvider(options) {
  const { issuer } = options;
  /** @type {Map<string, string>} names by address */
  const people = new Map();
  const prefix = new URL(issuer).pathname.replace(/\/$/, "");
  // Loaded, and its key made, when somebody asks for the first time.
  let opened;
  const open = async () => {
    const { default: Provider } = await import("oidc-provider");
    const provider = new Provider(issuer, await configurationOf(options, prefix, people));
    return { provider, answer: provider.callback() };
  };

  return async (req, res) => {
    opened ??= open();
    const { provider, answer } = await opened;
    const url = req.url ?? "/";
    const below = url.slice(prefix.length) || "/";
    if (below.startsWith("/interaction/")) return interact(provider, people, req, res);
    // As Express does: the library finds out from it where it is mounted.
    Object.assign(req, { originalUrl: url, url: below });
    await answer(req, res);
  };
}

async function configurationOf({ clientId, clientSecret, redirectUris }, prefix, people) {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  return {
    adapter: IdentityStore,
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: "RS256", use: "sig" }] },
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [...redirectUris],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    cookies: { keys: [crypto.randomUUID()] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `${prefix}/interaction/${uid}` },
    pkce: { required: () => true },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      Grant: 600,
      IdToken: 600,
      Interaction: 600,
      Session: 600,
    },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: id, email_verified: true, name: people.get(id) ?? id }),
    }),
    // Whoever signs in here agrees to what the app asks for.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({
        accountId: oidc.session.accountId,
        clientId: oidc.client.clientId,
      });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
  };
}

async function interact(provider, people, req, res) {
  try {
    if (req.method !== "POST") {
      await provider.interactionDetails(req, res);
      return sendPage(res);
    }
    const form = new URLSearchParams(await readText(req));
    const email = (form.get("email") ?? "").trim().toLowerCase();
    if (form.get("answer") === "no" || email === "")
      return await provider.interactionFinished(req, res, { error: "access_denied" });
    people.set(email, form.get("name") || email);
    await provider.interactionFinished(req, res, { login: { accountId: email } });
  } catch {
    res.writeHead(400, { "content-type": "text/plain" }).end("This sign-in has expired. Please start again.");
  }
}

function sendPage(res) {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Demo provider</title>
<style>
  :root { color-scheme: light dark }
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 22rem; margin: 12vh auto; padding: 0 1.5rem }
  label { display: block; margin: 1rem 0 }
  input { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .4rem }
  button { font: inherit; padding: .4rem .8rem; margin-right: .5rem }
</style>
<h1>Demo provider</h1>
<p>This OpenID provider runs in the same process as the demo. It believes whatever you write.</p>
<form method="post">
  <label>Name <input name="name" value="Ada Lovelace"></label>
  <label>E-mail <input name="email" type="email" value="ada@example.com"></label>
  <button name="answer" value="yes">Sign in</button>
  <button name="answer" value="no" formnovalidate>No, thanks</button>
</form>
</html>
`;
  res.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" }).end(html);
}

async function readText(req) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

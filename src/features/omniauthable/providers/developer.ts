import type { Provider } from "./provider.js";
import { textOf } from "./values.js";

/**
 * A provider for development: asks for a name and an address in a form of Keyturn's own, and believes both. Refused in production.
 * The gem's `developer` strategy of OmniAuth.
 */
export function developer(): Provider {
  return {
    label: "Developer",
    clientId: "developer",
    clientSecret: undefined,
    audiences: [],
    nativeRedirectUris: [],
    nativeCodeProof: "nonce",
    issuer: "urn:keyturn:developer",
    acceptedIssuers: [],
    endpoints: undefined,
    profileRequests: [],
    scopes: [],
    clientAuthentication: "none",
    pkce: "left out",
    idToken: "none",
    algorithms: [],
    keepTokens: false,
    developmentOnly: true,
    problems: [],
    profile: ({ callback }) => ({
      subject: textOf(callback["email"])?.trim().toLowerCase() ?? null,
      email: textOf(callback["email"]),
      emailVerified: true,
      name: textOf(callback["name"]),
      nickname: null,
      image: null,
    }),
  };
}

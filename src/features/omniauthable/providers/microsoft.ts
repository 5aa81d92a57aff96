import { fromOptions, type Provider, type ProviderOptions } from "./provider.js";
import { listOf, standardProfile, textOf } from "./values.js";

export interface MicrosoftOptions extends ProviderOptions {
  /** Who may sign in: `"common"`, `"organizations"`, `"consumers"`, or the id of one tenant. Default `"common"`. */
  readonly tenant?: string;
  /** Ids of the only tenants whose people may sign in. Default: whoever `tenant` lets in. */
  readonly tenants?: readonly string[];
}

/** The tenant of all personal accounts. */
const consumers = "9188040d-6c67-4c5b-b112-36a304b66dad";
const tenantId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Sign in with Microsoft: work, school and personal accounts. Keys: https://entra.microsoft.com.
 *
 * Sources: better-auth's and django-allauth's Microsoft providers; openid-client for the issuer of each tenant
 * (nextauthjs/next-auth#13440). Everybody's issuer names their own tenant, so it is compared with the token's `tid`. `sub` differs from
 * one app registration to the next, so the identity is tenant and object (better-auth/better-auth#10204, pond/omniauth-entra-id#34).
 * `email` can be set by any tenant's administrator: it counts as verified only with `xms_edov` (an optional claim that has to be
 * switched on) or in `verified_primary_email`. PKCE works but is not announced (immich-app/immich#18725). The sign-in page cuts a popup
 * off from its opener: docs/oauth.md, "When the popup loses its opener".
 */
export function microsoft(options: MicrosoftOptions = {}): Provider {
  const { tenant = "common", tenants } = options;
  const base = `https://login.microsoftonline.com/${tenant}`;
  const isKnown = ["common", "organizations", "consumers"].includes(tenant) || tenantId.test(tenant);
  const isIn = (tid: string): boolean => {
    if (tenants) return tenants.includes(tid);
    if (tenant === "consumers") return tid === consumers;
    if (tenant === "organizations") return tid !== consumers;
    return tenant === "common" || tid === tenant;
  };
  return {
    ...fromOptions(options, ["openid", "profile", "email"]),
    label: "Microsoft",
    problems: isKnown
      ? []
      : ['tenant must be "common", "organizations", "consumers" or the id of a tenant, in lower case'],
    issuer: "https://login.microsoftonline.com",
    acceptedIssuers: [],
    isIssuer(issuer, claims) {
      const tid = textOf(claims["tid"]);
      if (tid === null || !tenantId.test(tid) || !isIn(tid)) return false;
      return issuer === `https://login.microsoftonline.com/${tid}/v2.0`;
    },
    endpoints: {
      authorization: `${base}/oauth2/v2.0/authorize`,
      token: `${base}/oauth2/v2.0/token`,
      keys: `${base}/discovery/v2.0/keys`,
    },
    profileRequests: [],
    clientAuthentication: "post",
    pkce: "sent",
    idToken: "with nonce",
    algorithms: ["RS256"],
    profile({ claims }) {
      const [tid, oid] = [textOf(claims["tid"]), textOf(claims["oid"])];
      const email = textOf(claims["email"]);
      const edov = claims["xms_edov"];
      const isOwned = edov === true || edov === "true" || edov === 1 || edov === "1";
      return {
        ...standardProfile(claims),
        subject: tid === null || oid === null ? null : `${tid}.${oid}`,
        email,
        emailVerified:
          isOwned || (email !== null && listOf(claims["verified_primary_email"]).includes(email)),
        nickname: null,
        image: null,
      };
    },
  };
}

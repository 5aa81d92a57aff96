import { z } from "zod";
import { areSecretsNeeded } from "../../config/secrets.js";
import { duration, flag, optionalText, setting } from "../../config/setting.js";
import { parseWebUrl } from "../../parse-url.js";
import type { Provider } from "./providers/provider.js";
import { type Providers, providerProblems, withKeys } from "./providers/resolve.js";

const provider = z.custom<Provider>(
  (value) => typeof value === "object" && value !== null && "acceptedIssuers" in value,
  "must be a provider, such as github() from keyturn/providers",
);
const providers = z
  .record(z.string(), provider)
  .default({})
  .transform((given, context) => {
    const resolved = Object.entries(given).map(
      ([name, one]) => [name, withKeys(name, one, process.env, areSecretsNeeded())] as const,
    );
    for (const [name, one] of resolved)
      for (const { path, message } of providerProblems(name, one))
        context.addIssue({ code: "custom", message, path: [...path] });
    return Object.fromEntries(resolved) as Providers;
  });
const prefix = z
  .string()
  .regex(/^(\/[A-Za-z0-9._~-]+)+$/, 'must be a path such as "/omniauth", without a slash at its end')
  .default("/omniauth");
const host = z
  .string()
  .refine(
    (value) => parseWebUrl(value) !== undefined,
    'must be an absolute URL, such as "https://api.example.com"',
  )
  .transform((value) => value.replace(/\/+$/, ""));
const offered = z.union([z.boolean(), z.array(z.string()).min(1, "must name at least one provider")]);

export const omniauthableSettings = {
  /** Who people may sign in with, by the name that the route has: `{ github: github() }`, from `keyturn/providers`. Keys are options, or the variables `GITHUB_KEY` and `GITHUB_SECRET`. Default: none. */
  providers: setting<Providers, Providers>(providers, undefined),
  /** Path below which providers send browsers back: `/omniauth/github/callback`. Default `"/omniauth"`. */
  omniauthPrefix: setting<string, string>(prefix),
  /** Where providers send browsers back to, if that is not `baseUrl`: scheme, host, and a path if there is one. It is never read from a request. Default: `baseUrl`. */
  fullHost: optionalText(host),
  /** Whether every sign-in with a provider ends with a one-time code, which the client exchanges by POST, instead of credentials in an address. Old clients cannot do that. Default `false`. */
  requireOmniauthCode: flag(false),
  /** How long somebody may take at a provider. Default `"10m"`. */
  omniauthTimeout: duration("10m", 1000),
  /** How long one request to a provider may take. Default `"10s"`. */
  providerRequestTimeout: duration("10s", 1),
  /** How long all requests to a provider in one sign-in may take. Default `"25s"`. */
  providerTimeout: duration("25s", 1),
};

export const omniauthableModelSettings = {
  /** Which providers accounts of this model may sign in with: `true` for all, or a list of names. Default `false`. */
  omniauthable: setting<boolean | readonly string[], boolean | readonly string[]>(offered.default(false)),
  /** Whether an account that a provider opens must have an e-mail address. Default `true`. */
  emailRequired: flag(true),
};

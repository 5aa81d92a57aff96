import type { Provider } from "./provider.js";

/** The providers of a configuration, by the names that their routes have. */
export type Providers = Readonly<Record<string, Provider>>;

const providerName = /^[a-z][a-z0-9_]{0,63}$/;

/** A provider whose keys are known. `areNeeded`: whether somebody may sign in with it; otherwise missing ones get a placeholder. */
export function withKeys(
  name: string,
  provider: Provider,
  environment: Readonly<Record<string, string | undefined>>,
  areNeeded = true,
): Provider {
  const prefix = name.toUpperCase();
  const fallback = areNeeded ? undefined : "not needed";
  return {
    ...provider,
    clientId: provider.clientId ?? given(environment[`${prefix}_KEY`]) ?? fallback,
    clientSecret: provider.clientSecret ?? given(environment[`${prefix}_SECRET`]) ?? fallback,
  };
}

/** Something wrong with a provider: where in its options, and a sentence for the operator. */
export interface ProviderProblem {
  readonly path: readonly string[];
  readonly message: string;
}

/** What is wrong with a provider whose keys have been looked for. */
export function providerProblems(name: string, provider: Provider): readonly ProviderProblem[] {
  const prefix = name.toUpperCase();
  const problems: ProviderProblem[] = provider.problems.map((message) => ({ path: [name], message }));
  if (!providerName.test(name))
    problems.push({
      path: [name],
      message: "must be a name such as github, of lower-case letters, digits and underscores",
    });
  if (provider.clientId === undefined)
    problems.push({
      path: [name, "clientId"],
      message: `is missing; write it there, or set the variable ${prefix}_KEY`,
    });
  const needsSecret = provider.clientAuthentication !== "none" && provider.signSecret === undefined;
  const isExplained = provider.problems.length > 0;
  if (needsSecret && !isExplained && provider.clientSecret === undefined)
    problems.push({
      path: [name, "clientSecret"],
      message: `is missing; write it there, or set the variable ${prefix}_SECRET`,
    });
  return problems;
}

/** What two settings together make impossible. `callbackOrigin`: where providers send browsers back to. */
export function providerConflicts(
  name: string,
  provider: Provider,
  context: {
    readonly production: boolean;
    readonly callbackOrigin: string;
    readonly hasServerKeys: boolean;
  },
): readonly string[] {
  const place = `providers.${name}`;
  const problems: string[] = [];
  if (provider.developmentOnly && context.production)
    problems.push(
      `${place}: believes whoever asks, so it is for development and tests only; take it out in production`,
    );
  if (provider.formPost && !context.callbackOrigin.startsWith("https:"))
    problems.push(
      `${place}: ${provider.label} answers by a form that its own page posts, so the cookie of the sign-in has to be SameSite=None and Secure: baseUrl or fullHost must begin with https:`,
    );
  if (provider.nativeCodeProof === "pkce" && provider.pkce === "left out")
    problems.push(`${place}.nativeCodeProof: is "pkce", but PKCE is left out for ${provider.label}`);
  else if (
    provider.nativeRedirectUris.length > 0 &&
    provider.nativeCodeProof === "nonce" &&
    provider.idToken !== "with nonce"
  )
    problems.push(
      `${place}.nativeRedirectUris: ${provider.label} has no ID token that repeats a nonce, so every code of a native app would be refused; nativeCodeProof: "pkce" takes the code_verifier alone, where the provider insists on PKCE`,
    );
  if (provider.keepTokens && !context.hasServerKeys)
    problems.push(
      `${place}.keepTokens: needs serverKeys, because kept tokens are encrypted with a key that the database does not hold`,
    );
  const addresses = provider.endpoints ? Object.values(provider.endpoints) : [provider.issuer];
  if (context.production && addresses.some((address) => address?.startsWith("http:")))
    problems.push(`${place}: its addresses must begin with https: in production`);
  return problems;
}

function given(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === "" ? undefined : value;
}
